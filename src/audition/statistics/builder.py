"""Statistics in the making: rows are added in bounded blocks, and none of them is kept.

All linear algebra in the loop over blocks of one thread is scipy's BLAS: numpy brings a BLAS of its own, and the
threads of the two, taking turns, keep each other from the processor (1.5 times slower on two cores).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg.blas import dgemm, dgemv, dsymv, dsyr, dsyrk

from audition.arrays import Float64, Matrix, float64_rows
from audition.errors import InputError
from audition.labels import ClassLabels, Labels, MultiLabels, Targets
from audition.statistics.block import centre, class_moments, moments_of, product, target_moments
from audition.statistics.groups import ClassSums, TargetMoments
from audition.statistics.moments import Moments, shift_higher_moments
from audition.statistics.side_by_side import Blocks, is_shared
from audition.statistics.value import Statistics


class Builder:
    """Statistics in the making: adds batches of features and labels, and keeps none of them.

    first: the first row [D]. All is relative to it: a column that never changes is exactly zero, and a mean that
    is large against the spread costs nothing.
    """

    def __init__(self, first: Float64) -> None:
        self._origin = first
        self._moments = MomentSums(len(first))
        self._groups = ClassSums(len(first))
        self._targets: TargetMoments | None = None
        self._blocks = Blocks()

    def add(self, matrix: Matrix, labels: Labels) -> None:
        """Adds rows [n, D] and their labels."""
        if matrix.shape[1] != len(self._origin):
            raise InputError(f"A batch has {matrix.shape[1]} columns; those before had {len(self._origin)}.")
        if not is_shared(matrix):
            self._add_in_turn(matrix, labels)
        elif isinstance(labels, ClassLabels):
            self._add_classes_side_by_side(matrix, labels)
        else:
            self._add_targets_side_by_side(matrix, labels)

    def _add_in_turn(self, matrix: Matrix, labels: Labels) -> None:
        for rows, block in float64_rows(matrix, self._origin):
            mean, some = centre(block), labels[rows]
            if isinstance(some, ClassLabels):
                self._groups.add(class_moments(block, mean, some))
            else:
                self._add_targets(target_moments(block, some, _product), mean, len(block))
            self._moments.add_rows(block, mean)

    def _add_classes_side_by_side(self, matrix: Matrix, labels: ClassLabels) -> None:
        def make(rows: slice, block: Float64) -> Moments:
            return moments_of(block)

        def add(rows: slice, block: Float64, moments: Moments) -> None:
            self._groups.add(class_moments(block, moments.mean, labels[rows]))
            self._moments.add(moments)

        self._blocks.sum(matrix, self._origin, make, add)

    def _add_targets_side_by_side(self, matrix: Matrix, labels: MultiLabels | Targets) -> None:
        def make(rows: slice, block: Float64) -> tuple[Moments, TargetMoments]:
            return moments_of(block), target_moments(block, labels[rows], product)

        def add(rows: slice, block: Float64, made: tuple[Moments, TargetMoments]) -> None:
            moments, targets = made
            self._add_targets(targets, moments.mean, moments.count)
            self._moments.add(moments)

        self._blocks.sum(matrix, self._origin, make, add)

    def _add_targets(self, part: TargetMoments, mean: Float64, count: int) -> None:
        """Adds those of a block of so many rows with this mean [D], before its rows are added."""
        before = self._moments.scatter
        shift = mean - before.mean
        self._targets = (
            part if self._targets is None else self._targets.merged(part, shift, before.count, count)
        )

    def result(self) -> Statistics:
        """The statistics of all rows that were added; nothing can be added after it."""
        moments = self._moments.result()
        return Statistics(moments, self._groups.result(), self._targets).translated(self._origin)


def _product(a: Float64, b: Float64) -> Float64:
    """aᵀ b."""
    return dgemm(1.0, a.T, b)


class ScatterSums:
    """Adds blocks of rows into one centred scatter matrix in place; only its lower triangle is kept up."""

    def __init__(self, dimension: int) -> None:
        self.count = 0
        self.mean = np.zeros(dimension)
        self.lower = np.zeros((dimension, dimension), order="F")

    def add_rows(self, centred: Float64, mean: Float64) -> None:
        """Adds a block [m, D] that is centred by its mean [D]."""
        dsyrk(1.0, centred.T, beta=1.0, c=self.lower, lower=1, overwrite_c=1)
        self._join(len(centred), mean)

    def add(self, count: int, mean: Float64, scatter: Float64) -> None:
        """Adds the scatter [D, D] of so many rows about their mean [D]."""
        self.lower += scatter.T  # symmetric, and in the same order
        self._join(count, mean)

    def _join(self, m: int, mean: Float64) -> None:
        n, delta = self.count, mean - self.mean
        if n:
            dsyr(n * m / (n + m), delta, a=self.lower, lower=1, overwrite_a=1)
        self.mean = self.mean + delta * (m / (n + m))
        self.count = n + m


class MomentSums:
    """Moments in the making: a scatter matrix, and the cubic and quartic moments about the mean of all rows so far."""

    def __init__(self, dimension: int) -> None:
        self.scatter = ScatterSums(dimension)
        self._cubic = np.zeros(dimension)
        self._quartic = 0.0

    def add_rows(self, centred: Float64, mean: Float64) -> None:
        """Adds a block [m, D] that is centred by its mean [D]."""
        rest = self._moved(len(centred), mean)
        norms = (
            np.einsum("ij,ij->i", centred, centred) + 2 * dgemv(1.0, centred.T, rest, trans=1) + rest @ rest
        )
        self._cubic = self._cubic + dgemv(1.0, centred.T, norms) + norms.sum() * rest
        self._quartic += float(np.sum(norms**2))
        self.scatter.add_rows(centred, mean)

    def add(self, part: Moments) -> None:
        """Adds the moments of some rows, whose cubic and quartic are known."""
        cubic, quartic = part.shifted(-self._moved(part.count, part.mean))
        assert cubic is not None and quartic is not None
        self._cubic, self._quartic = self._cubic + cubic, self._quartic + quartic
        self.scatter.add(part.count, part.mean, part.scatter)

    def _moved(self, m: int, mean: Float64) -> Float64:
        """Moves the higher moments to the mean that m more rows with this mean [D] will make; from there to it, [D]."""
        old = self.scatter
        delta = mean - old.mean
        step = delta * (m / (old.count + m))
        if old.count:
            scatter_step, trace = dsymv(1.0, old.lower, step, lower=1), float(np.trace(old.lower))
            self._cubic, self._quartic = shift_higher_moments(
                old.count, scatter_step, trace, self._cubic, self._quartic, step
            )
        return delta - step

    def result(self) -> Moments:
        """Those of all rows that were added; nothing can be added after it."""
        scatter = self.scatter
        lower_to_full(scatter.lower)
        return Moments(scatter.count, scatter.mean, scatter.lower, self._cubic, self._quartic)


def lower_to_full(symmetric: Float64, block: int = 256) -> None:
    """Copies the lower triangle onto the upper, in place, block by block."""
    for start in range(0, len(symmetric), block):
        stop = start + block
        corner = symmetric[start:stop, start:stop]
        corner[...] = np.tril(corner) + np.tril(corner, -1).T
        symmetric[start:stop, stop:] = symmetric[stop:, start:stop].T
