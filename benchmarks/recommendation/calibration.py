"""Whether probabilities and errors of held-out recommendations are what they say."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from benchmarks.recommendation.judge import Held

BINS = (0.0, 0.05, 0.2, 0.4, 1.0)


def reliability(held: Sequence[Held], form: str) -> list[tuple[str, int, float, float]]:
    """(from to, candidates, mean probability to be the best, share that were the best) of each bin."""
    pairs = np.array(
        [
            (row.best, float(one.pool.accuracy[row.model] == max(one.pool.accuracy.values())))
            for one in held
            if form in one.found
            for row in one.found[form]
        ]
    )
    rows = []
    for low, high in pairwise(BINS):
        inside = pairs[(pairs[:, 0] >= low) & (pairs[:, 0] < high + (high == 1))]
        if len(inside):
            rows.append((f"{low:g} to {high:g}", len(inside), inside[:, 0].mean(), inside[:, 1].mean()))
    return rows


def coverage(held: Sequence[Held], form: str) -> float:
    """The share of standardised accuracies within 1.645 errors of what was expected: 90 % if all is right."""
    inside = []
    for one in held:
        if form in one.found:
            results = np.array([one.pool.accuracy[row.model] for row in one.found[form]])
            apart = (results - results.mean()) / results.std() - [row.mean for row in one.found[form]]
            inside += list(np.abs(apart) <= 1.645 * np.array([row.sd for row in one.found[form]]))
    return float(np.mean(inside))


def regrets(held: Sequence[Held], form: str) -> tuple[float, float]:
    """Expected and true regret of the first place, in points, the mean over targets."""
    expected = [one.found[form].candidates[0].regret for one in held if form in one.found]
    true = [
        max(one.pool.accuracy.values()) - one.pool.accuracy[one.found[form].best.model]
        for one in held
        if form in one.found
    ]
    return float(np.mean(expected)), float(np.mean(true))
