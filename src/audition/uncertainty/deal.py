"""Rows dealt out into a few blocks, for measures that can only be computed again without some rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64
from audition.uncertainty.pairs import Index

BLOCKS = 12


@dataclass(frozen=True, eq=False)
class Blocks:
    """Parts of the rows, each with its share of every class, groups whole; and how resamples draw them.

    of_rows: the block of every row [N]. draws: how often each is in each resample, less 1 [R, K].
    """

    of_rows: Index
    draws: Float64

    @property
    def number(self) -> int:
        """How many there are, K."""
        return int(self.draws.shape[1])

    @property
    def degrees(self) -> int:
        """Degrees of freedom that a standard error by them rests on."""
        return self.number - 1

    def variance(self, owed: Float64) -> Float64:
        """The variance of a score, or of several, that owe so much to each block [K] or [K, P]."""
        return np.asarray(owed.var(axis=0, ddof=1) * self.number)

    def deviations(self, owed: Float64) -> Float64:
        """What each resample adds to such a score, [R] or [R, P]."""
        return np.asarray(self.draws @ owed * np.sqrt(self.number / (self.number - 1)))


def dealt(units: Index, strata: Index, number: int, resamples: int, rng: np.random.Generator) -> Blocks:
    """Blocks of whole units, dealt out stratum by stratum; `number` of them, or as many as there are units.

    units: the unit of every row [N]. strata: the stratum of each unit [U].
    """
    number = min(number, len(strata))
    order = rng.permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    block = np.empty(len(strata), dtype=np.intp)
    block[order] = np.arange(len(order)) % number
    draws = rng.multinomial(number, np.full(number, 1 / number), resamples)
    return Blocks(block[units], draws.astype(np.float64) - 1)
