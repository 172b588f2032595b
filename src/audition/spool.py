"""Rows of one shape that come one batch after the other: in memory while they are few, on disk beyond."""

from __future__ import annotations

import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import LazyMatrix
from audition.errors import InputError

Array = NDArray[Any]
BUDGET = 2**25  # bytes that one spool keeps in memory: 32 MiB


class _TemporaryFile:
    """A file without a name that is closed, and so removed, when nothing refers to this any more."""

    def __init__(self, folder: Path | None) -> None:
        self.file: IO[bytes] = tempfile.TemporaryFile(prefix="audition-", dir=folder)  # noqa: SIM115
        weakref.finalize(self, self.file.close)


@dataclass(frozen=True, eq=False)
class RowFile(LazyMatrix):
    """Rows [N, ...] in a file of their own; rows, and columns, are read when they are taken.

    Stands where an array of features or of decoded items stands. The file goes when the last
    reference to it does.
    """

    owner: _TemporaryFile
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Array:
        # A mapping for each call, so that what was read does not stay in the memory of the process.
        whole = np.memmap(self.owner.file, dtype=self.dtype, mode="r", shape=self.shape)
        return np.array(whole[key])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype=dtype)


class Spool:
    """Takes rows in order and gives them back as one array, or as a `RowFile` where they are many."""

    def __init__(self, total: int, folder: Path | None = None) -> None:
        self._total = total
        self._folder = folder
        self._filled = 0
        self._array: Array | None = None
        self._file: _TemporaryFile | None = None
        self._row: tuple[tuple[int, ...], np.dtype[Any]] | None = None

    @property
    def row(self) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        """Shape and dtype of a row, once the first has come."""
        return self._row

    @property
    def filled(self) -> int:
        """How many rows have come."""
        return self._filled

    def put(self, rows: Array) -> None:
        """The next rows [n, ...], of the shape and dtype of the first.

        Raises InputError where the disk cannot take them.
        """
        if self._row is None:
            self._begin(rows)
        if self._array is not None:
            self._array[self._filled : self._filled + len(rows)] = rows
        else:
            self._write(rows)
        self._filled += len(rows)

    def _begin(self, rows: Array) -> None:
        self._row = rows.shape[1:], rows.dtype
        bytes_of_all = self._total * int(np.prod(rows.shape[1:])) * rows.dtype.itemsize
        if rows.dtype.hasobject or bytes_of_all <= BUDGET:
            self._array = np.empty((self._total, *rows.shape[1:]), dtype=rows.dtype)
        else:
            self._file = _TemporaryFile(self._folder)

    def _write(self, rows: Array) -> None:
        assert self._file is not None
        try:
            self._file.file.write(np.ascontiguousarray(rows).tobytes())
            self._file.file.flush()
        except OSError as error:
            where = self._folder or tempfile.gettempdir()
            raise InputError(
                f"Items in between cannot be kept in {str(where)!r}: {error.strerror}. "
                "Make room there, or name another folder in TMPDIR."
            ) from error

    def rows(self) -> Array | RowFile:
        """All that have come, [filled, ...]."""
        if self._row is None:
            return np.empty((0, 0), dtype=np.float32)
        if self._array is not None:
            return self._array[: self._filled]
        assert self._file is not None
        shape, dtype = self._row
        return RowFile(self._file, (self._filled, *shape), dtype)
