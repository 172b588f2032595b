"""One piece of work: some items of a data set through one model. It says all that a worker needs to do it."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, cast
from uuid import uuid4

from audition.data.base import DataKind, Dataset, Item
from audition.errors import InputError
from audition.extraction.batches import Batch
from audition.extraction.streamed import Places
from audition.labels import Labels
from audition.models.base import Model
from audition.models.registry import open_model
from audition.models.trust import Trust

ITEMS = 256
"""About how many items make a piece: a whole number of batches, so that batches are those of a run in one process."""


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
    pickled = _pickled(
        model, f"The model {model.name!r}", "name it, or put its function at the top of a module"
    )
    return Sent(model.name, pickled=pickled, digest=hashlib.sha256(pickled).hexdigest())


@dataclass(frozen=True)
class Shard:
    """Items of a data set one after the other, on their way to a worker, who reads what they name.

    run: the same for all shards of one run. start: the place of the first. total: how many the data set has.
    pickled: the items; what is in files goes as a path, what is in memory goes along.
    """

    run: str
    start: int
    count: int
    total: int
    kind: DataKind
    pickled: bytes = field(default=b"", repr=False, compare=False)

    @property
    def stop(self) -> int:
        """The place behind the last."""
        return self.start + self.count

    def items(self) -> Sequence[Item]:
        """The items, in the process that asks."""
        return cast(Sequence[Item], pickle.loads(self.pickled))


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
    """A data set cut into shards: the same ones whoever computes them."""

    def __init__(self, data: Dataset) -> None:
        self._data, self._run = data, uuid4().hex

    def shards(self, first: int, step: int) -> Iterator[Shard]:
        """The items from `first` on, `step` of them in each shard but the last.

        Raises InputError for items that cannot go to another process.
        """
        data, start = self._data, first
        items = islice(data.items(), first, None)
        while held := [_light(item) for item in islice(items, step)]:
            pickled = _pickled(held, f"The data set {data.name!r}", "give it by its path or as arrays")
            yield Shard(self._run, start, len(held), len(data), data.kind, pickled)
            start += len(held)


def _light(item: Item) -> Item:
    """An item without what it is told by, which would be sent beside what it is decoded from."""
    return replace(item, source=None)


def _pickled(thing: Any, what: str, instead: str) -> bytes:
    try:
        return pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # what an object raises that cannot be pickled is its own affair
        raise InputError(
            f"{what} cannot be sent to other processes ({error}): {instead}, or rank in one process."
        ) from error
