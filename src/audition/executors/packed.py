"""Items on their way to workers: packed once for all candidates, and put away until they are sent."""

from __future__ import annotations

import gzip
import pickle
import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import IO

from audition.data.base import Item
from audition.errors import InputError

CRATE = 128
"""Items that are packed together: so many that it hardly counts that what they share is written once a crate."""
SMALL = 512
"""Bytes an item up to which it is worth shrinking: paths shrink to a tenth, pixels hardly, and take long."""
BUDGET = 2**25  # bytes that are kept in memory: 32 MiB


def crates(items: Iterable[Item]) -> Iterator[Sequence[Item]]:
    """Items as they are packed together."""
    left = iter(items)
    return iter(lambda: list(islice(left, CRATE)), [])


def packed(crate: Sequence[Item]) -> bytes:
    """What a worker needs of items: their names, and how each is decoded; raises what pickling them raises.

    Several crates, one behind the other, are unpacked as they are.
    """
    pickled = pickle.dumps([(item.name, item.decode) for item in crate], protocol=pickle.HIGHEST_PROTOCOL)
    level = 1 if len(pickled) <= SMALL * len(crate) else 0
    return gzip.compress(pickled, level, mtime=0)


def unpacked(held: bytes) -> Iterator[Item]:
    """The items of crates, one after the other, without what they are labelled and told by."""
    with gzip.open(BytesIO(held)) as file:
        while file.peek(1):
            for name, decode in pickle.load(file):
                yield Item(name, None, decode)


class Store:
    """Bytes that are put away one after the other: in memory while they are few, in a temporary file beyond.

    The file goes when nothing refers to the store any more. Threads may read beside each other.
    """

    def __init__(self, budget: int = BUDGET) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(budget, prefix="audition-")  # noqa: SIM115
        self._lock, self._end = threading.Lock(), 0
        weakref.finalize(self, self._file.close)

    def put(self, held: bytes) -> Stored:
        """Where they are found again; raises InputError where the disk cannot take them."""
        try:
            with self._lock:
                self._file.seek(self._end)
                self._file.write(held)
                self._file.flush()
                start, self._end = self._end, self._end + len(held)
        except OSError as error:
            raise InputError(
                f"Items for workers cannot be kept in {tempfile.gettempdir()!r}: {error.strerror}. "
                "Make room there, or name another folder in TMPDIR."
            ) from error
        return Stored(self, start, len(held))

    def read(self, start: int, length: int) -> bytes:
        """So many bytes from a place on."""
        with self._lock:
            self._file.seek(start)
            return self._file.read(length)


@dataclass(frozen=True, eq=False)
class Stored:
    """Bytes in a store; they are read when they are asked for, and go along when they are sent elsewhere."""

    store: Store
    start: int
    length: int

    def __bytes__(self) -> bytes:
        return self.store.read(self.start, self.length)

    def __reduce__(self) -> tuple[type[bytes], tuple[bytes]]:
        return bytes, (bytes(self),)
