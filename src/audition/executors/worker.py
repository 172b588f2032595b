"""What a worker does: it opens a model once, reads the items where it is, and gives what comes out of the network."""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from audition.arrays import Array, Matrix, as_array
from audition.data.base import Item
from audition.errors import AuditionError, InputError, ModelError
from audition.executors.piece import Done, Look, Piece, Sent, Shard, Summed
from audition.extraction.batches import Batch, batches, forward, forward_there
from audition.extraction.decode import Stack, prepared_item, put_all, quietly
from audition.extraction.outputs import Output
from audition.extraction.streamed import Streamed
from audition.heap import keep_memory
from audition.models.base import Model, Outputs, Preprocess

MODELS = 2  # that stay open: the one whose pieces run, and the one before, of which a piece may come again
SHARDS, BYTES = 256, 2**30  # what stays decoded for the next models, in memory or in temporary files


def compute(piece: Piece) -> Done:
    """The batches of a piece; what the model or an item is to blame for is said in the answer, and not raised."""
    keep_memory()
    came: list[Batch] = []
    decoding = 0.0
    try:
        model = _own.model(piece.model)
        items, decoding = _own.items(piece, model.preprocess)
        passes = forward if piece.summed is None else forward_there
        computed = batches(model, items, piece.layers, size=piece.size, forward=passes)
        if piece.summed is not None:
            came.append(_summary(model.name, piece, piece.summed, computed))
            return Done(tuple(came), decoding)
        for batch in computed:
            outputs = _owned(batch.outputs, piece.layers)
            came.append(replace(batch, start=piece.shard.start + batch.start, outputs=outputs))
    except _Unreadable as error:
        return Done((), decoding, str(error), unreadable=True)
    except AuditionError as error:
        return Done(tuple(came), decoding, str(error))
    return Done(tuple(came), decoding)


def unreadable(look: Look) -> tuple[str, ...]:
    """The names of the items of a shard that cannot be read."""
    with _decoding, quietly(look.shard):
        return tuple(item.name for item in _items(look.shard) if not _is_readable(item))


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
    """What this worker has at hand: networks that are open, and shards that are decoded; each thread its own."""

    def __init__(self) -> None:
        self._models: OrderedDict[Sent, Model] = OrderedDict()
        self._shards: OrderedDict[tuple[Shard, Preprocess], Matrix] = OrderedDict()

    def model(self, wanted: Sent) -> Model:
        """The model, opened the first time it is asked for."""
        if wanted not in self._models:
            while len(self._models) >= MODELS:
                self._models.popitem(last=False)
            self._models[wanted] = _opened(wanted)
        self._models.move_to_end(wanted)
        return self._models[wanted]

    def items(self, piece: Piece, preprocess: Preprocess) -> tuple[Matrix, float]:
        """The items of a shard as a model wants them, decoded the first time; and the seconds that took."""
        key, began = (piece.shard, preprocess), time.perf_counter()
        if key in self._shards:
            self._shards.move_to_end(key)
            return self._shards[key], 0.0
        self._shards[key] = _decoded(piece, preprocess)
        while len(self._shards) > SHARDS or sum(map(_size, self._shards.values())) > BYTES:
            if len(self._shards) == 1:
                break
            self._shards.popitem(last=False)
        return self._shards[key], time.perf_counter() - began


_own = _Own()
_decoding = threading.Lock()  # Pillow is kept quiet by filters that belong to the whole process


def _size(items: Matrix) -> int:
    return int(np.prod(items.shape)) * int(items.dtype.itemsize)


def _opened(wanted: Sent) -> Model:
    try:
        return wanted.open()
    except AuditionError:
        raise
    except Exception as error:  # an object of a class that this process cannot import
        raise ModelError(f"{wanted.name} cannot be opened by a worker: {error}") from error


def _decoded(piece: Piece, preprocess: Preprocess) -> Matrix:
    """The items of a shard, read and put through a preprocess; raises ModelError where that fails."""
    shard = piece.shard
    stack = Stack(shard.total, piece.row)  # in memory where the whole data set would be
    with _decoding, quietly(shard):
        for item in _items(shard):
            prepared = prepared_item((preprocess,), item)
            if isinstance(prepared, InputError):
                raise _Unreadable(str(prepared))
            if failures := put_all({preprocess: stack}, item, prepared):
                raise ModelError(failures[preprocess])
    return stack.rows()


def _items(shard: Shard) -> Sequence[Item]:
    try:
        return shard.items()
    except Exception as error:  # items of a class that this process cannot import
        raise _Unreadable(f"The items of the data set cannot be read by a worker: {error}") from error
