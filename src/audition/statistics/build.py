"""Builds statistics from features and labels, one bounded block of rows at a time.

All linear algebra in the loop over blocks is scipy's BLAS: numpy brings a BLAS of its own, and the
threads of the two, taking turns, keep each other from the processor (1.5 times slower on two cores).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.linalg.blas import dgemm, dgemv, dsymv, dsyr, dsyrk

from audition.arrays import Float64, Matrix, as_features, first_row, float64_rows
from audition.errors import InputError
from audition.labels import ClassLabels, Labels, MultiLabels, Targets, Task, as_labels, task_of
from audition.statistics.groups import ClassMoments, ClassSums, TargetMoments
from audition.statistics.moments import Moments, shift_higher_moments
from audition.statistics.value import Statistics


def sufficient_statistics(features: Any, labels: Any, *, task: Task = "auto") -> Statistics:
    """The sufficient statistics of features [N, D] and their labels, in one pass.

    features: any framework's array, data frame, list or scipy sparse matrix, in any real dtype.
    labels: N hashable values (classes), N sets of names or columns of 0 and 1 [N, K] (several labels a
    row), or numbers [N] or [N, K] (regression targets).
    task: "auto" decides by the values (see `audition.labels`); or "classification", "multilabel",
    "regression".

    Memory beside the input: about D² + 2CD float64 and one block of 32 MiB.
    Raises InputError for NaN or Inf, text, wrong shapes, lengths that differ.

    >>> s = sufficient_statistics([[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]], ["a", "a", "b"])
    >>> s
    Statistics(3 rows, 2 columns, 2 classes)
    >>> s.mean.tolist(), s.class_means.tolist()
    ([2.0, 2.0], [[1.0, 1.0], [4.0, 4.0]])
    """
    matrix = as_features(features)
    return statistics_of(matrix, as_labels(labels, task=task, rows=matrix.shape[0]))


def stream_statistics(batches: Iterable[tuple[Any, Any]], *, task: Task = "auto") -> Statistics:
    """The sufficient statistics of any iterable of (features, labels) batches, none of them kept.

    With task="auto" the first batch decides: give the task when its labels could be either.
    Raises InputError like `sufficient_statistics`, and when batches differ in columns.

    >>> batches = (([[float(i), 1.0]], [i % 2]) for i in range(10))
    >>> stream_statistics(batches)
    Statistics(10 rows, 2 columns, 2 classes)
    """
    builder: Builder | None = None
    for features, labels in _pairs(batches):
        matrix = as_features(features)
        encoded = as_labels(labels, task=task, rows=matrix.shape[0], is_batch=True)
        if builder is None:
            builder = Builder(first_row(matrix))
            task = task_of(encoded)
        builder.add(matrix, encoded)
    statistics = builder.result() if builder else Statistics.empty()
    if statistics.targets is not None and statistics.targets.names == ():
        raise InputError("No row has any label.")
    return statistics


def _pairs(batches: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    try:
        for batch in batches:
            features, labels = batch
            yield features, labels
    except (TypeError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("stream_statistics takes an iterable of pairs (features, labels).") from error


def statistics_of(matrix: Matrix, labels: Labels) -> Statistics:
    """The statistics of features and labels that are past the door."""
    builder = Builder(first_row(matrix))
    builder.add(matrix, labels)
    return builder.result()


def class_moments_of(matrix: Matrix, labels: ClassLabels) -> ClassMoments:
    """Counts, means and squares of the classes, for those who need no scatter: C × D memory."""
    origin = first_row(matrix)
    sums = ClassSums(len(origin))
    for rows, block in float64_rows(matrix, origin):
        mean = block.mean(axis=0)
        block -= mean
        sums.add(class_moments(block, mean, labels[rows]))
    groups = sums.result()
    assert groups is not None  # a matrix past the door has rows
    return replace(groups, means=groups.means + origin)


def mean_and_scatter(matrix: Matrix) -> tuple[Float64, Float64]:
    """The mean [D] and the lower triangle of the centred scatter [D, D], for those who need no more."""
    origin = first_row(matrix)
    scatter = _Scatter(len(origin))
    for _, block in float64_rows(matrix, origin):
        mean = block.mean(axis=0)
        block -= mean
        scatter.add(block, mean)
    return origin + scatter.mean, scatter.lower


class _Scatter:
    """Adds blocks of rows into one centred scatter matrix in place; only its lower triangle is kept up."""

    def __init__(self, dimension: int) -> None:
        self.count = 0
        self.mean = np.zeros(dimension)
        self.lower = np.zeros((dimension, dimension), order="F")

    def add(self, centred: Float64, mean: Float64) -> None:
        """Adds a block [m, D] that is centred by its mean [D]."""
        n, m = self.count, len(centred)
        delta = mean - self.mean
        dsyrk(1.0, centred.T, beta=1.0, c=self.lower, lower=1, overwrite_c=1)
        if n:
            dsyr(n * m / (n + m), delta, a=self.lower, lower=1, overwrite_a=1)
        self.mean = self.mean + delta * (m / (n + m))
        self.count = n + m


class Builder:
    """Statistics in the making: adds batches of features and labels, and keeps none of them.

    first: the first row [D]. All is relative to it: a column that never changes is exactly zero, and a mean that
    is large against the spread costs nothing.
    """

    def __init__(self, first: Float64) -> None:
        self._origin = first
        self._scatter = _Scatter(len(first))
        self._cubic = np.zeros(len(first))
        self._quartic = 0.0
        self._groups = ClassSums(len(first))
        self._targets: TargetMoments | None = None

    def add(self, matrix: Matrix, labels: Labels) -> None:
        """Adds rows [n, D] and their labels."""
        if matrix.shape[1] != len(self._origin):
            raise InputError(f"A batch has {matrix.shape[1]} columns; those before had {len(self._origin)}.")
        for rows, block in float64_rows(matrix, self._origin):
            mean = block.mean(axis=0)
            block -= mean
            self._add_labels(block, mean, labels[rows])
            self._add_higher_moments(block, mean)
            self._scatter.add(block, mean)

    def _add_labels(self, block: Float64, mean: Float64, labels: Labels) -> None:
        if isinstance(labels, ClassLabels):
            self._groups.add(class_moments(block, mean, labels))
        else:
            part = target_moments(block, labels)
            shift, counts = mean - self._scatter.mean, (self._scatter.count, len(block))
            self._targets = part if self._targets is None else self._targets.merged(part, shift, *counts)

    def _add_higher_moments(self, block: Float64, mean: Float64) -> None:
        """Moves the cubic and quartic moments to the mean of all rows, and adds those of the block there."""
        old, m = self._scatter, len(block)
        delta = mean - old.mean
        step = delta * (m / (old.count + m))
        if old.count:
            scatter_step, trace = dsymv(1.0, old.lower, step, lower=1), float(np.trace(old.lower))
            self._cubic, self._quartic = shift_higher_moments(
                old.count, scatter_step, trace, self._cubic, self._quartic, step
            )
        rest = delta - step  # from the mean of all rows to that of the block
        norms = np.einsum("ij,ij->i", block, block) + 2 * dgemv(1.0, block.T, rest, trans=1) + rest @ rest
        self._cubic = self._cubic + dgemv(1.0, block.T, norms) + norms.sum() * rest
        self._quartic += float(np.sum(norms**2))

    def result(self) -> Statistics:
        """The statistics of all rows that were added; nothing can be added after it."""
        lower_to_full(self._scatter.lower)
        moments = Moments(
            self._scatter.count, self._scatter.mean, self._scatter.lower, self._cubic, self._quartic
        )
        return Statistics(moments, self._groups.result(), self._targets).translated(self._origin)


def lower_to_full(symmetric: Float64, block: int = 256) -> None:
    """Copies the lower triangle onto the upper, in place, block by block."""
    for start in range(0, len(symmetric), block):
        stop = start + block
        corner = symmetric[start:stop, start:stop]
        corner[...] = np.tril(corner) + np.tril(corner, -1).T
        symmetric[start:stop, stop:] = symmetric[stop:, start:stop].T


def class_moments(centred: Float64, mean: Float64, labels: ClassLabels) -> ClassMoments:
    """Of a block [n, D] centred by its mean [D]. Only classes that occur in it are kept."""
    order = np.argsort(labels.codes, kind="stable")
    occurring, starts = np.unique(labels.codes[order], return_index=True)
    means = np.empty((len(occurring), centred.shape[1]))
    squares = np.empty_like(means)
    # Class by class: the rows of one are gathered once and are in the processor's cache from then on.
    counts = np.diff(starts, append=len(order)).astype(np.int64)
    for i, index in enumerate(np.split(order, starts[1:])):
        rows = np.take(centred, index, axis=0)
        np.add.reduce(rows, axis=0, out=means[i])
        means[i] /= counts[i]
        rows -= means[i]
        np.multiply(rows, rows, out=rows)
        np.add.reduce(rows, axis=0, out=squares[i])
    return ClassMoments(tuple(labels.classes[i] for i in occurring), counts, means + mean, squares)


def target_moments(centred: Float64, labels: MultiLabels | Targets) -> TargetMoments:
    """Of a block of features centred by its mean, and its targets [n, K]."""
    mean = labels.values.mean(axis=0)
    spread = labels.values - mean
    names = labels.names if isinstance(labels, MultiLabels) else None
    return TargetMoments(mean, dgemm(1.0, spread, spread, trans_a=1), dgemm(1.0, centred.T, spread), names)
