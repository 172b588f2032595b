"""One piece of work: some items of a data set through one model. It says all that a worker needs to do it."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from typing import cast
from uuid import uuid4

from audition.data.base import DataKind, Dataset, Item
from audition.errors import InputError
from audition.executors.packed import Store, Stored, crates, packed, unpacked
from audition.extraction.batches import Batch
from audition.extraction.streamed import Places
from audition.labels import Labels
from audition.models.base import Model
from audition.models.registry import open_model
from audition.models.trust import Trust

ITEMS = 128
"""About how many items make a piece whose rows come back: a whole number of batches, so that batches are those of a
run in one process, and so few that several workers share a small data set."""


@dataclass(frozen=True)
class Sent:
    """A model as a worker opens it: by its name, or from the bytes that its object became.

    digest: of these bytes, which tell the same model in the next piece.
    """

    name: str
    trust: tuple[str, ...] = ()
    device: str = "auto"
    digest: str = ""
    pickled: bytes = field(default=b"", repr=False, compare=False)

    def open(self) -> Model:
        """The model, in the process that asks."""
        if self.pickled:
            return cast(Model, pickle.loads(self.pickled))
        return open_model(self.name, trust=self.trust, device=self.device)


def sent(model: str | Model, trust: Trust, device: str) -> Sent:
    """A model made ready for other processes; raises InputError for an object that cannot go there."""
    if isinstance(model, str):
        return Sent(model, tuple(trust), device)
    with _sendable(f"The model {model.name!r}", "name it, or put its function at the top of a module"):
        pickled = pickle.dumps(model, protocol=pickle.HIGHEST_PROTOCOL)
    return Sent(model.name, pickled=pickled, digest=hashlib.sha256(pickled).hexdigest())


@dataclass(frozen=True)
class Shard:
    """Items of a data set one after the other, on their way to a worker, who reads what they name.

    run: the same for all shards of one run. start: the place of the first. total: how many the data set has.
    packed: the items; what is in files goes as a path, what is in memory goes along.
    """

    run: str
    start: int
    count: int
    total: int
    kind: DataKind
    packed: bytes | Stored = field(default=b"", repr=False, compare=False)

    @property
    def stop(self) -> int:
        """The place behind the last."""
        return self.start + self.count

    def items(self) -> Iterator[Item]:
        """The items, unpacked some at a time in the process that asks; they have no labels."""
        return unpacked(bytes(self.packed))


@dataclass(frozen=True)
class Look:
    """A shard of which is asked which items can be read."""

    shard: Shard


@dataclass(frozen=True, eq=False)
class Summed:
    """What a worker needs to give statistics in place of rows: the shard's labels, and the places to watch in it."""

    labels: Labels
    watched: Places | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """A shard through a model: size items at a time, of which each has the shape `row` where that is known.

    summed: where statistics of the shard are enough; they come back as one batch.
    """

    model: Sent
    shard: Shard
    layers: tuple[str, ...]
    size: int
    row: tuple[int, ...] | None = None
    summed: Summed | None = None


@dataclass(frozen=True, eq=False)
class Done:
    """What came of a piece: its batches as far as they came, and why they came no further.

    decoding: seconds; 0 where the worker had decoded the items before. unreadable: whether it is an item that
    failed, and not the model.
    """

    batches: tuple[Batch, ...]
    decoding: float = 0.0
    error: str | None = None
    unreadable: bool = False


def whole_batches(size: int) -> int:
    """How many items make a piece whose rows come back, where a batch has `size`."""
    return size * max(1, ITEMS // size)


class Cut:
    """A data set cut into shards: the same ones whoever computes them, packed once however often they are sent."""

    def __init__(self, data: Dataset) -> None:
        self._data, self._run, self._store = data, uuid4().hex, Store()
        self._known: dict[tuple[int, int], _Kept] = {}

    def shards(self, first: int, step: int) -> Iterator[Shard]:
        """The items from `first` on, `step` of them in each shard but the last.

        Raises InputError for items that cannot go to another process.
        """
        key = first, step
        if key not in self._known:
            self._known[key] = _Kept(self._cut(first, step))
        return iter(self._known[key])

    def _cut(self, first: int, step: int) -> Iterator[Shard]:
        data, start = self._data, first
        items = islice(data.items(), first, None)
        while held := [(len(crate), self._packed(crate)) for crate in crates(islice(items, step))]:
            number = sum(items_in for items_in, _ in held)
            stored = self._store.put(b"".join(crate for _, crate in held))
            yield Shard(self._run, start, number, len(data), data.kind, stored)
            start += number

    def _packed(self, crate: Sequence[Item]) -> bytes:
        with _sendable(f"The data set {self._data.name!r}", "give it by its path or as arrays"):
            return packed(crate)


class _Kept:
    """Shards that are made when they are first asked for."""

    def __init__(self, source: Iterator[Shard]) -> None:
        self._source, self._came = source, list[Shard]()

    def __iter__(self) -> Iterator[Shard]:
        for place in count():
            if place == len(self._came):
                self._came += islice(self._source, 1)
            if place == len(self._came):
                return
            yield self._came[place]


@contextmanager
def _sendable(what: str, instead: str) -> Iterator[None]:
    """Raises InputError for what cannot be pickled."""
    try:
        yield
    except Exception as error:  # what an object raises that cannot be pickled is its own affair
        raise InputError(
            f"{what} cannot be sent to workers, of whom each needs its own ({error}): "
            f"{instead}, or rank without an executor."
        ) from error
