"""Choices among candidates: what measures say of each, and what fine-tuning gave."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import audition
from audition import Evaluation, evaluate
from benchmarks.finetuned.ledger import RESULTS, Cell, stem

METRICS = ("transrate", "transrate:normalized", "logme", "h_score", "regularized_h_score", "lfc")
FEATURES = Path("build") / "claims" / "features"
FEWEST = 3  # candidates, under which there is no order to speak of
Column = Mapping[str, float]


@dataclass(frozen=True)
class Study:
    """scores: measure -> candidate -> score. truth: candidate -> accuracy in points."""

    name: str
    scores: Mapping[str, Column]
    truth: Column


def evaluated(studies: Sequence[Study]) -> Evaluation:
    """All measures judged on all studies, each a data set of its own."""
    scores = {metric: {one.name: one.scores[metric] for one in studies} for metric in METRICS}
    return evaluate(scores, {one.name: one.truth for one in studies})


def finetuned(
    part: str,
    group: Callable[[Cell], str | None],
    label: Callable[[Cell], str],
    results: Path = RESULTS,
) -> list[Study]:
    """The studies that benchmarks.finetuned has finished: the whole cells of a target, by group (None: left out)."""
    found: dict[str, dict[Cell, float]] = {}
    for cell, score in truth(part, results).items():
        if name := group(cell):
            found.setdefault(f"{name} on {cell.target}", {})[cell] = score
    return [_study(part, name, column, label) for name, column in found.items() if len(column) >= FEWEST]


def truth(part: str, results: Path = RESULTS) -> dict[Cell, float]:
    """cell -> accuracy in points, of the cells with classes in PART_truth.csv; empty where there is no such file."""
    path = results / f"{part}_truth.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        Cell(row["target"], row["network"], row["layer"]): 100 * float(row["score"])
        for row in rows
        if row["metric"] == "accuracy"
    }


def _study(part: str, name: str, column: Mapping[Cell, float], label: Callable[[Cell], str]) -> Study:
    scores: dict[str, dict[str, float]] = {metric: {} for metric in METRICS}
    for cell in column:
        for metric, value in scored(part, cell).items():
            scores[metric][label(cell)] = value
    return Study(name, scores, {label(cell): score for cell, score in column.items()})


def scored(part: str, cell: Cell) -> dict[str, float]:
    """All measures, from the features of benchmarks.finetuned where they are there, else kept in build/claims."""
    from benchmarks.finetuned.features import FOLDER, seen
    from benchmarks.finetuned.parts import PARTS

    there = (FOLDER / part / f"{stem(cell)}.npz").exists()
    one = seen(PARTS[part], cell, FOLDER if there else FEATURES)
    return audition.score(one.features, one.labels, metrics=METRICS)
