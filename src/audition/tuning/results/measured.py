"""Scores with intervals: the middle of what they are when rows, or groups of rows, are drawn again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.evaluation.bootstrap import draws, interval
from audition.tuning.results.scores import Weighted

CONFIDENCE = 0.9
RESAMPLES = 1000
ROUNDING = 1e-12
BLOCK = 2**22  # weights of rows that are in memory at a time


@dataclass(frozen=True)
class Score:
    """A score of some rows; low and high hold 90 % of what it is when rows (or groups) are drawn again.

    low and high are None for fewer than six rows or groups, and where no draw tells another value (of accuracy
    they are then exact). value is NaN where the rows do not define it.
    """

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        where = "" if self.low is None or self.high is None else f" ({self.low:.3g} to {self.high:.3g})"
        return f"{self.value:.3g}{where}"


def measured(
    every: Mapping[tuple[str, str], Weighted], units: NDArray[np.intp], resamples: int, seed: int
) -> dict[tuple[str, str], Score]:
    """Each score with its interval; all of them of the same resamples."""
    once = np.ones((1, len(units)))
    number = int(units.max()) + 1
    again: dict[tuple[str, str], list[Float64]] = {key: [] for key in every}
    for weights in _weights(units, number, resamples, seed):
        for key, of in every.items():
            again[key].append(of(weights))
    return {
        key: _score(key[1], float(of(once)[0]), np.concatenate(again[key]), number)
        for key, of in every.items()
    }


def _score(name: str, value: float, again: Float64, number: int) -> Score:
    """A score and the middle of its resamples; where all of them are equal they do not tell how sure it is.

    Where none, or all, of the rows are right, the accuracy has its exact interval (Clopper and Pearson, 1934).
    """
    found = interval(again, number, CONFIDENCE)
    if found is None or found[1] - found[0] > ROUNDING:
        return Score(value, *(found or ()))
    least = ((1 - CONFIDENCE) / 2) ** (1 / number)
    ends = {0.0: (0.0, 1 - least), 1.0: (least, 1.0)}
    return Score(value, *ends.get(value, ())) if name == "accuracy" else Score(value)


def _weights(units: NDArray[np.intp], number: int, resamples: int, seed: int) -> Iterator[Float64]:
    """How often each row is in each resample, [b, N], as many resamples at a time as memory is meant for."""
    step = max(1, BLOCK // len(units))
    for start in range(0, resamples, step):
        yield draws(number, min(step, resamples - start), seed + start)[:, units]
