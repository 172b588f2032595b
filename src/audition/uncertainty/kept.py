"""Rows kept from a stream, so that statistics whose rows are gone have intervals, too."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64, as_features, take_rows
from audition.errors import InputError
from audition.labels import ClassLabels, Labels, MultiLabels, Targets, Task, as_labels, task_of
from audition.statistics import Statistics, stream_statistics
from audition.uncertainty.observed import Observed
from audition.uncertainty.pairs import Index, make_pairs
from audition.uncertainty.resamples import NUMBER, Resamples, draws_of, pooled

KEPT = 2048


@dataclass(frozen=True, eq=False)
class Kept:
    """The statistics of all rows of a stream, and some of the rows, drawn at random.

    positions: where these were in the stream, ascending [n].
    """

    statistics: Statistics
    seen: Observed
    positions: NDArray[np.int64]

    def resamples(self, *, number: int = NUMBER, seed: int = 0) -> Resamples:
        """Resamples of all rows by the kept ones, in strata of the classes; the same for every candidate."""
        labels, count = self.seen.labels, len(self.seen.rows)
        if count < 2:
            raise InputError("An interval needs at least two rows to draw from.")
        strata, totals = np.zeros(count, dtype=np.intp), np.array([self.statistics.count])
        if isinstance(labels, ClassLabels):
            strata, totals = labels.codes, self.statistics.class_counts
        joined, sizes = pooled(strata, totals)
        rng = np.random.default_rng(seed)
        return Resamples(
            count=self.statistics.count,
            rows=np.arange(count),
            units=np.arange(count),
            strata=joined,
            sizes=sizes,
            draws=draws_of(joined, number, rng),
            pairs=make_pairs(labels, np.arange(count), rng),
        )


def keep_rows(
    batches: Iterable[tuple[Any, Any]], *, task: Task = "auto", number: int = KEPT, seed: int = 0
) -> Kept:
    """The statistics of a stream of (features, labels), as `stream_statistics`, and `number` of its rows.

    Which rows are kept depends on the seed and on their position in the stream alone, so neither on the
    size of batches nor on the features: candidates that see the same items keep the same. Memory beside
    the statistics: number x D float64.

    >>> batches = (([[float(i), 1.0]], [i % 2]) for i in range(100))
    >>> kept = keep_rows(batches, number=10)
    >>> kept.statistics.count, kept.seen.rows.shape
    (100, (10, 2))
    """
    if number < 8:
        raise InputError(f"At least 8 rows must be kept; got {number}.")
    keeper = _Keeper(task, number, seed)
    statistics = stream_statistics(keeper.watched(batches), task=task)
    if statistics.count == 0:
        raise InputError("There are no rows in the stream.")
    order = np.argsort(keeper.positions)
    names = [keeper.labels[i] for i in order]
    seen = Observed(keeper.rows[order], _labels(names, statistics), statistics, statistics.dimension)
    return Kept(statistics, seen, keeper.positions[order])


class _Keeper:
    """Keeps the rows whose positions have the lowest keys."""

    def __init__(self, task: Task, number: int, seed: int) -> None:
        self._task, self._number, self._seed, self._count = task, number, seed, 0
        self.rows: Float64 = np.empty((0, 0))
        self.labels: list[Any] = []
        self.positions: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def watched(self, batches: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
        for features, labels in batches:
            matrix = as_features(features)
            encoded = as_labels(labels, task=self._task, rows=matrix.shape[0], is_batch=True)
            self._task = task_of(encoded)
            self._keep(matrix, encoded)
            yield features, labels

    def _keep(self, matrix: Any, labels: Labels) -> None:
        new = self._count + np.arange(matrix.shape[0])
        self._count += len(new)
        positions = np.concatenate([self.positions, new])
        lowest = np.sort(np.argsort(_keys(positions, self._seed), kind="stable")[: self._number])
        old, added = lowest[lowest < len(self.positions)], lowest[lowest >= len(self.positions)]
        index = added - len(self.positions)
        rows = take_rows(matrix, index, np.zeros(matrix.shape[1]))
        self.rows = np.vstack([self.rows[old], rows]) if len(self.rows) else rows
        self.labels = [self.labels[i] for i in old] + _plain(labels, index)
        self.positions = positions[lowest]


def _keys(positions: NDArray[np.int64], seed: int) -> NDArray[np.uint64]:
    """A number for each position, as good as random: the finaliser of SplitMix64 (Steele et al., 2014)."""
    start = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
    with np.errstate(over="ignore"):
        keys = (positions.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + start
        keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(keys ^ (keys >> np.uint64(31)))


def _plain(labels: Labels, index: Index) -> list[Any]:
    """The class, the set of labels or the targets of some rows."""
    if isinstance(labels, ClassLabels):
        return [labels.classes[code] for code in labels.codes[index]]
    if isinstance(labels, MultiLabels):
        return list(MultiLabels(labels.values[index], labels.names).sets())
    return list(labels.values[index])


def _labels(plain: list[Any], statistics: Statistics) -> Labels:
    """The kept labels, their classes in the order of the statistics."""
    if statistics.groups is not None:
        place = {name: i for i, name in enumerate(statistics.groups.classes)}
        return ClassLabels(
            np.array([place[name] for name in plain], dtype=np.intp), statistics.groups.classes
        )
    names: tuple[Hashable, ...] | None = statistics.need_targets().names
    if names is None:
        return Targets(np.array(plain, dtype=np.float64))
    return MultiLabels(np.array([[float(name in own) for name in names] for own in plain]), names)
