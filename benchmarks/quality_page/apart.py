"""Whether a difference of scores says anything about the difference of results."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean

import numpy as np

from audition.arrays import Float64
from audition.evaluation.matching import Pairs
from benchmarks.quality_page import words
from benchmarks.quality_page.pools import IMAGENET, OPERATIONS, PARAMETERS, Pool, label

EDGES = (0.0, 0.25, 0.5, 1.0, 2.0, np.inf)  # of differences in standard deviations of the scores of a target


def correlation_table(pool: Pool, measures: Sequence[str]) -> list[str]:
    """Pearson's r, which is that of all differences of pairs, and what a standard deviation of score is worth."""
    rows = []
    for name in _there(pool, measures):
        r = pool.judged[name]["pearson"]
        slopes = [slope(pairs) for pairs in pool.judged.judged[name].values() if np.ptp(pairs.scores) > 0]
        worth = (
            f"{words.number(min(slopes), 1)} to {words.number(max(slopes), 1)}" if slopes else words.NOTHING
        )
        rows.append([label(name), words.number(r.value), words.sure(r), _mean(slopes, 1), worth])
    return words.table(["measure", "r", "90 %", "points a standard deviation", "on the targets"], rows)


def size_table(pool: Pool, measures: Sequence[str]) -> list[str]:
    """Of pairs by how far their scores lie apart: the share whose order is right, and the points between them."""
    header = [
        "measure",
        *(f"{low:g} to {high:g}" if high < np.inf else f"above {low:g}" for low, high in pairwise(EDGES)),
    ]
    rows = []
    for name in _there(pool, measures):
        gaps = [differences(pairs) for pairs in pool.judged.judged[name].values() if np.ptp(pairs.scores) > 0]
        if gaps:
            of_score, of_truth = (np.concatenate(side) for side in zip(*gaps, strict=True))
            rows.append([label(name), *(_cell(of_score, of_truth, *edge) for edge in pairwise(EDGES))])
    return words.table(header, rows)


def _there(pool: Pool, measures: Sequence[str]) -> list[str]:
    return [
        name for name in measures if name in pool.measures and name not in (PARAMETERS, OPERATIONS, IMAGENET)
    ]


def slope(pairs: Pairs) -> float:
    """The result that a standard deviation of the scores stands for, by least squares."""
    standard = (pairs.scores - pairs.scores.mean()) / pairs.scores.std()
    return float(np.mean(standard * (pairs.truth - pairs.truth.mean())))


def differences(pairs: Pairs) -> tuple[Float64, Float64]:
    """Of every pair of models, by the higher score less the lower: of scores in their deviations, of results."""
    first, second = np.triu_indices(len(pairs.models), k=1)
    of_score = (pairs.scores[first] - pairs.scores[second]) / pairs.scores.std()
    of_truth = pairs.truth[first] - pairs.truth[second]
    return np.abs(of_score), np.where(of_score < 0, -of_truth, of_truth)


def _cell(of_score: Float64, of_truth: Float64, low: float, high: float) -> str:
    inside = (of_score > low) & (of_score <= high)
    if not inside.any():
        return words.NOTHING
    right = np.mean(of_truth[inside] > 0) + np.mean(of_truth[inside] == 0) / 2
    return f"{100 * right:.0f} %, {words.number(float(of_truth[inside].mean()), 1)}"


def _mean(values: Sequence[float], digits: int) -> str:
    return words.number(mean(values), digits) if values else words.NOTHING
