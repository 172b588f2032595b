"""Targets with true results and scores of the same models: those of a published table, of the zoo, of our own runs."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audition import rank
from audition.metrics.measure import Metric
from audition.metrics.registry import parse_metrics
from audition.sample import as_sample
from audition.scoring import score_all, with_probabilities
from audition.truth import load_truth, recorded_truth
from benchmarks.quality import DATA

METRICS = (
    "logme", "regularized_h_score", "h_score", "transrate", "gbc", "lfc", "sfda", "parc", "leep", "nce",
    "knn_accuracy", "linear_probe", "number_of_parameters",
)  # fmt: skip
TLLIB, ZOO, TUNED = "published_scores_tllib", "zoo", "finetuned"
CALLED = {"hscore": "h_score"}  # a measure of the published table, as we call it
FAULTS = {("DTD", "nce")}  # its column repeats LogME's: `load_truth(TLLIB).notes`
FEWEST = 10  # networks that are tuned through, for a target of our own runs to count
HEAD = ("source", "target", "task", "model", "accuracy")

Scores = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Pool:
    """accuracy: model -> %. scores: measure -> model -> score; models without one are absent."""

    source: str
    target: str
    task: str
    accuracy: Mapping[str, float]
    scores: Scores = field(default_factory=dict)

    @property
    def data(self) -> str:
        """What the data are called wherever they are used: `cars` of StanfordCars, `flowers` of flowers_20."""
        bare = self.target.lower().removesuffix("_20")
        return {"stanfordcars": "cars", "oxfordiiitpets": "pets"}.get(bare, bare)


def published(*, with_faults: bool = False) -> list[Pool]:
    """The eight of the published table."""
    truth = load_truth(TLLIB)
    return [
        Pool(
            TLLIB,
            target,
            "classification",
            truth[target],
            {
                CALLED.get(name, name): cells[target]
                for name, cells in truth.scores.items()
                if with_faults or (target, name) not in FAULTS
            },
        )
        for target in truth
    ]


def of_zoo() -> Iterator[Pool]:
    """The four that the built-in networks were tuned on."""
    for target, data in DATA.items():
        rows = {row.model: row.scores for row in rank("zoo:*", data, metrics=METRICS)}
        accuracy = {model: 100 * tuned.accuracy for model, tuned in recorded_truth(target).items()}
        yield Pool(ZOO, target, "classification", accuracy, _by_measure(rows))


def of_runs(results: Path, before: Sequence[Pool], fewest: int = FEWEST) -> Iterator[Pool]:
    """Those of `benchmarks.finetuned` on which enough networks are tuned through; scores from the training rows.

    before: pools of which scores are taken where they hold them.
    """
    kept = {(p.target, model): (p.task, _of_model(p, model)) for p in before for model in p.accuracy}
    for part in ("images", "text"):
        for target, accuracy in _truth(results / f"{part}_truth.csv").items():
            if len(accuracy) >= fewest:
                rows = {m: kept.get((target, m)) or _scored(part, target, m) for m in accuracy}
                task = next(iter(rows.values()))[0]
                scores = _by_measure({model: found for model, (_, found) in rows.items()})
                yield Pool(TUNED, target, task, accuracy, scores)


def _truth(file: Path) -> dict[str, dict[str, float]]:
    """target -> network -> result, in %."""
    truth: dict[str, dict[str, float]] = defaultdict(dict)
    with file.open(encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            truth[row["target"]][row["network"]] = 100 * float(row["score"])
    return truth


def _of_model(pool: Pool, model: str) -> dict[str, float | None]:
    return {name: column.get(model) for name, column in pool.scores.items()}


def _scored(part: str, target: str, network: str) -> tuple[str, Mapping[str, float | None]]:
    """The task, and the scores of the rows that the first seed trained on."""
    from benchmarks.finetuned.features import seen
    from benchmarks.finetuned.ledger import Cell
    from benchmarks.finetuned.parts import PARTS

    found = seen(PARTS[part], Cell(target, network))
    rows = found.split(0).train
    sample = as_sample(found.features[rows], found.labels[rows])
    sample = with_probabilities(sample, None if found.source is None else found.source[rows])
    return sample.task, score_all(sample, _suiting(sample.task)).scores


def _suiting(task: str) -> list[Metric]:
    return [metric for metric in parse_metrics(METRICS[:-1]) if task in metric.measure.tasks]


def _by_measure(rows: Mapping[str, Mapping[str, float | None]]) -> Scores:
    names = sorted({name for scores in rows.values() for name in scores})
    columns = {
        name: {model: score for model, scores in rows.items() if (score := scores.get(name)) is not None}
        for name in names
    }
    return {name: column for name, column in columns.items() if column}


def write(pools: Sequence[Pool], file: Path) -> None:
    """A line a target and model, a column a measure."""
    measures = sorted({name for pool in pools for name in pool.scores})
    with file.open("w", encoding="utf-8", newline="") as opened:
        lines = csv.writer(opened, lineterminator="\n")
        lines.writerow([*HEAD, *measures])
        for pool in pools:
            for model, result in pool.accuracy.items():
                scores = [pool.scores.get(name, {}).get(model) for name in measures]
                shown = ["" if score is None else f"{score:.7g}" for score in scores]
                lines.writerow([pool.source, pool.target, pool.task, model, f"{result:.6g}", *shown])


def read(file: Path) -> list[Pool]:
    """What `write` wrote."""
    grouped: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
    with file.open(encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            grouped[row["source"], row["target"], row["task"]].append(row)
    return [_pool(*names, rows) for names, rows in grouped.items()]


def _pool(source: str, target: str, task: str, rows: Sequence[Mapping[str, str]]) -> Pool:
    scores = {
        name: {row["model"]: float(row[name]) for row in rows if row[name]}
        for name in rows[0]
        if name not in HEAD
    }
    accuracy = {row["model"]: float(row["accuracy"]) for row in rows}
    return Pool(source, target, task, accuracy, {name: column for name, column in scores.items() if column})
