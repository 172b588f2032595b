"""What the labels add to the moments: classes, or regression targets."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.errors import InputError
from audition.labels import ordered


@dataclass(frozen=True, eq=False)
class ClassMoments:
    """Counts [C], means [C, D] and squares [C, D] = Σ (x − class mean)² of the classes."""

    classes: tuple[Hashable, ...]
    counts: NDArray[np.int64]
    means: Float64
    squares: Float64

    def __add__(self, other: ClassMoments) -> ClassMoments:
        classes = ordered(self.classes + other.classes)
        a, b = self._spread(classes), other._spread(classes)
        counts = a.counts + b.counts
        delta = b.means - a.means
        share = (b.counts / counts)[:, None]
        means = a.means + delta * share
        squares = a.squares + b.squares + a.counts[:, None] * share * delta**2
        return ClassMoments(classes, counts, means, squares)

    def _spread(self, classes: tuple[Hashable, ...]) -> ClassMoments:
        """The same over a longer list of classes, empty where a class has no row here."""
        place = {label: i for i, label in enumerate(classes)}
        index = [place[label] for label in self.classes]
        shape = (len(classes), self.means.shape[1])
        counts, means, squares = np.zeros(len(classes), np.int64), np.zeros(shape), np.zeros(shape)
        counts[index], means[index], squares[index] = self.counts, self.means, self.squares
        return ClassMoments(classes, counts, means, squares)


class ClassSums:
    """Class moments in the making: blocks are added in place, at the cost of the classes that they hold.

    dimension: D. The same numbers, to the last bit, as adding the moments of the blocks one after the other.
    """

    def __init__(self, dimension: int) -> None:
        self._place: dict[Hashable, int] = {}
        self._counts = np.zeros(0, np.int64)
        self._means, self._squares = np.zeros((0, dimension)), np.zeros((0, dimension))

    def add(self, part: ClassMoments) -> None:
        """Adds the moments of some rows."""
        at = np.array([self._place.setdefault(label, len(self._place)) for label in part.classes], np.intp)
        self._make_room(len(self._place))
        before, total = self._counts[at], self._counts[at] + part.counts
        means = self._means[at]
        delta = part.means - means
        share = (part.counts / total)[:, None]
        self._means[at] = means + delta * share
        self._squares[at] = self._squares[at] + part.squares + before[:, None] * share * delta**2
        self._counts[at] = total

    def _make_room(self, classes: int) -> None:
        held = len(self._counts)
        if classes > held:
            more = max(classes, 2 * held) - held
            self._counts = np.concatenate([self._counts, np.zeros(more, np.int64)])
            rows = np.zeros((more, self._means.shape[1]))
            self._means, self._squares = np.vstack([self._means, rows]), np.vstack([self._squares, rows])

    def result(self) -> ClassMoments | None:
        """The moments of all, the classes in order; None where nothing was added."""
        if not self._place:
            return None
        classes = ordered(self._place)
        at = [self._place[label] for label in classes]
        return ClassMoments(classes, self._counts[at], self._means[at], self._squares[at])


@dataclass(frozen=True, eq=False)
class TargetMoments:
    """Of K targets y: mean [K], scatter [K, K] = Σ (y − ȳ)(y − ȳ)ᵀ, cross [D, K] = Σ (x − mean)(y − ȳ)ᵀ.

    names: what the K columns of 0 and 1 stand for where a row may have several labels; None in regression.
    """

    mean: Float64
    scatter: Float64
    cross: Float64
    names: tuple[Hashable, ...] | None = None

    def merged(self, other: TargetMoments, feature_shift: Float64, n: int, m: int) -> TargetMoments:
        """Of both; feature_shift [D] is the other's feature mean less this one's, n and m the counts."""
        if self.names is not None and other.names is not None and self.names != other.names:
            names = ordered(self.names + other.names)
            return self._spread(names).merged(other._spread(names), feature_shift, n, m)
        if len(self.mean) != len(other.mean):
            raise InputError(f"Statistics of {len(self.mean)} and {len(other.mean)} targets cannot be added.")
        delta = other.mean - self.mean
        weight = n * m / (n + m)
        return TargetMoments(
            self.mean + delta * (m / (n + m)),
            self.scatter + other.scatter + weight * np.outer(delta, delta),
            self.cross + other.cross + weight * np.outer(feature_shift, delta),
            self.names,
        )

    def _spread(self, names: tuple[Hashable, ...]) -> TargetMoments:
        """The same over a longer list of labels; one that no row here has is a column of zeros."""
        place = {name: i for i, name in enumerate(names)}
        index = [place[name] for name in self.names or ()]
        k = len(names)
        mean, scatter, cross = np.zeros(k), np.zeros((k, k)), np.zeros((len(self.cross), k))
        mean[index], scatter[np.ix_(index, index)], cross[:, index] = self.mean, self.scatter, self.cross
        return TargetMoments(mean, scatter, cross, names)
