"""Labels past the door: one class a row, any number of labels a row, or regression targets."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64


@dataclass(frozen=True)
class ClassLabels:
    """One class a row. codes: int [N], the place of each row's class in `classes`."""

    codes: NDArray[np.intp]
    classes: tuple[Hashable, ...]

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def counts(self) -> NDArray[np.intp]:
        """Rows of each class, int [C]."""
        return np.bincount(self.codes, minlength=len(self.classes))

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> ClassLabels:
        return ClassLabels(self.codes[rows], self.classes)


@dataclass(frozen=True)
class MultiLabels:
    """Any number of labels a row. values: float64 [N, K], 1 where a row has a label; names: K labels."""

    values: Float64
    names: tuple[Hashable, ...]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> MultiLabels:
        return MultiLabels(self.values[rows], self.names)

    def sets(self) -> Iterator[frozenset[Hashable]]:
        """The names of each row's labels."""
        for row in self.values:
            yield frozenset(self.names[i] for i in np.flatnonzero(row))

    @property
    def one_each(self) -> bool:
        """Whether every row has exactly one label, so that they are classes written as columns."""
        return bool((self.values.sum(axis=1) == 1).all())


@dataclass(frozen=True)
class Targets:
    """Regression targets, float64 [N, K]."""

    values: Float64

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: slice | NDArray[np.intp]) -> Targets:
        return Targets(self.values[rows])

    def plain(self) -> Iterator[float | tuple[float, ...]]:
        """The target of each row as a number, or a tuple of several."""
        for row in self.values.tolist():
            yield row[0] if len(row) == 1 else tuple(row)


Labels = ClassLabels | MultiLabels | Targets


def task_of(labels: Labels) -> Literal["classification", "multilabel", "regression"]:
    """The task that labels make."""
    if isinstance(labels, ClassLabels):
        return "classification"
    return "multilabel" if isinstance(labels, MultiLabels) else "regression"
