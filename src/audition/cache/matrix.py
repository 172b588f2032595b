"""Features on disk that stand where a matrix of features stands: rows are read when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import LazyMatrix, Matrix
from audition.cache.lease import Lease
from audition.cache.shards import DTYPE, Float32, StoredRows
from audition.errors import InputError


@dataclass(frozen=True, eq=False)
class Part:
    """Rows of a matrix from `start` on: those from `skip` to `stop` of a shard, or of another matrix."""

    source: StoredRows | Matrix
    start: int
    skip: int
    stop: int

    @property
    def end(self) -> int:
        """One past its last row in the matrix."""
        return self.start + self.stop - self.skip


@dataclass(frozen=True, eq=False)
class StoredMatrix(LazyMatrix):
    """Features [N, D] in parts, float32; what is read of it is a new array.

    Takes a row, a slice, an index or a mask of rows, and the same of columns after a comma. Holds no
    rows itself, so its memory does not grow with N. Raises InputError where its files are gone.
    """

    parts: tuple[Part, ...]
    width: int
    lease: Lease | None = None  # keeps another process from pruning what is read here

    @property
    def shape(self) -> tuple[int, int]:
        """(N, D)."""
        return (self.parts[-1].end if self.parts else 0), self.width

    @property
    def ndim(self) -> int:
        """Always 2."""
        return 2

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """What rows are read as."""
        return DTYPE

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Float32:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            if step == 1:
                return self._between(start, max(start, stop), columns)
            rows = np.arange(start, stop, step)
        index = self._index(rows)
        taken = self._at(index.ravel(), columns)
        return taken.reshape(index.shape + taken.shape[1:])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("Features on disk become an array only by a copy.")
        return np.asarray(self[:], dtype=dtype)

    def __repr__(self) -> str:
        return f"StoredMatrix([{len(self)}, {self.width}] in {len(self.parts)} parts)"

    def _index(self, rows: Any) -> NDArray[np.intp]:
        """Rows as numbers from 0 to N - 1."""
        index = np.asarray(rows)
        if index.dtype == bool:
            if index.shape != (len(self),):
                raise IndexError(f"a mask of shape {index.shape} does not fit {len(self)} rows")
            return np.flatnonzero(index)
        if index.size == 0:
            return index.astype(np.intp)
        if index.dtype.kind not in "iu":
            raise IndexError(f"rows are taken by whole numbers, not by {index.dtype}")
        index = index.astype(np.intp)
        if index.min() < -len(self) or index.max() >= len(self):
            raise IndexError(f"a row is outside of 0 to {len(self) - 1}")
        return np.where(index < 0, index + len(self), index)

    def _empty(self, rows: int, columns: Any) -> Float32:
        return np.empty((rows, *np.arange(self.width)[columns].shape), dtype=np.float32)

    def _between(self, start: int, stop: int, columns: Any) -> Float32:
        taken = self._empty(stop - start, columns)
        first = int(np.searchsorted([part.end for part in self.parts], start, side="right"))
        for part in self.parts[first:]:
            low, high = max(start, part.start), min(stop, part.end)
            if low >= high:
                break
            shift = part.skip - part.start
            taken[low - start : high - start] = part.source[low + shift : high + shift][:, columns]
        return taken

    def _at(self, index: NDArray[np.intp], columns: Any) -> Float32:
        taken = self._empty(len(index), columns)
        which = np.searchsorted([part.end for part in self.parts], index, side="right")
        order = np.argsort(which, kind="stable")
        numbers, firsts = np.unique(which[order], return_index=True)
        for number, places in zip(numbers, np.split(order, firsts[1:]), strict=False):
            part = self.parts[number]
            taken[places] = part.source[index[places] + (part.skip - part.start)][:, columns]
        return taken


def matrix_of(parts: tuple[Part, ...], lease: Lease | None = None) -> StoredMatrix:
    """The parts as one matrix; raises InputError where there are none."""
    if not parts:
        raise InputError("There are no rows of these features.")
    source = parts[0].source
    width = source.width if isinstance(source, StoredRows) else source.shape[1]
    return StoredMatrix(parts, width, lease)
