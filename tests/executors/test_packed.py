"""Items packed for workers: what comes out again, how little they take, and where they wait."""

from __future__ import annotations

import errno
import io
import pickle
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.data import Item
from audition.errors import InputError
from audition.executors import Cut, Look, unreadable
from audition.executors import packed as home
from audition.executors.packed import CRATE, Store, crates, packed, unpacked


def read(path: Path) -> str:
    return path.name


def files(number: int) -> Iterator[Item]:
    """Files as a folder of class folders names them."""
    for place in range(number):
        path = Path(f"/data/pictures/train/class {place // 500:03}/picture {place:08}.png")
        yield Item(str(path), path.parent.name, partial(read, path), source=path)


@dataclass(frozen=True)
class Folder:
    """So many files that are not there."""

    number: int
    name: str = "folder"
    kind: Any = "text"
    task: Any = "classification"

    def __len__(self) -> int:
        return self.number

    def items(self) -> Iterator[Item]:
        return files(self.number)


@pytest.mark.parametrize("number", [0, 1, CRATE, CRATE + 1, 1000])
def test_items_come_out_as_they_went_in(number: int) -> None:
    held = b"".join(map(packed, crates(files(number))))
    found = list(unpacked(held))
    assert [(item.name, item.decode()) for item in found] == [
        (one.name, one.decode()) for one in files(number)
    ]
    assert {item.label for item in found} <= {None}


def test_a_file_takes_a_few_bytes_and_what_is_in_memory_no_time() -> None:
    shards = Cut(Folder(10_000)).shards(0, 2048)
    assert sum(len(bytes(shard.packed)) for shard in shards) < 16 * 10_000
    rows = [Item("row", 0, partial(np.array, row)) for row in np.zeros((CRATE, 512))]
    assert len(packed(rows)) > CRATE * 512 * 8  # zeros, that would shrink to nothing


class Noted:
    """The decoder of an item, which notes each time that one is unpacked."""

    unpacked = 0

    def __call__(self) -> str:
        return "decoded"

    def __reduce__(self) -> tuple[Any, ...]:
        return _noted, ()


def _noted() -> Noted:
    Noted.unpacked += 1
    return Noted()


def test_what_comes_first_is_unpacked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker need not hold all items of a large shard at once."""
    monkeypatch.setattr(Noted, "unpacked", 0)
    items = (Item(str(place), None, Noted()) for place in range(10 * CRATE))
    found = unpacked(b"".join(map(packed, crates(items))))
    assert next(found).decode() == "decoded"
    assert Noted.unpacked == CRATE
    assert sum(1 for _ in found) == 10 * CRATE - 1
    assert Noted.unpacked == 10 * CRATE


@given(st.lists(st.binary(max_size=50)), st.sampled_from([1, 30, 2**20]))
def test_a_store_gives_back_what_was_put_there(held: list[bytes], budget: int) -> None:
    store = Store(budget)
    stored = [store.put(one) for one in held]
    assert [bytes(one) for one in stored] == held
    assert pickle.loads(pickle.dumps(stored)) == held  # on their way they are bytes
    assert [bytes(one) for one in reversed(stored)] == held[::-1]


def test_threads_read_beside_each_other() -> None:
    store = Store(1)
    held = [bytes([number]) * 10_000 for number in range(200)]
    stored = [store.put(one) for one in held]
    with ThreadPoolExecutor(8) as executor:
        assert list(executor.map(bytes, stored * 5)) == held * 5


class Rows(Folder):
    """Rows of 8 kB that are made when they are asked for."""

    def items(self) -> Iterator[Item]:
        for place in range(self.number):
            row = np.random.default_rng(place).normal(size=1000)
            yield Item(f"row {place}", place % 2, partial(np.array, row), source=row)


def test_memory_does_not_grow_with_what_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audition.executors.piece.Store", partial(Store, 2**20))
    cut = Cut(Rows(4_000))
    tracemalloc.start()
    for _ in range(2):
        assert sum(shard.count for shard in cut.shards(0, 50)) == 4_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4e6  # of 32 MB


def test_a_shard_outlives_its_cut() -> None:
    """A thread may still be at work when a ranking has been stopped."""
    (first, *_) = Cut(Folder(300)).shards(0, 100)
    assert unreadable(Look(first)) == () and len(list(first.items())) == 100


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(home.tempfile, "SpooledTemporaryFile", lambda *_args, **_options: Full())
    with pytest.raises(
        InputError, match="^Items for workers cannot be kept in .*: No space left on device. Make"
    ):
        next(Cut(Folder(300)).shards(0, 100))
