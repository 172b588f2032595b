"""The influence of a row on the H-Score and on its regularised form."""

from __future__ import annotations

import numpy as np

from audition.arrays import Float64
from audition.metrics.h_score import AT_BOUND, ledoit_wolf
from audition.spectrum import EPSILON
from audition.uncertainty.influence import Influence, interaction_of
from audition.uncertainty.observed import Observed
from audition.uncertainty.pairs import Pairs
from audition.uncertainty.separation import separation_of
from audition.uncertainty.whitening import Whitener, whitener_of


def h_score_influence(seen: Observed, score: float, pairs: Pairs) -> Influence:
    """Of the H-Score, exact; none where the score is at its bound, which it leaves with no row."""
    parts = separation_of(seen, whitener_of(seen.statistics.scatter))
    bound = min(len(parts.weights) - (seen.statistics.groups is not None), seen.dimension)
    if score >= bound * (1 - AT_BOUND):
        return Influence(score, np.zeros(len(seen.rows)))
    n = seen.statistics.count
    interaction = interaction_of(parts.second_differences(pairs), pairs, n)
    return Influence(score, (1 - n) * parts.gains, interaction)


def regularized_h_score_influence(seen: Observed, pairs: Pairs) -> Influence:
    """Of the regularised H-Score, N/(N − 1) tr((S + ρI)⁻¹B).

    Exact at a fixed ρ; what the row does to ρ is exact, and what that does to the score has its slope.
    """
    statistics, n = seen.statistics, seen.statistics.count
    shrinkage, identity = ledoit_wolf(statistics, seen.dimension)
    if shrinkage >= 1 or n < 3:
        return Influence(0.0, np.zeros(len(seen.rows)))
    ridge = shrinkage * identity * n / (1 - shrinkage)
    matrix = statistics.scatter.copy(order="F")
    matrix[np.diag_indices_from(matrix)] += ridge
    whitener = whitener_of(matrix)
    parts = separation_of(seen, whitener)
    score = n / (n - 1) * parts.total
    if score <= 0:
        return Influence(score, np.zeros(len(seen.rows)))
    without = (n - 1) / (n - 2) * (parts.total + parts.gains)
    # T(ρ) ~ 1/(s + ρ), with the s that gives its slope: right at infinity, too.
    without /= 1 - parts.slope / parts.total * (_ridges_without_one(seen, whitener, ridge) - ridge)
    second = n / (n - 1) * parts.second_differences(pairs)
    return Influence(score, (1 - n) * without, interaction_of(second, pairs, n))


def _ridges_without_one(seen: Observed, whitener: Whitener, ridge: float) -> Float64:
    """ρ = aμN/(1 − a) of Ledoit and Wolf's a and μ without each of the rows [n]."""
    statistics, p = seen.statistics, seen.dimension
    n = statistics.count - 1
    trace, square, quartic = _moments_without_one(seen, whitener, ridge)
    identity = trace / n / p
    squared_norm = square / n**2
    beta = (quartic / n - squared_norm) / (p * n)
    delta = squared_norm / p - identity**2
    shrunk = (beta > 0) & (delta > 4 * EPSILON * identity**2)
    share = np.where(shrunk, np.minimum(beta, delta) / np.where(shrunk, delta, 1.0), 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(share * identity * n / (1 - share))


def _moments_without_one(
    seen: Observed, whitener: Whitener, ridge: float
) -> tuple[Float64, Float64, Float64]:
    """tr S, ‖S‖² and Σ‖z‖⁴ about the mean of the rest, without each of the rows; [n] each."""
    moments, z = seen.statistics.moments, seen.centred
    assert moments.cubic is not None and moments.quartic is not None
    n = moments.count - 1
    k = moments.count / n
    norms = np.einsum("ij,ij->i", z, z)
    along = whitener.square(z) - ridge * norms
    whole = float(np.trace(moments.scatter))
    square = float((moments.scatter**2).sum()) - 2 * k * along + k**2 * norms**2
    quartic = (
        moments.quartic + 4 * along / n**2 + moments.count * norms**2 / n**4
        + 4 * (z @ moments.cubic) / n + 2 * whole * norms / n**2 - k**4 * norms**2
    )  # fmt: skip
    return whole - k * norms, square, quartic
