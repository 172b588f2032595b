"""What is lost by following scores: the best of the first k against the best of all.

Where equal scores leave open who is among the first k, the answer is the mean over every way to choose.
"""

from __future__ import annotations

import numpy as np

from audition.arrays import Float64


def best_of_first(truth: Float64, scores: Float64, k: int) -> float:
    """The best true result among the k highest scores, k ≥ 1. truth, scores: [M]"""
    if k >= len(scores):
        return float(truth.max())
    last = np.sort(scores)[::-1][k - 1]
    sure = truth[scores > last]
    tied = np.sort(truth[scores == last])
    chances = _largest(len(tied), k - len(sure))
    return float(chances @ np.maximum(tied, sure.max(initial=-np.inf)))


def _largest(members: int, drawn: int) -> Float64:
    """The chance of each of some sorted members to be the largest of so many drawn without replacement."""
    from scipy.special import gammaln

    def log_ways(n: Float64) -> Float64:
        """ln of the ways to choose the others among n."""
        with np.errstate(invalid="ignore"):
            ways = gammaln(n + 1) - gammaln(drawn) - gammaln(n - drawn + 2)
        return np.asarray(np.where(n >= drawn - 1, ways, -np.inf))

    ways = log_ways(np.arange(members, dtype=np.float64))
    chances = np.exp(ways - ways.max())
    return np.asarray(chances / chances.sum())


def rel_at_k(truth: Float64, scores: Float64, k: int) -> float:
    """rel@k: the best true result of the first k over the best of all, 0..1; NaN where that is not above 0."""
    best = float(truth.max())
    return best_of_first(truth, scores, k) / best if best > 0 else float("nan")


def regret_at_k(truth: Float64, scores: Float64, k: int) -> float:
    """regret@k: how far the best of the first k is below the best of all, ≥ 0, in the truth's own unit."""
    return max(0.0, float(truth.max()) - best_of_first(truth, scores, k))


def top_1_hit(truth: Float64, scores: Float64) -> float:
    """Whether the first is truly the best, 1 or 0; where several are first, the share of them that is."""
    first = truth[scores == scores.max()]
    return float(np.mean(first == truth.max()))
