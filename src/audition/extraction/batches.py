"""Items through a network, as many at a time as memory has room for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any

from audition.arrays import Array, Matrix
from audition.errors import AuditionError, InputError, ModelError
from audition.models.base import Model, Outputs
from audition.models.memory import is_out_of_memory
from audition.models.placed import NO_ROOM, Placed

_log = logging.getLogger("audition")

Forward = Callable[[Model, Array, Sequence[str]], Outputs]
SMALLER = "items went through in smaller batches: memory ran out"

LARGEST = 256  # items
BYTES = 2**24  # of preprocessed items: 111 pictures of 224 pixels, and 256 of up to 148


@dataclass(frozen=True)
class Batch:
    """What one forward pass gave: the items from `start` on, so many of them, and its seconds."""

    start: int
    items: int
    outputs: Outputs
    seconds: float


def check_batch_size(batch_size: Any) -> None:
    """Raises InputError where a batch size is no positive whole number; None leaves the choice to us."""
    if batch_size is None:
        return
    if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size < 1:
        raise InputError(
            f"The 'batch_size' parameter must be a positive integer. Got {batch_size!r} instead."
        )


def size_for(items: Matrix, batch_size: int | None = None) -> int:
    """How many items go through at once: what is asked for, else as many as 16 MiB hold, at most 256."""
    if batch_size is not None:
        return batch_size
    one = int(items.dtype.itemsize)
    for length in items.shape[1:]:
        one *= length
    return max(1, min(LARGEST, BYTES // max(one, 1)))


def number_of(items: int, size: int, part: int | None = None) -> int:
    """How many batches so many items make, of which none goes beyond a part.

    >>> number_of(10, 4), number_of(10, 4, part=5)
    (3, 4)
    """
    if part is None:
        return -(-items // size)
    return items // part * -(-part // size) + -(-(items % part) // size)


def forward_there(model: Model, batch: Array, layers: Sequence[str]) -> Outputs:
    """As `forward`, the features tensors on the device that computed them where a model can leave them there."""
    if not isinstance(model, Placed) or model.device.type == "cpu":
        return forward(model, batch, layers)
    with _model_errors(model, batch):
        return model.forward_there(batch, layers)


def forward(model: Model, batch: Array, layers: Sequence[str]) -> Outputs:
    """One pass; raises MemoryError where memory runs out, in whatever words, ModelError where the network fails."""
    with _model_errors(model, batch):
        if "layers" in signature(model.forward).parameters:  # then no others are pooled and brought back
            return model.forward(batch, layers=layers)  # type: ignore[call-arg]
        return model.forward(batch)


@contextmanager
def _model_errors(model: Model, batch: Array) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a network of any library, or the user's own
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        if isinstance(error, AuditionError):
            raise
        raise ModelError(f"{model.name} failed on a batch of shape {batch.shape}: {error}") from error


def batches(
    model: Model,
    items: Matrix,
    layers: Sequence[str],
    *,
    first: int = 0,
    size: int = LARGEST,
    part: int | None = None,
    forward: Forward = forward,
) -> Iterator[Batch]:
    """Every batch from item `first` on, in order. Where memory runs out, this one and all later are halved.

    A model that can goes to the CPU where its device has no room for one item, and goes on with that one. Both
    are said in `Outputs.counted`. part: no batch goes beyond a multiple of so many items. forward: `forward_there`
    leaves features on the device.
    Raises ModelError where the network fails, or not even one item fits into memory.
    """
    start, room, smaller = first, size, False
    while start < len(items):
        began = time.perf_counter()
        ends = len(items) if part is None else (start // part + 1) * part
        batch = items[start : min(start + room, ends)]
        try:
            outputs = forward(model, batch, layers)
        except MemoryError as error:
            if len(batch) == 1 and not _leaves(model):
                raise ModelError(
                    f"{model.name} does not fit into memory, not even with one item at a time."
                ) from error
            room, smaller = (len(batch) // 2, True) if len(batch) > 1 else (size, False)
            continue
        yield Batch(
            start, len(batch), _told(outputs, model, len(batch), smaller), time.perf_counter() - began
        )
        start += len(batch)


def _leaves(model: Model) -> bool:
    """Puts a model on the CPU, where it is on another device and can go; whether it was so."""
    if not isinstance(model, Placed) or model.device.type == "cpu":
        return False
    _log.info("%s: one item does not fit the memory of %s: it goes to the CPU", model.name, model.device)
    model.to_cpu(NO_ROOM)
    return True


def _told(outputs: Outputs, model: Model, items: int, smaller: bool) -> Outputs:
    """Outputs that also say in how small batches, and where, they were computed, if not as was asked for."""
    displaced = model.displaced if isinstance(model, Placed) else None
    said = {what: items for what in (SMALLER if smaller else None, displaced) if what}
    return replace(outputs, counted={**outputs.counted, **said}) if said else outputs
