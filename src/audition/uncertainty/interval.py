"""The interval of a score, from its replicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError
from audition.uncertainty.resampled import Resampled

LEVEL = 0.9


@dataclass(frozen=True)
class Interval:
    """low to high, at a level such as 0.9; error is one standard error of the score.

    It covers, in that share of cases, the mean that the score would have over many data sets of this size,
    with these counts of classes, drawn as this one was: not its limit for infinitely many rows.
    """

    low: float
    high: float
    level: float
    error: float


def interval(resampled: Resampled, level: float = LEVEL) -> Interval | None:
    """The score ± Student's t times the spread of its replicates; None where it has none.

    Raises InputError for a level that is not between 0 and 1.

    >>> from audition.uncertainty import Resampled
    >>> found = interval(Resampled(1.0, np.array([0.8, 1.0, 1.2]), 100))
    >>> round(found.low, 2), round(found.high, 2)
    (0.67, 1.33)
    """
    check_level(level)
    if resampled.replicates is None or resampled.degrees < 1:
        return None
    error = float(np.std(resampled.replicates, ddof=1))
    reach = error * student(level, resampled.degrees)
    return Interval(resampled.score - reach, resampled.score + reach, level, error)


def student(level: float, degrees: float) -> float:
    """The quantile of Student's t that leaves level in the middle."""
    from scipy.special import stdtrit  # here, with the others that take time to import

    return float(stdtrit(degrees, (1 + level) / 2))


def widened(resampled: Resampled, level: float = LEVEL) -> Float64:
    """The replicates [R], as far apart as few degrees of freedom ask; raises InputError where there are none."""
    if resampled.replicates is None or resampled.degrees < 1:
        raise InputError(f"A score has no replicates: {resampled.reason}")
    factor = student(level, resampled.degrees) / student(level, 1e9)
    return resampled.score + (resampled.replicates - resampled.score) * factor


def check_level(level: float) -> None:
    """Raises InputError for a level that is not between 0 and 1."""
    if not 0 < level < 1:
        raise InputError(f"A level lies between 0 and 1, such as 0.9; got {level}.")
