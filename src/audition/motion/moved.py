"""Rows and statistics after a motion: every class has moved by its shift, and nothing else has changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dgemv, dsyr2k

from audition.arrays import Float64, LazyMatrix, Matrix
from audition.errors import InputError
from audition.labels import ClassLabels
from audition.motion.trajectory import Trajectory
from audition.statistics import Statistics
from audition.statistics.builder import lower_to_full
from audition.statistics.groups import ClassMoments
from audition.statistics.moments import Moments


@dataclass(frozen=True, eq=False)
class MovedRows(LazyMatrix):
    """Features [N, D] after a motion: each row with its class's shift, added when the row is read.

    Stands where a matrix of features stands: rows, and columns, are taken of it, and are float64.
    """

    matrix: Matrix
    codes: NDArray[np.intp]
    shifts: Float64

    @property
    def shape(self) -> tuple[int, int]:
        """(N, D)."""
        n, d = self.matrix.shape
        return n, d

    @property
    def dtype(self) -> np.dtype[np.float64]:
        """What rows are read as."""
        return np.dtype(np.float64)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Float64:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        taken = self.matrix[rows][:, columns]
        moved = self.shifts[:, columns][self.codes[rows]]
        moved += taken if isinstance(taken, np.ndarray) else taken.toarray()
        return moved

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self[:], dtype=dtype)


def moved_rows(matrix: Matrix, labels: ClassLabels, trajectory: Trajectory) -> MovedRows:
    """The features [N, D], each row with its class's shift."""
    return MovedRows(matrix, labels.codes, trajectory.shifts_of(labels.classes))


def moved_statistics(statistics: Statistics, trajectory: Trajectory) -> Statistics:
    """The statistics of the moved rows, without a look at the rows; O(C D²).

    Counts and class squares stay. The cubic and the quartic moment are None: the statistics do not
    hold the spread of each class that they would need (`with_higher_moments` takes them from the rows).
    Raises InputError where the trajectory has not their classes or columns.
    """
    groups = _groups_of(statistics, trajectory)
    shifts = trajectory.shifts_of(groups.classes)
    mean_shift = groups.counts @ shifts / statistics.count
    scatter = _moved_scatter(statistics, groups, shifts - mean_shift)
    moments = Moments(statistics.count, statistics.mean + mean_shift, scatter, None, None)
    return Statistics(moments, replace(groups, means=groups.means + shifts))


def with_higher_moments(statistics: Statistics, centred: Iterable[Float64]) -> Statistics:
    """The statistics with their cubic and quartic moments, from blocks [m, D] of their rows less their mean."""
    cubic, quartic = np.zeros(statistics.dimension), 0.0
    for block in centred:
        squares = np.einsum("ij,ij->i", block, block)
        cubic += dgemv(1.0, block.T, squares)
        quartic += float(squares @ squares)
    return Statistics(replace(statistics.moments, cubic=cubic, quartic=quartic), statistics.groups)


def _groups_of(statistics: Statistics, trajectory: Trajectory) -> ClassMoments:
    groups = statistics.groups
    if groups is None:
        raise InputError("ped moves classes; these statistics hold targets, so there is nothing to move.")
    if statistics.dimension != trajectory.shifts.shape[1]:
        raise InputError(
            f"The statistics have {statistics.dimension} columns but the trajectory has "
            f"{trajectory.shifts.shape[1]}: it moves the features it was computed from."
        )
    return groups


def _moved_scatter(statistics: Statistics, groups: ClassMoments, shifts: Float64) -> Float64:
    """S + Σ n (a tᵀ + t aᵀ + t tᵀ) for class means a and shifts t, both [C, D] and centred by weight.

    Only what changes is computed, so that small shifts cost no digits and none at all leave S as it is.
    """
    weights = np.sqrt(groups.counts)[:, None]
    shifts = weights * shifts
    middle = weights * (groups.means - statistics.mean) + shifts / 2
    scatter = statistics.scatter.copy(order="F")
    scatter = dsyr2k(1.0, middle.T, shifts.T, beta=1.0, c=scatter, lower=1, overwrite_c=1)
    lower_to_full(scatter)
    return np.asarray(scatter)
