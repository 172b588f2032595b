"""Items through a network, as many at a time as memory has room for."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any

from audition.arrays import Array, Matrix
from audition.errors import AuditionError, InputError, ModelError
from audition.models.base import Model, Outputs
from audition.models.memory import is_out_of_memory

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


def batches(
    model: Model, items: Matrix, layers: Sequence[str], *, first: int = 0, size: int = LARGEST
) -> Iterator[Batch]:
    """Every batch from item `first` on, in order. Where memory runs out, this one and all later are halved.

    Raises ModelError where the network fails, or not even one item fits into memory.
    """
    start = first
    while start < len(items):
        began = time.perf_counter()
        batch = items[start : start + size]
        try:
            outputs = _forward(model, batch, layers)
        except MemoryError as error:
            if len(batch) == 1:
                raise ModelError(
                    f"{model.name} does not fit into memory, not even with one item at a time."
                ) from error
            size = len(batch) // 2
            continue
        yield Batch(start, len(batch), outputs, time.perf_counter() - began)
        start += len(batch)


def _forward(model: Model, batch: Array, layers: Sequence[str]) -> Outputs:
    try:
        if "layers" in signature(model.forward).parameters:  # then no others are pooled and brought back
            return model.forward(batch, layers=layers)  # type: ignore[call-arg]
        return model.forward(batch)
    except Exception as error:  # a network of any library, or the user's own
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        if isinstance(error, AuditionError):
            raise
        raise ModelError(f"{model.name} failed on a batch of shape {batch.shape}: {error}") from error
