"""Rows of a large .npy file, read when they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from audition.arrays import Array, LazyMatrix, block_rows, check_rows

LARGE = 2**25  # bytes of a file beyond which its rows stay where they are: 32 MiB


@dataclass(frozen=True, eq=False)
class ArrayRows(LazyMatrix):
    """Features [N, D] in a .npy file; what is read of it is a new array, and memory does not grow with N.

    offset: where the rows begin. Rows are looked at when they are read: InputError for NaN and Inf.
    """

    path: Path
    shape: tuple[int, int]
    dtype: np.dtype[Any]
    offset: int

    @property
    def ndim(self) -> int:
        """Always 2."""
        return 2

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Array:
        if isinstance(key, slice) and key.step in (None, 1):
            start, stop, _ = key.indices(len(self))
            return self._between(start, max(start, stop))
        # A mapping for each call, so that what was read does not stay in the memory of the process.
        rows = np.array(np.memmap(self.path, self.dtype, "r", self.offset, self.shape)[key])
        if not np.isfinite(rows).all():
            self._check_all()
        return rows

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype=dtype)

    def _between(self, start: int, stop: int) -> Array:
        width = self.shape[1]
        where = self.offset + start * width * self.dtype.itemsize
        rows = np.fromfile(self.path, self.dtype, (stop - start) * width, offset=where).reshape(-1, width)
        check_rows(rows, "features", start)
        return rows

    def _check_all(self) -> None:
        """Says where the first number is that is none."""
        step = block_rows(self.shape[1])
        for start in range(0, len(self), step):
            self._between(start, min(start + step, len(self)))


def rows_of(path: Path) -> ArrayRows | None:
    """The rows of a large .npy file of numbers, one after the other; None of any other."""
    if path.stat().st_size <= LARGE:
        return None
    with path.open("rb") as file:
        heads = np.lib.format
        version = heads.read_magic(file)
        read = heads.read_array_header_1_0 if version == (1, 0) else heads.read_array_header_2_0
        shape, by_columns, dtype = read(file)
        whole = path.stat().st_size - file.tell() == int(np.prod(shape)) * dtype.itemsize
        plain = len(shape) == 2 and 0 not in shape and dtype.kind in "biuf" and dtype.isnative
        return (
            ArrayRows(path, cast(tuple[int, int], shape), dtype, file.tell())
            if plain and whole and not by_columns
            else None
        )
