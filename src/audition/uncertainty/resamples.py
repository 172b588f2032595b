"""Resamples of the rows of a data set, the same for every candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.errors import InputError
from audition.labels import ClassLabels, Labels
from audition.uncertainty.deal import BLOCKS, Blocks, dealt
from audition.uncertainty.pairs import Index, Pairs, make_pairs

NUMBER = 200
OBSERVED = 512  # rows whose influence is looked at: the error of a standard error is then 3 in 100
LEAST_BLOCKS = 4


@dataclass(frozen=True, eq=False)
class Resamples:
    """Draws of rows with replacement, class by class, whole groups together.

    count: N. rows: the rows that are looked at, ascending [n]; of a large data set a part stands for all.
    units: what is drawn, a row or a group: the place of each of these rows' unit [n].
    strata: the stratum of each unit [U]; units are drawn within it. sizes: the units of the whole data
    set in the stratum of each unit [U]. draws: how often each unit is in each resample, less 1, [R, U].
    blocks: of all rows, for measures that can only be computed again; None where there are too few units.
    """

    count: int
    rows: Index
    units: Index
    strata: Index
    sizes: Float64
    draws: Float64
    pairs: Pairs
    blocks: Blocks | None = None

    @property
    def number(self) -> int:
        """The number of resamples, R."""
        return len(self.draws)

    @property
    def degrees(self) -> int:
        """Degrees of freedom that a standard error rests on."""
        return len(self.strata) - len(np.unique(self.strata))

    def by_unit(self, influence: Float64) -> Float64:
        """The influence of each unit [U], the sum of its rows' [n] about their mean.

        What all rows have in common cancels in any draw of as many rows, but not where groups differ in size.
        """
        apart = influence - influence.mean()
        return np.asarray(np.bincount(self.units, apart, len(self.strata)), dtype=np.float64)

    def variance(self, influence: Float64) -> float:
        """The variance of a score whose rows have this influence [n], of a sum over all units."""
        return float(np.sum(self._centred(influence) ** 2))

    def deviations(self, influence: Float64) -> Float64:
        """What each resample adds to a score whose rows have this influence [n]; [R]."""
        return np.asarray(self.draws @ (self.by_unit(influence) * self._scale))

    def of_blocks(self, influence: Float64) -> Float64:
        """What such a score owes to each block of rows [K], each stratum about its mean."""
        assert self.blocks is not None
        block = np.empty(len(self.strata), dtype=np.intp)
        block[self.units] = self.blocks.of_rows[self.rows]
        owed = np.bincount(block, self._centred(influence), self.blocks.number)
        return np.asarray(owed, dtype=np.float64)

    def _centred(self, influence: Float64) -> Float64:
        """What each unit adds to a score, less the mean of its stratum [U]."""
        scaled = self.by_unit(influence) * self._scale
        means = np.bincount(self.strata, scaled) / np.bincount(self.strata)
        return np.asarray(scaled - means[self.strata])

    @property
    def _scale(self) -> Float64:
        """Of a unit's influence: 1/N, with the variance of the whole stratum and without its bias."""
        present = np.bincount(self.strata)[self.strata]
        return np.asarray(np.sqrt(self.sizes / np.maximum(present - 1, 1)) / self.count)


def make_resamples(
    labels: Labels,
    groups: Index | None = None,
    *,
    number: int = NUMBER,
    seed: int = 0,
    observed: int = OBSERVED,
    blocks: int = BLOCKS,
) -> Resamples:
    """Resamples of N rows with these labels; the same for the same arguments.

    labels: classes are the strata; several labels a row, or targets, make one stratum. groups: int [N],
    rows that belong together are drawn together, in the stratum of the class that most of them have.
    number: how many. observed: about how many rows to look at. blocks: K, into how many blocks all rows are
    dealt, each with its share of every class, for measures that can only be computed again without a block;
    0 for none.

    Raises InputError for fewer than 2 resamples, 4 blocks (but 0), 8 rows to look at, and too few rows or groups.

    >>> from audition.labels import as_labels
    >>> draws = make_resamples(as_labels(["a", "b"] * 10), number=50)
    >>> draws.number, draws.degrees
    (50, 18)
    """
    _check(number, observed, blocks)
    rng = np.random.default_rng(seed)
    units = _unit_of_rows(len(labels), groups)
    strata = _strata(labels, units)
    if len(strata) < 2:
        raise InputError("An interval needs at least 2 rows, or groups of rows, to draw from.")
    pairs_rng, draws_rng, blocks_rng = rng.spawn(3)
    enough = blocks > 0 and len(strata) >= LEAST_BLOCKS
    chosen = _chosen(strata, observed * len(strata) // len(labels), rng)
    rows = np.flatnonzero(chosen[units])
    places = np.cumsum(chosen) - 1
    joined, sizes = pooled(strata[chosen], np.bincount(strata))
    return Resamples(
        count=len(labels),
        rows=rows,
        units=places[units[rows]],
        strata=joined,
        sizes=sizes,
        draws=draws_of(joined, number, draws_rng),
        pairs=make_pairs(labels, rows, pairs_rng),
        blocks=dealt(units, strata, blocks, number, blocks_rng) if enough else None,
    )


def _check(number: int, observed: int, blocks: int) -> None:
    if number < 2:
        raise InputError(f"At least 2 resamples are needed; got {number}.")
    if observed < 8:
        raise InputError(f"At least 8 rows must be looked at; got {observed}.")
    if blocks != 0 and blocks < LEAST_BLOCKS:
        raise InputError(f"At least {LEAST_BLOCKS} blocks are needed; got {blocks}.")


def _unit_of_rows(rows: int, groups: Index | None) -> Index:
    if groups is None:
        return np.arange(rows)
    return np.asarray(np.unique(groups, return_inverse=True)[1], dtype=np.intp)


def _strata(labels: Labels, units: Index) -> Index:
    """The class that most rows of each unit have [U]; one stratum where there are no classes."""
    number = int(units.max()) + 1
    if not isinstance(labels, ClassLabels):
        return np.zeros(number, dtype=np.intp)
    cells, often = np.unique(units * len(labels.classes) + labels.codes, return_counts=True)
    order = np.lexsort((-often, cells // len(labels.classes)))
    first = np.unique(cells[order] // len(labels.classes), return_index=True)[1]
    return np.asarray(cells[order][first] % len(labels.classes), dtype=np.intp)


def _chosen(strata: Index, number: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which units are looked at [U]: each stratum by its share, at least two of it where it has two."""
    order = rng.permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    within = np.arange(len(order)) - np.searchsorted(strata[order], strata[order])
    wanted = np.maximum(np.bincount(strata) * number / len(strata), 2)
    chosen = np.zeros(len(strata), dtype=bool)
    chosen[order[within < wanted[strata[order]]]] = True
    return chosen


def pooled(strata: Index, totals: Index) -> tuple[Index, Float64]:
    """Strata [U] of two units or more, smaller ones joined; and how many units each has in all [U].

    strata: of the units that are looked at. totals: the units of the data set in each stratum.
    """
    present = np.bincount(strata, minlength=len(totals))
    target = np.where(present < 2, len(totals), np.arange(len(totals)))
    if present[present < 2].sum() == 1 and (present > 1).any():  # one alone goes with the largest
        target[target == len(totals)] = int(present.argmax())
    sizes = np.bincount(target, totals).astype(np.float64)
    joined = target[strata]
    return np.unique(joined, return_inverse=True)[1].astype(np.intp), sizes[joined]


def draws_of(strata: Index, number: int, rng: np.random.Generator) -> Float64:
    """How often each unit is drawn, less 1: within each stratum as many as it has, with replacement."""
    draws = np.empty((number, len(strata)))
    for stratum in range(int(strata.max()) + 1):
        inside = np.flatnonzero(strata == stratum)
        draws[:, inside] = rng.multinomial(len(inside), np.full(len(inside), 1 / len(inside)), number) - 1.0
    return draws
