"""From runs to the truth: a score and its spread for each cell, and how well one seed foretells another."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from scipy.stats import weightedtau

from benchmarks.finetuned.ledger import Cell, Run
from benchmarks.finetuned.networks import has_seen
from benchmarks.finetuned.parts import Part
from benchmarks.finetuned.plan import SEEDS, left, of_best
from benchmarks.finetuned.run import done_by_cell

SHARP = 0.7  # weighted Kendall τ between two seeds, under which a target wants more of them
FEW = 5  # cells, under which an agreement would say nothing
HEADER = (
    "target",
    "network",
    "layer",
    "metric",
    "score",
    "std",
    "seeds",
    "rate",
    "train_rows",
    "test_rows",
    "seen",
)


@dataclass(frozen=True)
class Agreement:
    """tau: weighted Kendall τ of two halves of the seeds, nan while too few cells are whole."""

    tau: float
    whole: int
    cells: int
    seeds: int

    def __str__(self) -> str:
        said = "" if isnan(self.tau) else f", halves of {self.seeds} seeds agree by τ_w {self.tau:.2f}"
        return f"{self.whole:3d} of {self.cells} whole{said}"


def write_truth(parts: Sequence[Part], results: Path) -> None:
    """PART_truth.csv beside each PART.csv, of the cells with two seeds at least, and agreement.csv of all."""
    alike: list[tuple[object, ...]] = []
    for part in parts:
        rows = [_row(of_best(runs)) for runs in _in_order(part, results) if len(of_best(runs)) > 1]
        _write(results / f"{part.name}_truth.csv", HEADER, rows)
        for target in _targets(part):
            found = agreement(part, target, results)
            alike.append((part.name, target, f"{found.tau:.4f}", found.seeds, found.whole, found.cells))
        print(f"{part.name}: {len(rows)} cells")
    _write(results / "agreement.csv", ("part", "target", "tau_w", "seeds", "whole", "cells"), alike)


def _write(path: Path, header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def _in_order(part: Part, results: Path) -> list[list[Run]]:
    done = done_by_cell(results / f"{part.name}.csv")
    return [done[cell] for cells in part.rounds for cell in cells]


def _row(runs: Sequence[Run]) -> tuple[object, ...]:
    scores, first = [run.test for run in runs], runs[0]
    return (
        first.target, first.network, first.layer, first.metric, f"{mean(scores):.6f}",
        f"{stdev(scores):.6f}", len(runs), f"{first.rate:g}", first.train_rows, first.test_rows,
        int(has_seen(first.network, first.target)),
    )  # fmt: skip


def agreement(part: Part, target: str, results: Path) -> Agreement:
    """How alike two halves of the seeds order the cells that have all of them.

    With three seeds a half is one of them; with six, the mean of three. Mean over all ways to halve.
    """
    done = done_by_cell(results / f"{part.name}.csv")
    cells = [cell for cells in part.rounds for cell in cells if cell.target == target]
    tests = [[run.test for run in of_best(done[cell])] for cell in cells]
    count = max(SEEDS, min((len(scores) for scores in tests), default=0))
    whole = np.array([scores[:count] for scores in tests if len(scores) >= count])
    if len(whole) < FEW:
        return Agreement(float("nan"), len(whole), len(cells), count)
    whole = np.nan_to_num(whole, nan=np.nanmin(whole) - 1.0)  # what diverged stands last
    taus = [weightedtau(*(whole[:, half].mean(axis=1) for half in pair)).statistic for pair in halves(count)]
    return Agreement(float(np.mean(taus)), len(whole), len(cells), count)


def halves(count: int) -> list[tuple[list[int], list[int]]]:
    """All pairs of disjoint groups of count // 2 seeds."""
    groups = list(combinations(range(count), count // 2))
    pairs = combinations(groups, 2)
    return [(list(one), list(other)) for one, other in pairs if not set(one) & set(other)]


def uncertain(part: Part, results: Path) -> list[str]:
    """The targets on which two halves of the seeds agree by less than `SHARP`."""
    return [target for target in _targets(part) if agreement(part, target, results).tau < SHARP]


def _targets(part: Part) -> list[str]:
    return list(dict.fromkeys(cell.target for cells in part.rounds for cell in cells))


def print_status(parts: Sequence[Part], results: Path) -> None:
    """What is done, the processor hours that are left, and the agreement of seeds by target."""
    for part in parts:
        done = done_by_cell(results / f"{part.name}.csv")
        cells = [cell for cells in part.rounds for cell in cells]
        runs = sum(len(done[cell]) for cell in cells)
        missing = sum(left(done[cell]) for cell in cells)
        hours = seconds_left(part, results) / 3600
        print(f"{part.name}: {runs} runs done, {missing} left, about {hours:.1f} hours of one processor")
        for target in _targets(part):
            print(f"  {target:22s} {agreement(part, target, results)}")


def seconds_left(part: Part, results: Path) -> float:
    """What the missing runs take, as long as each network's runs took so far (all networks' where it has none)."""
    done = done_by_cell(results / f"{part.name}.csv")
    costs = [(run.network, run.seconds) for runs in done.values() for run in runs]
    usual = mean(cost for _, cost in costs) if costs else float("nan")
    of_network: dict[str, list[float]] = {}
    for name, cost in costs:
        of_network.setdefault(name, []).append(cost)
    cells: list[Cell] = [cell for cells in part.rounds for cell in cells]
    return sum(left(done[cell]) * mean(of_network.get(cell.network, [usual])) for cell in cells)
