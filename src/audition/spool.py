"""Rows of one shape that come one batch after the other: in memory while they are few, on disk beyond."""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import RawIOBase
from math import prod
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from audition.arrays import LazyMatrix, block_rows
from audition.errors import InputError

Array = NDArray[Any]
BUDGET = 2**25  # bytes that one spool keeps in memory: 32 MiB
ALIGNED = 64  # bytes: where rows of whatever dtype may begin


class _TemporaryFile:
    """A file without a name that is closed, and so removed, when nothing refers to this any more.

    Threads may write and read beside each other.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder, self._lock, self._end = folder, threading.Lock(), 0
        with self._told():
            # Without a buffer: what a full disk refused would be written once more when the file is closed.
            file = tempfile.TemporaryFile(prefix="audition-", dir=folder, buffering=0)  # noqa: SIM115
        self._file = cast(RawIOBase, file)
        weakref.finalize(self, self._file.close)

    def reserved(self, size: int) -> int:
        """Where so many bytes may be written from now on."""
        with self._lock:
            start = self._end
            self._end += -(-size // ALIGNED) * ALIGNED
            return start

    def write(self, held: bytes, start: int) -> None:
        """Puts bytes at a place; raises InputError where the disk cannot take them."""
        left = memoryview(held)
        with self._told(), self._lock:
            self._file.seek(start)
            while left:
                left = left[self._file.write(left) or 0 :]

    def mapped(self, dtype: np.dtype[Any], shape: tuple[int, ...], start: int) -> Array:
        """What is at a place."""
        with self._lock:  # a mapping looks for the end of the file, which moves where the next bytes would go
            return np.memmap(self._file, dtype=dtype, mode="r", shape=shape, offset=start)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = self._folder or tempfile.gettempdir()
            raise InputError(
                f"Items in between cannot be kept in {str(where)!r}: {error.strerror}. "
                "Make room there, or name another folder in TMPDIR."
            ) from error


@dataclass(frozen=True, eq=False)
class RowFile(LazyMatrix):
    """Rows [N, ...] in a temporary file, from `start` on; rows, and columns, are read when they are taken.

    Stands where an array of features or of decoded items stands. The file goes when the last
    reference to it does.
    """

    owner: _TemporaryFile
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int = 0

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Array:
        # A mapping for each call, so that what was read does not stay in the memory of the process.
        return np.array(self.owner.mapped(self.dtype, self.shape, self.start)[key])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype=dtype)


class Shelf:
    """Room for the rows of any number of spools: so many bytes in memory, and one temporary file beyond.

    budget: the bytes in memory, by default 32 MiB. folder: where the file is; by default where temporary files are.
    """

    def __init__(self, budget: int | None = None, folder: Path | None = None) -> None:
        self._left = BUDGET if budget is None else budget
        self._folder = folder
        self._lock = threading.Lock()
        self._file: _TemporaryFile | None = None

    def takes(self, size: int) -> bool:
        """Whether so many bytes have room in memory, which is theirs from now on."""
        with self._lock:
            has_room = size <= self._left
            self._left -= size if has_room else 0
            return has_room

    def file(self) -> _TemporaryFile:
        """Where all else goes; raises InputError where there can be none."""
        with self._lock:
            if self._file is None:
                self._file = _TemporaryFile(self._folder)
            return self._file

    def keeps(self, rows: Array | RowFile) -> Array | RowFile:
        """The same rows [N, ...], put away here: an array stays as it is while there is room.

        Raises InputError where the disk cannot take them.
        """
        if isinstance(rows, np.ndarray) and self.takes(rows.nbytes):
            return rows
        spool = Spool(len(rows), self)
        step = block_rows(max(1, prod(rows.shape[1:])))
        for start in range(0, len(rows), step):
            spool.put(rows[start : start + step])
        return spool.rows()


class Spool:
    """Takes rows in order and gives them back as one array, or as a `RowFile` where they are many.

    total: how many may come. shelf: where they are put, beside those of other spools; by default one of its own.
    """

    def __init__(self, total: int, shelf: Shelf | None = None) -> None:
        self._total = total
        self._shelf = Shelf() if shelf is None else shelf
        self._filled = 0
        self._array: Array | None = None
        self._file: RowFile | None = None
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
        shape = (self._total, *rows.shape[1:])
        size = int(np.prod(shape)) * rows.dtype.itemsize
        if rows.dtype.hasobject or self._shelf.takes(size):
            self._array = np.empty(shape, dtype=rows.dtype)
        else:
            file = self._shelf.file()
            self._file = RowFile(file, shape, rows.dtype, file.reserved(size))

    def _write(self, rows: Array) -> None:
        assert self._file is not None
        whole = self._file
        if self._filled + len(rows) > self._total:  # what follows belongs to other spools
            raise ValueError(f"more rows than the {self._total} that were to come")
        held = np.ascontiguousarray(rows, dtype=whole.dtype).tobytes()
        size_of_row = int(np.prod(whole.shape[1:])) * whole.dtype.itemsize
        whole.owner.write(held, whole.start + self._filled * size_of_row)

    def rows(self) -> Array | RowFile:
        """All that have come, [filled, ...]."""
        if self._row is None:
            return np.empty((0, 0), dtype=np.float32)
        if self._array is not None:
            return self._array[: self._filled]
        assert self._file is not None
        return replace(self._file, shape=(self._filled, *self._file.shape[1:]))
