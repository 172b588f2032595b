"""Statistics of features and labels, at once or in a stream of batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from audition.arrays import Float64, Matrix, as_features, first_row, float64_rows
from audition.errors import InputError
from audition.heap import kept_memory
from audition.labels import ClassLabels, Labels, Task, as_labels, task_of
from audition.statistics.block import centre, class_moments, product
from audition.statistics.builder import Builder, ScatterSums
from audition.statistics.groups import ClassMoments, ClassSums
from audition.statistics.side_by_side import Blocks, is_shared
from audition.statistics.value import Statistics


def sufficient_statistics(features: Any, labels: Any, *, task: Task = "auto") -> Statistics:
    """The sufficient statistics of features [N, D] and their labels, in one pass.

    features: any framework's array, data frame, list or scipy sparse matrix, in any real dtype.
    labels: N hashable values (classes), N sets of names or columns of 0 and 1 [N, K] (several labels a
    row), or numbers [N] or [N, K] (regression targets).
    task: "auto" decides by the values (see `audition.labels`); or "classification", "multilabel",
    "regression".

    Memory beside the input: about D² + 2CD float64 and a block of 32 MiB; of many rows with up to 1,024 columns a block
    for each thread of BLAS (8 at most) and one more.
    Raises InputError for NaN or Inf, text, wrong shapes, lengths that differ.

    >>> s = sufficient_statistics([[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]], ["a", "a", "b"])
    >>> s
    Statistics(3 rows, 2 columns, 2 classes)
    >>> s.mean.tolist(), s.class_means.tolist()
    ([2.0, 2.0], [[1.0, 1.0], [4.0, 4.0]])
    """
    matrix = as_features(features)
    return statistics_of(matrix, as_labels(labels, task=task, rows=matrix.shape[0]))


@kept_memory()
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
        mean = centre(block)
        sums.add(class_moments(block, mean, labels[rows]))
    groups = sums.result()
    assert groups is not None  # a matrix past the door has rows
    return replace(groups, means=groups.means + origin)


def mean_and_scatter(matrix: Matrix) -> tuple[Float64, Float64]:
    """The mean [D] and the lower triangle of the centred scatter [D, D], for those who need no more."""
    origin = first_row(matrix)
    scatter = ScatterSums(len(origin))

    def make(rows: slice, block: Float64) -> tuple[Float64, Float64]:
        return centre(block), product(block, block)

    if is_shared(matrix):
        Blocks().sum(matrix, origin, make, lambda rows, block, made: scatter.add(len(block), *made))
    else:
        for _, block in float64_rows(matrix, origin):
            mean = centre(block)
            scatter.add_rows(block, mean)
    return origin + scatter.mean, scatter.lower
