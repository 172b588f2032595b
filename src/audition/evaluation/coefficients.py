"""Agreement of two orders of M models: weighted Kendall τ_w, Kendall τ_b, Spearman, Pearson.

Each is written for resamples, too: `counts` [B, M] says how often each model was drawn in each of B
resamples, and the answer, [B], is that of the models repeated so many times. The pairs of models are
compared once, and a resample costs two products of matrices. NaN where one side has no order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.errors import InputError


def weighted_tau(truth: Sequence[float], scores: Sequence[float], *, rank: bool | None = True) -> float:
    """Weighted Kendall τ_w of scores with true results: 1 is the same order, 0 chance, −1 the reverse.

    Both [M], M ≥ 2, higher is better. A pair of models weighs 1/(place + 1) of the one plus that of the
    other, places from 0, so that mistakes near the top weigh most. rank=True, the default of
    `scipy.stats.weightedtau` and what this field means by τ_w: the mean of the two values by the places
    in truth and by those in scores. rank=None: by the places in truth alone, as some repositories do;
    the numbers differ. Pairs that are equal on one side say nothing, as in Kendall's τ_b, and of equal
    ones the other side says which has the better place, so the order in which models come plays no part.
    Raises InputError for lengths that differ, fewer than two, and NaN. NaN where all of one side are equal.

    >>> round(weighted_tau([0.9, 0.8, 0.7], [3.0, 1.0, 2.0]), 3)
    0.545
    """
    check_rank(rank)
    if len(truth) != len(scores):
        raise InputError(f"There are {len(truth)} true results but {len(scores)} scores.")
    if len(truth) < 2:
        raise InputError("An order needs at least two results.")
    for name, numbers in (("true result", truth), ("score", scores)):
        missing = [place for place, number in enumerate(numbers) if number != number]
        if missing:
            raise InputError(
                f"The {name} {missing[0]} is NaN: leave out candidates without a result or a score."
            )
    from scipy.stats import weightedtau  # here, because scipy.stats takes half a second to import

    by: Any = rank  # None is one of its values, which its types do not say
    return float(weightedtau(truth, scores, rank=by).statistic)


def check_rank(rank: bool | None) -> None:
    """Raises InputError for what is neither of the two ways to weigh places."""
    if rank is not True and rank is not None:
        raise InputError(
            f"rank is True (places in truth and in scores) or None (places in truth), not {rank!r}."
        )


def tau_w(truth: Float64, scores: Float64, counts: Float64, *, rank: bool | None = True) -> Float64:
    """`weighted_tau` of each resample."""
    by_truth = _tau(truth, scores, counts, _weights(truth, scores, counts))
    if rank is None:
        return by_truth
    return np.asarray((by_truth + _tau(truth, scores, counts, _weights(scores, truth, counts))) / 2)


def kendall(truth: Float64, scores: Float64, counts: Float64) -> Float64:
    """Kendall's τ_b of each resample: every pair weighs the same."""
    return _tau(truth, scores, counts, counts)


def spearman(truth: Float64, scores: Float64, counts: Float64) -> Float64:
    """Spearman's ρ of each resample: Pearson's r of the places, equal ones sharing theirs."""
    r = _pearson(_places(truth, counts), _places(scores, counts), counts)
    return np.where(_ordered(truth, scores, counts), r, np.nan)


def pearson(truth: Float64, scores: Float64, counts: Float64) -> Float64:
    """Pearson's r of each resample; NaN where a score is infinite."""
    if not (np.isfinite(truth).all() and np.isfinite(scores).all()):
        return np.full(len(counts), np.nan)
    r = _pearson(np.atleast_2d(_unit(truth)), np.atleast_2d(_unit(scores)), counts)
    return np.where(_ordered(truth, scores, counts), r, np.nan)


def _ordered(truth: Float64, scores: Float64, counts: Float64) -> NDArray[np.bool_]:
    """Whether both sides tell some of the drawn models apart: a spread of rounding errors is none."""
    return np.asarray(~np.isnan(kendall(truth, scores, counts)))


def _unit(values: Float64) -> Float64:
    """Centred and scaled, so that squares neither vanish nor overflow."""
    centred = values - values.mean()
    return np.asarray(centred / (np.abs(centred).max() or 1.0))


def _tau(truth: Float64, scores: Float64, counts: Float64, weights: Float64) -> Float64:
    """Σ over pairs of copies of (w_i + w_j) × agreement, over the same for what each side tells apart."""
    of_truth, of_scores = _signs(truth), _signs(scores)

    def total(pairs: Float64) -> Float64:
        return np.asarray(np.einsum("bm,bm->b", weights @ pairs, counts))

    apart = total(np.abs(of_truth)) * total(np.abs(of_scores))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(apart > 0, total(of_truth * of_scores) / np.sqrt(apart), np.nan))


def _signs(values: Float64) -> Float64:
    """1 where the row's model is above the column's, −1 below, 0 where they are equal. [M, M]"""
    above = values[:, None] > values[None, :]
    return above.astype(np.float64) - above.T


def _weights(first: Float64, second: Float64, counts: Float64) -> Float64:
    """Σ 1/(place + 1) over the copies of each model, placed by `first`, where equal by `second`. [B, M]"""
    order = np.lexsort((second, first))[::-1]
    drawn = counts[:, order].astype(np.int64)
    after = np.cumsum(drawn, axis=1)
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, int(after[:, -1].max()) + 1))])
    weights = np.empty(counts.shape)
    weights[:, order] = harmonic[after] - harmonic[after - drawn]
    return weights


def _places(values: Float64, counts: Float64) -> Float64:
    """The place from the worst of each model's copies, equal ones sharing theirs. [B, M]"""
    below = counts @ (values[:, None] < values[None, :])
    equal = counts @ (values[:, None] == values[None, :])
    return np.asarray(below + (equal + 1) / 2)


def _pearson(first: Float64, second: Float64, counts: Float64) -> Float64:
    """Pearson's r of each row. first, second: [B or 1, M]"""
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts / counts.sum(axis=1, keepdims=True)
        first = first - (shares * first).sum(axis=1, keepdims=True)
        second = second - (shares * second).sum(axis=1, keepdims=True)
        spread = np.sqrt((shares * first**2).sum(axis=1)) * np.sqrt((shares * second**2).sum(axis=1))
        r = (shares * first * second).sum(axis=1) / spread
    return np.asarray(np.where(spread > 0, np.clip(r, -1, 1), np.nan))
