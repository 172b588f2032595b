"""Decoding ahead: a batch waits for its own items and no more, and what goes wrong is said as ever."""

import threading
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

import audition
from audition.data.base import Item
from audition.errors import InputError
from audition.extraction import decoding
from audition.models import CallableModel


@dataclass(frozen=True)
class Twice:
    """A preprocess: an item times two, or a failure for one of them."""

    fails_at: int = -1

    def __call__(self, item):
        if item == self.fails_at:
            raise RuntimeError("cannot")
        return np.full(3, 2 * item, dtype=np.float32)


class Slow:
    """Items that are decoded when they are let."""

    name, kind, task = "slow", "image", "classification"

    def __init__(self, total=40, bad=None, free=None):
        self.total, self.bad, self.decoded = total, bad, 0
        self.gate = threading.Semaphore(total if free is None else free)

    def __len__(self):
        return self.total

    def items(self):
        for place in range(self.total):
            yield Item(f"item {place}", place % 2, lambda place=place: self._decode(place))

    def _decode(self, place):
        self.gate.acquire()
        if place == self.bad:
            raise InputError(f"Cannot read item {place}.")
        self.decoded += 1
        return place


def test_a_batch_waits_for_its_own_items_only():
    data = Slow(free=10)
    with decoding(data, [Twice()], ahead=True) as decoded:
        first = decoded.arrays[Twice()][0:8]
        assert np.array_equal(first[:, 0], 2 * np.arange(8))
        assert data.decoded <= 10
        assert decoded.arrays[Twice()].shape == (40, 3)
        data.gate.release(30)
        assert np.array_equal(decoded.arrays[Twice()][30:40][:, 0], 2 * np.arange(30, 40))
    assert decoded.labels == tuple(place % 2 for place in range(40))


@pytest.mark.parametrize("ahead", [True, False])
def test_an_item_that_cannot_be_read_ends_the_run(ahead):
    model = CallableModel("mine", lambda rows: rows, "image", preprocess=Twice())
    model.device = SimpleNamespace(type="cuda" if ahead else "cpu")
    with pytest.raises(InputError, match=r"^Cannot read item 33\.$"):
        audition.rank([model], Slow(bad=33), metrics="logme")


def test_a_preprocess_that_fails_takes_its_own_models_with_it():
    models = [
        CallableModel(name, lambda rows: rows, "image", preprocess=Twice(fails))
        for name, fails in (("good", -1), ("bad", 17))
    ]
    for model in models:
        model.device = SimpleNamespace(type="cuda")
    ranking = audition.rank(models, Slow(), metrics="logme")
    assert [row.model for row in ranking.placed] == ["good"]
    assert "its preprocess failed on 'item 17': cannot" in ranking.failed[0].error


def test_the_ranking_is_the_same_ahead_or_not():
    scores = []
    for device in ("cpu", "cuda"):
        model = CallableModel("mine", lambda rows: np.sin(rows), "image", preprocess=Twice())
        model.device = SimpleNamespace(type=device)
        scores.append(audition.rank([model], Slow(), metrics="logme,knn_accuracy", batch_size=7).best.scores)
    assert scores[0] == scores[1]


def test_leaving_early_stops_the_thread():
    data = Slow(total=1000, free=5)
    with pytest.raises(ZeroDivisionError), decoding(data, [Twice()], ahead=True):
        data.gate.release(995)
        raise ZeroDivisionError
    assert not [thread for thread in threading.enumerate() if thread.name == "audition-decode-ahead"]


class Fewer(Slow):
    """A data set that says it has more items than it gives."""

    def __len__(self):
        return self.total + 5


def test_items_that_never_come_are_not_waited_for():
    model = CallableModel("mine", lambda rows: rows, "image", preprocess=Twice())
    model.device = SimpleNamespace(type="cuda")
    assert audition.rank([model], Fewer(), metrics="logme").items == 40
