"""What a worker does: it opens a model once, reads the items where it is, and gives what comes out of the network."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from math import prod
from typing import Any

import numpy as np

from audition.arrays import Array, as_array
from audition.data.base import Item
from audition.errors import AuditionError, InputError, ModelError
from audition.executors.piece import Done, Look, Piece, Sent, Shard, Summed, whole_batches
from audition.extraction.batches import Batch, Forward, batches, forward, forward_there
from audition.extraction.decode import Stack, prepared_item, put_all, quietly
from audition.extraction.outputs import Output
from audition.extraction.streamed import PART_ROWS, Streamed
from audition.heap import keep_memory
from audition.models.base import Model, Outputs, Preprocess
from audition.spool import BUDGET, RowFile, Shelf

MODELS = 2  # that stay open: the one whose pieces run, and the one before, of which a piece may come again
CHUNKS, BYTES = 512, 2**30  # what stays decoded for the next models, in memory or in temporary files
FILES = 16  # about how many temporary files these share, each of which is a handle of the process
CHUNK = 2**24  # bytes that are decoded together, and stay so: 16 MiB, or a batch where that is more


def compute(piece: Piece) -> Done:
    """The batches of a piece; what the model or an item is to blame for is said in the answer, and not raised."""
    keep_memory()
    came, items = list[Batch](), _Items(piece)
    try:
        model = _own.model(piece.model)
        if piece.summed is not None:
            came.append(_summary(model.name, piece, piece.summed, _batches(model, items, forward_there)))
            return Done(tuple(came), items.seconds)
        for batch in _batches(model, items, forward):
            came.append(replace(batch, outputs=_owned(batch.outputs, piece.layers)))
    except _Unreadable as error:
        return Done((), items.seconds, str(error), unreadable=True)
    except AuditionError as error:
        return Done(tuple(came), items.seconds, str(error))
    return Done(tuple(came), items.seconds)


def _batches(model: Model, items: _Items, passes: Forward) -> Iterator[Batch]:
    """All batches of a piece, by their places in the data set; their seconds are those in the network."""
    piece, before = items.piece, 0.0
    arrays = items.decoded(model.preprocess)
    part = PART_ROWS if piece.summed else None
    for batch in batches(model, arrays, piece.layers, size=piece.size, part=part, forward=passes):
        decoding, before = items.seconds - before, items.seconds
        yield replace(batch, start=piece.shard.start + batch.start, seconds=batch.seconds - decoding)


def unreadable(look: Look) -> tuple[str, ...]:
    """The names of the items of a shard that cannot be read; raises InputError where no item can be looked at."""
    try:
        with _decoding, quietly(look.shard):
            return tuple(item.name for item in _items(look.shard) if not _is_readable(item))
    except _Unreadable as error:
        raise InputError(str(error)) from error


def _is_readable(item: Item) -> bool:
    try:
        item.decode()
    except InputError:
        return False
    return True


class _Unreadable(Exception):  # no error of the model's: the answer tells the two apart
    """An item cannot be read."""


def _summary(name: str, piece: Piece, summed: Summed, computed: Iterable[Batch]) -> Batch:
    """All batches of a piece as one, with the statistics of each layer in place of its rows."""
    sink = Streamed(piece.layers, summed.labels, summed.watched, piece.shard.total)
    outputs = {layer: Output(name, layer) for layer in piece.layers}
    seconds, counted = 0.0, Counter[str]()
    for batch in computed:
        given = batch.outputs.features
        sink.put({layer: out.left(batch.items, given.get(layer)) for layer, out in outputs.items()})
        counted.update(batch.outputs.counted)
        seconds += batch.seconds
    found: dict[str, Any] = {layer: sink.matrix(layer) for layer in piece.layers}
    return Batch(piece.shard.start, piece.shard.count, Outputs(found, None, dict(counted)), seconds)


def _owned(outputs: Outputs, layers: tuple[str, ...]) -> Outputs:
    """What is asked for of the outputs, in arrays that the network does not use again."""
    features = {layer: _copy(outputs.features[layer]) for layer in layers if layer in outputs.features}
    head = outputs.source_probabilities
    return Outputs(features, None if head is None else _copy(head), dict(outputs.counted))


def _copy(values: object) -> Array:
    return np.array(as_array(values))


class _Own(threading.local):
    """What this worker has at hand: networks that are open, and items that are decoded; each thread its own."""

    def __init__(self) -> None:
        self._models: OrderedDict[Sent, Model] = OrderedDict()
        self._chunks: OrderedDict[Hashable, Array | RowFile] = OrderedDict()
        self._shelf, self._left = Shelf(0), BYTES // FILES

    def model(self, wanted: Sent) -> Model:
        """The model, opened the first time it is asked for."""
        if wanted not in self._models:
            while len(self._models) >= MODELS:
                self._models.popitem(last=False)
            self._models[wanted] = _opened(wanted)
        self._models.move_to_end(wanted)
        return self._models[wanted]

    def chunk(self, key: Hashable, decoded: Callable[[], Array | RowFile], total: int) -> Array | RowFile:
        """Decoded items, of so many in all; made the first time they are asked for."""
        if key not in self._chunks:
            self._chunks[key] = self._put_away(decoded(), total)
            while len(self._chunks) > CHUNKS or sum(map(_size, self._chunks.values())) > BYTES:
                if len(self._chunks) == 1:
                    break
                self._chunks.popitem(last=False)
        self._chunks.move_to_end(key)
        return self._chunks[key]

    def _put_away(self, items: Array | RowFile, total: int) -> Array | RowFile:
        """Decoded items in memory where all of them would be, else beside others in a file."""
        size = _size(items)
        if size * total <= BUDGET * len(items):
            return items
        if self._left <= 0:  # the file before goes with the last of those that are there
            self._shelf, self._left = Shelf(0), BYTES // FILES
        self._left -= size
        return self._shelf.keeps(items)


_own = _Own()
_decoding = threading.Lock()  # Pillow is kept quiet by filters that belong to the whole process


class _Items:
    """The items of a piece, decoded some batches at a time, however many they are.

    seconds: what decoding took so far; nothing where they were decoded before.
    """

    def __init__(self, piece: Piece) -> None:
        self.piece, self.seconds = piece, 0.0
        self._left, self._at = _items(piece.shard), 0

    def decoded(self, preprocess: Preprocess) -> _Decoded:
        """As a model wants them."""
        return _Decoded(self, preprocess)

    def chunk(self, places: range, preprocess: Preprocess) -> Array | RowFile:
        """Those at some places of the piece."""
        shard, decoded = self.piece.shard, partial(self._chunk, places, preprocess)
        return _own.chunk((shard, places, preprocess), decoded, shard.total)

    def _chunk(self, places: range, preprocess: Preprocess) -> Array | RowFile:
        began = time.perf_counter()
        if places.start < self._at:
            self._left, self._at = _items(self.piece.shard), 0
        items = islice(self._left, places.start - self._at, places.stop - self._at)
        found = _stacked(self.piece, items, len(places), preprocess)
        self._at = places.stop
        self.seconds += time.perf_counter() - began
        return found


@dataclass(frozen=True, eq=False)
class _Decoded:
    """The same as an array, of which rows are made when they are taken."""

    items: _Items
    preprocess: Preprocess

    def __len__(self) -> int:
        return self.items.piece.shard.count

    def __getitem__(self, rows: slice) -> Array:
        start, stop, _ = rows.indices(len(self))
        step = _together(self.items.piece)
        parts = [self._rows(first, start, stop) for first in range(start - start % step, stop, step)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _rows(self, first: int, start: int, stop: int) -> Array:
        """What the chunk that begins with `first` has of the rows from `start` to `stop`."""
        last = min(first + _together(self.items.piece), len(self))
        chunk = self.items.chunk(range(first, last), self.preprocess)
        return np.asarray(chunk[max(start - first, 0) : stop - first])


def _together(piece: Piece) -> int:
    """How many items of a piece are decoded together: all whose rows come back, else whole batches."""
    if piece.summed is None:
        return piece.shard.count
    if piece.row is None:
        return whole_batches(piece.size)
    return piece.size * max(1, CHUNK // (4 * piece.size * max(1, prod(piece.row))))


def _size(items: Array | RowFile) -> int:
    return int(np.prod(items.shape)) * int(items.dtype.itemsize)


def _opened(wanted: Sent) -> Model:
    try:
        return wanted.open()
    except AuditionError:
        raise
    except Exception as error:  # an object of a class that this process cannot import
        raise ModelError(f"{wanted.name} cannot be opened by a worker: {error}") from error


def _stacked(piece: Piece, items: Iterable[Item], number: int, preprocess: Preprocess) -> Array | RowFile:
    """So many items of a piece, read and put through a preprocess; raises ModelError where that fails."""
    stack = Stack(number, piece.row)
    with _decoding, quietly(piece.shard):
        for item in items:
            prepared = prepared_item((preprocess,), item)
            if isinstance(prepared, InputError):
                raise _Unreadable(str(prepared))
            if failures := put_all({preprocess: stack}, item, prepared):
                raise ModelError(failures[preprocess])
    return stack.rows()


def _items(shard: Shard) -> Iterator[Item]:
    try:
        yield from shard.items()
    except Exception as error:  # items of a class that this process cannot import
        raise _Unreadable(f"The items of the data set cannot be read by a worker: {error}") from error
