"""The committed results as values: the truth, how well seeds agree, the scores, what is known of networks."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from statistics import mean

from audition.evaluation import weighted_tau
from audition.truth import recorded_truth
from benchmarks.finetuned.ledger import RESULTS
from benchmarks.quality import DATA
from benchmarks.quality_page import scores
from benchmarks.quality_page.scores import Book, Key

SHARP = 0.7  # weighted Kendall τ between seeds, under which a target is undecided
ENOUGH = 0.5  # of the cells of a target must be whole before it is looked at
ZOO_RUNS = Path(__file__).parents[2] / "zoo" / "runs.csv"
RECOMMENDATION = Path(__file__).parents[1] / "recommendation" / "results"
KINDS = {"accuracy": "classification", "macro_roc_auc": "multilabel", "r2": "regression"}


@dataclass(frozen=True)
class Result:
    """What fine-tuning gave a network, up to a layer, on a target. seen: it was trained on that collection."""

    part: str
    target: str
    network: str
    layer: str
    kind: str
    score: float
    std: float
    seen: bool

    @property
    def key(self) -> Key:
        """Its line of scores; a whole network beside its layers is one of the images."""
        part = "images" if self.layer == "features" and self.part == "layers" else self.part
        return Key(part, self.target, self.network, self.layer, 0)


@dataclass(frozen=True)
class Agreement:
    """tau: weighted Kendall τ of two halves of the seeds, nan while too few cells are whole."""

    tau: float
    seeds: int
    whole: int
    cells: int

    @property
    def begun(self) -> bool:
        """Whether it is too early to look at the target."""
        return self.tau != self.tau or self.whole < ENOUGH * self.cells

    @property
    def decided(self) -> bool:
        return not self.begun and self.tau >= SHARP

    @property
    def undecided(self) -> bool:
        return not self.begun and self.tau < SHARP


@dataclass(frozen=True)
class Results:
    """All that the page is made of. seconds: of a run, by part.

    recommended: (zoo or finetuned, target) -> network -> score by the recommendation that was learned on other
    targets. judged, apart, hybrids: what its own benchmark found, by pools; each empty where it was not made.
    """

    rows: tuple[Result, ...]
    agreement: Mapping[tuple[str, str], Agreement]
    book: Book
    facts: Mapping[str, Mapping[str, str]]
    seconds: Mapping[str, Sequence[float]]
    recommended: Mapping[tuple[str, str], Mapping[str, float]]
    judged: Sequence[Mapping[str, str]] = ()
    apart: Sequence[Mapping[str, str]] = ()
    hybrids: Sequence[Mapping[str, str]] = ()

    def targets(self, part: str) -> tuple[str, ...]:
        """Of which there is some truth."""
        return tuple(dict.fromkeys(row.target for row in self.rows if row.part == part))

    def decided(self, part: str) -> tuple[str, ...]:
        """The targets whose truth is sharper than `SHARP`."""
        return tuple(name for name in self.targets(part) if self.agreement[part, name].decided)

    def shape(self, part: str, target: str) -> tuple[int, int]:
        """The rows that were trained on, and their classes (0 without)."""
        lines = (line for key, line in self.book.items() if (key.part, key.target) == (part, target))
        rows, classes, _ = next((line.facts for line in lines), (0, 0, 0))
        return rows, max(classes, 0)


def load(folder: Path = RESULTS, recommendation: Path = RECOMMENDATION) -> Results:
    """What stands in the folder, and the recorded truth of the zoo."""
    parts = ("images", "layers", "text")
    rows = [row for part in parts for row in _truth(part, folder / f"{part}_truth.csv")]
    rows += _whole(rows)
    agreement = {
        (line["part"], line["target"]): _agreement(line) for line in _lines(folder / "agreement.csv")
    }
    facts = {line["network"]: line for line in _lines(folder / "networks.csv")}
    seconds = {part: _seconds(folder / f"{part}.csv") for part in parts}
    return Results(
        (*rows, *_zoo()), {**agreement, **_zoo_agreement()}, scores.read(folder), facts, seconds,
        _recommended(recommendation / "held.csv"),
        *(_lines(recommendation / f"{name}.csv") for name in ("judged", "differences", "hybrid")),
    )  # fmt: skip


def _lines(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _truth(part: str, path: Path) -> list[Result]:
    return [
        Result(
            part, line["target"], line["network"], line["layer"], KINDS[line["metric"]],
            float(line["score"]), float(line["std"]), line["seen"] == "1",
        )
        for line in _lines(path) if float(line["score"]) == float(line["score"])
    ]  # fmt: skip


def _whole(rows: list[Result]) -> list[Result]:
    """The whole networks as the last of their layers, where layers were tuned."""
    layered = {(row.target, row.network) for row in rows if row.part == "layers"}
    images = (row for row in rows if row.part == "images")
    return [replace(row, part="layers") for row in images if (row.target, row.network) in layered]


def _agreement(line: Mapping[str, str]) -> Agreement:
    return Agreement(float(line["tau_w"]), int(line["seeds"]), int(line["whole"]), int(line["cells"]))


def _seconds(path: Path) -> list[float]:
    """Of each run."""
    return [float(line["seconds"]) for line in _lines(path)]


def _zoo() -> list[Result]:
    return [
        Result("zoo", target, name, "features", "classification", row.accuracy, row.std, False)
        for target in DATA
        for name, row in recorded_truth(target).items()
    ]


def _zoo_agreement() -> dict[tuple[str, str], Agreement]:
    """From the single runs, at the rate that was best on average over seeds."""
    return {("zoo", target): _of_runs(runs) for target, runs in _zoo_runs().items()}


def _zoo_runs() -> dict[str, dict[str, list[float]]]:
    """target -> network -> accuracies by seed."""
    rates: dict[tuple[str, str], dict[str, list[float]]] = {}
    for line in _lines(ZOO_RUNS):
        if line["layer"] == "features" and line["target"] in DATA:
            of_rate = rates.setdefault((line["target"], line["model"]), {})
            of_rate.setdefault(line["learning_rate"], []).append(float(line["accuracy"]))
    found: dict[str, dict[str, list[float]]] = {target: {} for target in DATA}
    for (target, model), of_rate in rates.items():
        found[target][model] = max(of_rate.values(), key=mean)
    return found


def _of_runs(runs: Mapping[str, list[float]]) -> Agreement:
    seeds = min((len(values) for values in runs.values()), default=0)
    pairs = combinations(range(seeds), 2)
    taus = [weighted_tau(*([values[s] for values in runs.values()] for s in pair)) for pair in pairs]
    return Agreement(mean(taus) if taus else float("nan"), seeds, len(runs), len(runs))


def _recommended(path: Path) -> dict[tuple[str, str], dict[str, float]]:
    """From columns source, target, model and score."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for line in _lines(path):
        found.setdefault((line["source"], line["target"]), {})[line["model"]] = float(line["score"])
    return found
