"""The rows that an influence is looked at by, beside the statistics of all rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64, take_rows
from audition.errors import InputError
from audition.labels import ClassLabels, Labels, MultiLabels, Targets
from audition.metrics.subsample import rows_of
from audition.sample import Sample
from audition.statistics import Statistics
from audition.uncertainty.resamples import Resamples

Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Observed:
    """Rows [n, D'] with their labels, and the statistics of all N rows in the same coordinates.

    dimension: D, the columns of the features as they were given.
    """

    rows: Float64
    labels: Labels
    statistics: Statistics
    dimension: int

    @cached_property
    def centred(self) -> Float64:
        """The rows less the mean of all, [n, D']."""
        return self.rows - self.statistics.mean

    @property
    def codes(self) -> Index:
        """The place of each row's class in the statistics, int [n]."""
        assert isinstance(self.labels, ClassLabels)
        groups = self.statistics.need_groups()
        place = {name: i for i, name in enumerate(groups.classes)}
        return np.array([place[name] for name in self.labels.classes], dtype=np.intp)[self.labels.codes]

    @property
    def targets(self) -> Float64:
        """The targets of the rows, or a column of 0 and 1 for each of the statistics' classes or labels, [n, K]."""
        if isinstance(self.labels, Targets):
            return self.labels.values
        if isinstance(self.labels, ClassLabels):
            return np.eye(len(self.statistics.need_groups().classes))[self.codes]
        place = {name: i for i, name in enumerate(self.labels.names)}
        names = self.statistics.need_targets().names or ()
        zeros = np.zeros(len(self.labels))
        return np.stack([self.labels.values[:, place[n]] if n in place else zeros for n in names], axis=1)


def observed(sample: Sample, resamples: Resamples) -> Observed:
    """The rows that the resamples look at, in the coordinates that the measures see.

    Raises InputError where the sample and the resamples are not of as many rows.
    """
    matrix, labels = sample.rotated.need_rows("An interval")
    if len(labels) != resamples.count:
        raise InputError(f"The resamples are of {resamples.count} rows; the sample has {len(labels)}.")
    origin = sample.rotated.origin
    rows = take_rows(matrix, resamples.rows, np.zeros(matrix.shape[1]) if origin is None else -origin)
    return Observed(rows, _some(labels, resamples.rows), sample.rotated.statistics, sample.dimension)


def observed_of(rows: Float64, labels: Labels, statistics: Statistics, resamples: Resamples) -> Observed:
    """The rows [n, D] that the resamples look at, where only these were kept; labels: of all N rows."""
    return Observed(rows, _some(labels, resamples.rows), statistics, statistics.dimension)


def _some(labels: Labels, rows: Index) -> Labels:
    if isinstance(labels, MultiLabels):
        return MultiLabels(labels.values[rows], labels.names)
    return rows_of(labels, rows)
