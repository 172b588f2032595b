"""Some rows of a matrix, such as the training rows of features that lie on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import LazyMatrix, Matrix
from audition.tuning.rows.parts import Rows as Rows


@dataclass(frozen=True, eq=False)
class SomeRows(LazyMatrix):
    """Some rows of a matrix [N, D] as a matrix [n, D]: read when they are taken."""

    matrix: Matrix
    index: Rows

    @property
    def shape(self) -> tuple[int, int]:
        """(n, D)."""
        return len(self.index), self.matrix.shape[1]

    @property
    def ndim(self) -> int:
        """Always 2."""
        return 2

    @property
    def dtype(self) -> np.dtype[Any]:
        """As the matrix."""
        found: np.dtype[Any] = self.matrix.dtype
        return found

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, key: Any) -> NDArray[Any]:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        taken = self.matrix[self.index[rows]][:, columns]
        return taken if isinstance(taken, np.ndarray) else np.asarray(taken.toarray())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self[:], dtype=dtype)
