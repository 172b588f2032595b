"""What is sent to a worker, what it does with it, and what comes back."""

from __future__ import annotations

import gzip
import os
import pickle
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from executors.networks import ITEMS, Failing, Looking, Network, Spoilt, rows_and_labels

from audition.data import Item, open_dataset
from audition.errors import InputError
from audition.executors import Cut, Look, Piece, Summed, compute, sent, unreadable, whole_batches, worker
from audition.executors.piece import Sent, Shard
from audition.extraction import Streamed, decode, run_model
from audition.labels import as_labels
from audition.models import CallableModel, Outputs


def shards(size: int = 256, first: int = 0, data: Any = None) -> list[Shard]:
    return list(Cut(data or open_dataset(rows_and_labels())).shards(first, whole_batches(size)))


@pytest.mark.parametrize(
    ("size", "first", "bounds"),
    [
        (256, 0, [0, 256, 512, 700]),
        (100, 0, [0, 100, 200, 300, 400, 500, 600, 700]),
        (60, 0, [0, 120, 240, 360, 480, 600, 700]),
        (300, 0, [0, 300, 600, 700]),
        (256, 300, [300, 556, 700]),
        (256, 700, []),
    ],
)
def test_shards_are_whole_batches(size: int, first: int, bounds: list[int]) -> None:
    found = shards(size, first)
    assert [(shard.start, shard.stop) for shard in found] == list(pairwise(bounds))
    assert all(len(list(shard.items())) == shard.count for shard in found)


def test_an_item_in_memory_is_sent_once() -> None:
    """Not beside the array by which a cache tells it."""
    (first, *_) = shards()
    assert len(bytes(first.packed)) < 256 * 6 * 8 + 256 * 200


def test_shards_are_the_same_again_also_side_by_side() -> None:
    cut = Cut(open_dataset(rows_and_labels()))
    one, other = cut.shards(0, 256), cut.shards(0, 256)
    found = [next(one), next(other), next(other), *one, *other]
    assert [shard.start for shard in found] == [0, 0, 256, 256, 512, 512]
    assert found[0] is found[1] and list(cut.shards(0, 256)) == [found[0], found[3], found[5]]


def test_batches_are_those_of_a_run_in_one_process() -> None:
    model, data = Network("net"), open_dataset(rows_and_labels())
    features = run_model(model, decode(data, [model.preprocess]), batch_size=100, layers="all")
    pieces = [Piece(sent(model, (), "auto"), shard, model.layers, 100) for shard in shards(100)]
    batches = [batch for piece in pieces for batch in compute(pickle.loads(pickle.dumps(piece))).batches]
    assert [(batch.start, batch.items) for batch in batches] == [(i, 100) for i in range(0, ITEMS, 100)]
    for layer in model.layers:
        rows = np.concatenate([batch.outputs.features[layer] for batch in batches]).astype(np.float32)
        np.testing.assert_array_equal(rows, features.layers[layer])


def test_only_layers_that_are_asked_for_come_back() -> None:
    done = compute(Piece(sent(Network("net"), (), "auto"), shards()[0], ("late",), 256))
    assert [list(batch.outputs.features) for batch in done.batches] == [["late"]]


def test_a_model_is_opened_once_and_a_shard_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, read = [], []
    monkeypatch.setattr(Sent, "open", lambda self: opened.append(self.name) or Network(self.name))  # type: ignore[func-returns-value]
    real = Shard.items
    monkeypatch.setattr(Shard, "items", lambda self: read.append(self.start) or real(self))  # type: ignore[func-returns-value]
    cut = shards()
    for name in ("zoo:one", "zoo:two"):
        for shard in cut:
            compute(Piece(sent(name, (), "auto"), shard, ("late",), 256))
    assert opened == ["zoo:one", "zoo:two"]
    assert read == [0, 256, 512]


HAPPENED: list[str] = []


def noted(row: Any) -> Any:
    HAPPENED.append("item")
    return row


class Noting(Network):
    """Notes each pass."""

    def forward(self, batch: Any) -> Outputs:
        HAPPENED.append("pass")
        return super().forward(batch)


class Noted(Spoilt):
    """Rows that note when they are decoded."""

    def items(self) -> Iterator[Item]:
        for item, row in zip(super().items(), rows_and_labels()[0], strict=True):
            yield replace(item, decode=partial(noted, row))


@pytest.mark.parametrize("size", [50, 128, 300])
def test_a_large_piece_is_decoded_some_batches_at_a_time(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing of it is kept where there is no room."""
    monkeypatch.setattr("audition.executors.worker.BYTES", 1)
    HAPPENED.clear()
    (shard,) = Cut(Noted(())).shards(0, 1000)
    rows, labels = rows_and_labels()[0].astype(np.float32), as_labels(rows_and_labels()[1])
    summed = Summed(labels, np.array([0, 255, 699]))
    (batch,) = compute(Piece(sent(Noting("net"), (), "auto"), shard, ("late",), size, summed=summed)).batches
    alone = Streamed(("late",), labels, summed.watched)
    for start in range(0, ITEMS, size):
        late = Network("net").forward(rows[start : start + size]).features["late"]
        alone.put({"late": late.astype(np.float32)})
    found: Any = batch.outputs.features["late"]
    wanted: Any = alone.matrix("late")
    np.testing.assert_array_equal(found.rows, wanted.rows)
    np.testing.assert_array_equal(found.statistics.scatter, wanted.statistics.scatter)
    chunk = whole_batches(size)
    assert HAPPENED[: chunk + 1] == ["item"] * chunk + ["pass"]
    assert (HAPPENED.count("item"), HAPPENED.count("pass")) == (ITEMS, -(-ITEMS // size))


class Narrow(Noting):
    """Has room for seven rows."""

    def forward(self, batch: Any) -> Outputs:
        if len(batch) > 7:
            raise MemoryError
        return super().forward(batch)


def test_batches_that_are_halved_cross_what_was_decoded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audition.executors.worker.BYTES", 1)
    (shard,) = Cut(Noted(())).shards(0, 1000)
    summed = Summed(as_labels(rows_and_labels()[1]))
    HAPPENED.clear()
    (batch,) = compute(Piece(sent(Narrow("net"), (), "auto"), shard, ("late",), 50, summed=summed)).batches
    found: Any = batch.outputs.features["late"]
    assert found.statistics.count == ITEMS
    assert HAPPENED.count("pass") == -(-ITEMS // 6)  # 50, 25, 12, 6: it is not tried again with more


def test_a_failing_network_gives_what_came_before() -> None:
    rows, labels = rows_and_labels()
    rows[100, 0] = 1e3
    (first, *_) = shards(60, data=open_dataset((rows, labels)))
    done = compute(Piece(sent(Failing("bad", above=1e3), (), "auto"), first, ("late",), 60))
    assert done.error is not None and done.error.startswith(
        "bad failed on a batch of shape (60, 6): too much"
    )
    assert [batch.start for batch in done.batches] == [0]
    assert not done.unreadable


def test_an_item_that_cannot_be_read_is_no_fault_of_the_model() -> None:
    (first, *_) = shards(data=Spoilt((3, 5)))
    done = compute(Piece(sent(Network("net"), (), "auto"), first, ("late",), 256))
    assert (done.error, done.unreadable, done.batches) == ("Cannot read row 3.", True, ())
    assert unreadable(Look(first)) == ("row 3", "row 5")


def test_another_shape_than_the_first_item_is_said_as_in_one_process() -> None:
    piece = Piece(sent(Network("net"), (), "auto"), shards()[1], ("late",), 256, (7,))
    error = compute(piece).error
    assert error == (
        "'row 256' gives an array of shape (6,) where the first item gave (7,): "
        "all items must have one shape after preprocessing."
    )


def test_an_object_that_cannot_be_sent_is_named() -> None:
    model = CallableModel("mine", lambda rows: rows, "rows")
    with pytest.raises(
        InputError, match="^The model 'mine' cannot be sent to workers, of whom each needs its own"
    ):
        sent(model, (), "auto")
    data = Spoilt((), name="held")
    object.__setattr__(data, "items", lambda: iter([Item("row 0", "a", lambda: None)]))
    with pytest.raises(
        InputError, match="^The data set 'held' cannot be sent to workers, of whom each needs its own"
    ):
        shards(data=data)


def test_items_of_a_class_that_a_worker_lacks_are_no_fault_of_the_model() -> None:
    held = gzip.compress(b"cno_such_module\nRow\n.")
    piece = Piece(sent(Network("net"), (), "auto"), Shard("run", 0, 1, 1, "rows", held), ("late",), 256)
    done = compute(piece)
    assert done.unreadable
    assert (
        done.error == "The items of the data set cannot be read by a worker: No module named 'no_such_module'"
    )


def test_items_that_a_worker_lacks_are_said_also_when_it_only_looks() -> None:
    held = gzip.compress(b"cno_such_module\nRow\n.")
    with pytest.raises(
        InputError,
        match="^The items of the data set cannot be read by a worker: No module named 'no_such_module'",
    ):
        unreadable(Look(Shard("run", 0, 1, 1, "rows", held)))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs a list of what is open")
def test_decoded_items_share_a_few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """One each, and threads side by side would run out of handles."""
    found = [held_open(1, monkeypatch), held_open(14, monkeypatch)]
    assert found == [1, 4]


def test_pictures_are_put_away_as_rows_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audition.spool.BUDGET", 0)
    monkeypatch.setattr(worker, "BUDGET", 0)
    monkeypatch.setattr(worker, "_own", worker._Own())
    done = compute(Piece(sent(Looking("net"), (), "auto"), shards()[0], ("late",), 256))
    assert done.error is None
    late = Network("net").forward(rows_and_labels()[0][:256].astype(np.float32)).features["late"]
    np.testing.assert_array_equal(done.batches[0].outputs.features["late"], late)


def held_open(pieces: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many files are open more after so many pieces of a large data set, of which eight stay decoded."""
    size = 50 * 6 * 4
    monkeypatch.setattr("audition.spool.BUDGET", 0)
    monkeypatch.setattr(worker, "BUDGET", 0)
    monkeypatch.setattr(worker, "BYTES", 8 * size)
    monkeypatch.setattr(worker, "FILES", 4)
    monkeypatch.setattr(worker, "_own", worker._Own())
    before, model = len(os.listdir("/proc/self/fd")), sent(Network("net"), (), "auto")
    cut = list(Cut(open_dataset(rows_and_labels())).shards(0, 50))
    for _ in range(2):
        for shard in cut[:pieces]:
            done = compute(Piece(model, shard, ("late",), 50))
            rows = rows_and_labels()[0][shard.start : shard.stop].astype(np.float32)
            late = Network("net").forward(rows).features["late"]
            np.testing.assert_array_equal(done.batches[0].outputs.features["late"], late)
    return len(os.listdir("/proc/self/fd")) - before


def test_a_class_that_a_worker_lacks_fails_the_model_alone() -> None:
    piece = Piece(Sent("gone", pickled=b"cno_such_module\nNetwork\n."), shards()[0], ("late",), 256)
    assert compute(piece).error == "gone cannot be opened by a worker: No module named 'no_such_module'"
