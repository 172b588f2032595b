"""What is sent to a worker, what it does with it, and what comes back."""

from __future__ import annotations

import pickle
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from executors.networks import ITEMS, Failing, Network, Spoilt, rows_and_labels

from audition.data import Item, open_dataset
from audition.errors import InputError
from audition.executors import Cut, Look, Piece, compute, sent, unreadable, whole_batches
from audition.executors.piece import Sent, Shard
from audition.extraction import decode, run_model
from audition.models import CallableModel


def shards(size: int = 256, first: int = 0, data: Any = None) -> list[Shard]:
    return list(Cut(data or open_dataset(rows_and_labels())).shards(first, whole_batches(size)))


@pytest.mark.parametrize(
    ("size", "first", "bounds"),
    [
        (256, 0, [0, 256, 512, 700]),
        (100, 0, [0, 200, 400, 600, 700]),
        (300, 0, [0, 300, 600, 700]),
        (256, 300, [300, 556, 700]),
        (256, 700, []),
    ],
)
def test_shards_are_whole_batches(size: int, first: int, bounds: list[int]) -> None:
    found = shards(size, first)
    assert [(shard.start, shard.stop) for shard in found] == list(pairwise(bounds))
    assert all(len(shard.items()) == shard.count for shard in found)


def test_an_item_in_memory_is_sent_once() -> None:
    """Not beside the array by which a cache tells it."""
    (first, *_) = shards()
    assert len(first.pickled) < 256 * 6 * 8 + 256 * 200


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


def test_a_failing_network_gives_what_came_before() -> None:
    rows, labels = rows_and_labels()
    rows[150, 0] = 1e3
    (first, *_) = shards(100, data=open_dataset((rows, labels)))
    done = compute(Piece(sent(Failing("bad", above=1e3), (), "auto"), first, ("late",), 100))
    assert done.error is not None and done.error.startswith(
        "bad failed on a batch of shape (100, 6): too much"
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
    with pytest.raises(InputError, match="^The model 'mine' cannot be sent to other processes"):
        sent(model, (), "auto")
    data = Spoilt((), name="held")
    object.__setattr__(data, "items", lambda: iter([Item("row 0", "a", lambda: None)]))
    with pytest.raises(InputError, match="^The data set 'held' cannot be sent to other processes"):
        shards(data=data)


def test_a_class_that_a_worker_lacks_fails_the_model_alone() -> None:
    piece = Piece(Sent("gone", pickled=b"cno_such_module\nNetwork\n."), shards()[0], ("late",), 256)
    assert compute(piece).error == "gone cannot be opened by a worker: No module named 'no_such_module'"
