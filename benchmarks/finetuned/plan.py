"""Which run comes next: a walk on a ladder of rates with the first seed, then the other seeds at the best of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isnan

from benchmarks.finetuned.ledger import Run

SEEDS = 3
TRIED = 3  # rates of a cell: two neighbours, then the next on the side of the better one


def next_run(done: Sequence[Run], ladder: Sequence[float], seeds: int = SEEDS) -> tuple[float, int] | None:
    """(rate, seed) of what a cell still needs, None when it has all. The ladder ascends, by two rates at least."""
    first = [run for run in done if run.seed == 0]
    if len(first) < min(TRIED, len(ladder)):
        return _next_rate(first, ladder), 0
    best = best_rate(done)
    seen = {run.seed for run in done if run.rate == best}
    return next(((best, seed) for seed in range(seeds) if seed not in seen), None)


def _next_rate(first: Sequence[Run], ladder: Sequence[float]) -> float:
    start = len(ladder) // 2 - 1
    tried = {run.rate for run in first}
    for rate in ladder[start : start + 2]:
        if rate not in tried:
            return rate
    best = ladder.index(best_rate(first))
    places = (start + 2, start - 1) if best > start else (start - 1, start + 2)
    return next(ladder[place] for place in places if 0 <= place < len(ladder) and ladder[place] not in tried)


def best_rate(done: Sequence[Run]) -> float:
    """The rate that did best on held-out rows with the first seed: by score, then by loss."""
    return max((run for run in done if run.seed == 0), key=_merit).rate


def _merit(run: Run) -> tuple[float, float]:
    return (-inf, -inf) if isnan(run.held_out) else (run.held_out, -run.held_out_loss)


def of_best(done: Sequence[Run]) -> list[Run]:
    """The runs at the best rate, by seed: those that the truth is made of; none while rates are being tried."""
    if len([run for run in done if run.seed == 0]) < TRIED:
        return []
    best = best_rate(done)
    return sorted((run for run in done if run.rate == best), key=lambda run: run.seed)


def left(done: Sequence[Run], seeds: int = SEEDS) -> int:
    """How many runs a cell still needs."""
    tried = len([run for run in done if run.seed == 0])
    return TRIED - tried + seeds - 1 if tried < TRIED else max(0, seeds - len(of_best(done)))
