"""Intervals by drawing data sets, or models, again.

The percentiles of resampled means are too narrow where few were drawn: with 8 data sets nominal 90 % cover
84 %. They are taken further out, as far as Student's t lies outside the normal distribution (the expanded
percentile interval of Hesterberg, "What Teachers Should Know About the Bootstrap", 2015).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, stdtrit

from audition.arrays import Float64

FEWEST = 6
"""Fewer data sets or models give no interval: with 5, near the end of a scale, 90 % cover 86 %, with 4 less."""

Interval = tuple[float, float]


def draws(number: int, resamples: int, seed: int) -> Float64:
    """How often each of `number` things is drawn, [resamples, number]; the same for the same seed."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(number, np.full(number, 1 / number), size=resamples).astype(np.float64)


def tail(number: int, confidence: float) -> float:
    """The share of resamples to leave out at either end for `number` things drawn."""
    outside = stdtrit(number - 1, (1 - confidence) / 2)
    return float(ndtr(outside * np.sqrt(number / (number - 1))))


def interval(resampled: Float64, number: int, confidence: float) -> Interval | None:
    """The middle of resampled values, [B], of `number` things; None where these are too few."""
    defined = resampled[~np.isnan(resampled)]
    if number < FEWEST or len(defined) == 0:
        return None
    outside = tail(number, confidence)
    low, high = np.quantile(defined, [outside, 1 - outside])
    return float(low), float(high)


def of_mean(values: Float64, resamples: int, seed: int, confidence: float) -> Interval | None:
    """The interval of the mean of values, one a data set, [T]."""
    if len(values) < FEWEST:
        return None
    means = draws(len(values), resamples, seed) @ values / len(values)
    return interval(means, len(values), confidence)
