"""The race and the full ranking on the same features, the rows in another order each time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import audition
from audition.models.base import Outputs
from benchmarks.racing.features import TARGETS, file_of, names

RESULTS = Path(__file__).parent / "results" / "repeats.csv"
REPEATS = 40
ORDERS = ("mean place",)  # the usual one of layers


@dataclass(frozen=True)
class Repeat:
    """One race. same: whether its first choice is that of the full ranking. place: of its choice there.

    pairs: of model and layer. passes: the share of all forward passes.
    """

    target: str
    order: str
    seed: int
    rows: int
    pairs: int
    same: bool
    place: int
    passes: float


def run(repeats: int = REPEATS) -> None:
    """All races, written as they are run; those that are there are not run again."""
    done = {(each.target, each.order, each.seed) for each in read()}
    for order in ORDERS:
        for seed in range(repeats):
            for target in TARGETS:
                if (target, order, seed) not in done:
                    found = _repeat(target, order, seed)
                    _write(found)
                    print(asdict(found), flush=True)


def read() -> list[Repeat]:
    """The races that have been run."""
    if not RESULTS.exists():
        return []
    with RESULTS.open(newline="") as lines:
        return [
            Repeat(
                row["target"],
                row["order"],
                int(row["seed"]),
                int(row["rows"]),
                int(row["pairs"]),
                row["same"] == "True",
                int(row["place"]),
                float(row["passes"]),
            )
            for row in csv.DictReader(lines)
        ]


def _write(found: Repeat) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    new = not RESULTS.exists()
    with RESULTS.open("a", newline="") as lines:
        writer = csv.DictWriter(lines, [field.name for field in fields(Repeat)], lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(asdict(found) | {"passes": f"{found.passes:.4f}"})


@dataclass(frozen=True, eq=False)
class _Looked:
    """A network of which the features of every row are known: an item is its row's number."""

    name: str
    features: dict[str, NDArray[np.float32]]
    kind: str = "rows"
    preprocess = staticmethod(np.asarray)

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(self.features)

    def forward(self, batch: NDArray[np.float64]) -> Outputs:
        rows = batch[:, 0].astype(np.intp)
        return Outputs({layer: matrix[rows] for layer, matrix in self.features.items()})


def _opened(target: str) -> Iterator[tuple[_Looked, NDArray[np.str_]]]:
    for name in names():
        with np.load(file_of(target, name), allow_pickle=False) as arrays:
            labels = arrays["labels"]
            layers = {layer: arrays[layer] for layer in arrays.files if layer != "labels"}
            yield _Looked(file_of(target, name).stem, layers), labels


def _repeat(target: str, order: str, seed: int) -> Repeat:
    opened = list(_opened(target))
    labels = opened[0][1]
    rows = np.random.default_rng(seed).permutation(len(labels))
    data = (rows[:, None].astype(np.float64), labels[rows])
    models = [model for model, _ in opened]
    metrics = None if order == "mean place" else order
    full = audition.rank(models, data, layers="all", metrics=metrics, race=False, resamples=0)
    raced = audition.rank(models, data, layers="all", metrics=metrics, race=True)
    assert raced.race is not None
    key = (raced.best.model, raced.best.layer)
    place = next(i for i, row in enumerate(full, start=1) if (row.model, row.layer) == key)
    same = place == 1
    return Repeat(target, order, seed, len(labels), len(full), same, place, raced.race.passes)
