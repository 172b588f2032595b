"""Items through a tuned network, a batch at a time: nothing of the data stays in memory but the answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from audition.arrays import Array
from audition.data.base import Dataset, Item
from audition.data.unlabelled import open_unlabelled
from audition.errors import AuditionError, InputError, ModelError
from audition.extraction.batches import check_batch_size, size_for
from audition.extraction.decode import prepared_items, quietly
from audition.extraction.watch import SILENT, Watch, watching
from audition.heap import kept_memory
from audition.models.memory import is_out_of_memory
from audition.tuning.results.given import given_with
from audition.tuning.results.predictions import Predictions

if TYPE_CHECKING:
    from audition.tuning.networks.network import Network
    from audition.tuning.results.tuned import TunedModel


@kept_memory()
def predicted(
    tuned: TunedModel,
    data: Any,
    *,
    column: str | None = None,
    batch_size: int | None = None,
    skip_bad: bool = False,
    progress: bool = False,
) -> Predictions:
    """What a tuned model says of all items of some data; see `TunedModel.predictions`."""
    check_batch_size(batch_size)
    items = open_unlabelled(data, tuned.kind, column=column)
    watch = watching(progress)
    names: list[str] = []
    skipped: list[str] = []
    outputs: list[Array] = []
    for batch in _batches(tuned, items, batch_size, skip_bad, skipped, watch):
        names += [item.name for item, _ in batch]
        outputs.append(outputs_of(tuned.network, _stacked(tuned, batch)))
    if not names:
        raise InputError(f"No item of {items.name!r} could be read ({len(skipped)} skipped).")
    given = given_with(data, names)
    return Predictions(tuned.answers, tuple(names), np.concatenate(outputs), tuple(skipped), given)


def first_items(tuned: TunedModel, data: Any, number: int) -> Array:
    """The first items of some data that can be read, prepared for a tuned model: [n, ...], n at most `number`.

    Raises InputError where none can be read.
    """
    items = open_unlabelled(data, tuned.kind)
    for batch in _batches(tuned, items, number, True, []):
        return _stacked(tuned, batch)
    raise InputError(f"No item of {items.name!r} could be read.")


def outputs_of(network: Network, batch: Array) -> Array:
    """The outputs float32 [n, K] of a batch of preprocessed items; the halves by themselves where memory runs out.

    Raises ModelError where not even one item fits, or the network fails.
    """
    network.eval()
    try:
        with torch.inference_mode():
            found: Array = network(batch)[1].float().cpu().numpy()
        return found
    except Exception as error:  # of any network
        if not is_out_of_memory(error):
            if isinstance(error, AuditionError):
                raise
            raise ModelError(f"The network failed on a batch of shape {batch.shape}: {error}") from error
        if len(batch) == 1:
            raise ModelError("The network does not fit into memory, not even with one item.") from error
    half = len(batch) // 2
    return np.concatenate([outputs_of(network, part) for part in (batch[:half], batch[half:])])


Prepared = tuple[Item, Array]


def _batches(
    tuned: TunedModel,
    data: Dataset,
    batch_size: int | None,
    skip_bad: bool,
    skipped: list[str],
    watch: Watch = SILENT,
) -> Iterator[list[Prepared]]:
    """The items that can be read, prepared, as many at a time as go through the network at once."""
    preprocess = tuned.model.preprocess
    batch: list[Prepared] = []
    size = 0
    with quietly(data):
        for item, prepared in watch.decoding(prepared_items(data, [preprocess]), len(data), data.name):
            if isinstance(prepared, InputError):
                if not skip_bad:
                    raise prepared
                skipped.append(item.name)
                continue
            batch.append((item, _made(item, prepared[preprocess])))
            size = size or size_for(batch[0][1][None], batch_size)
            if len(batch) == size:
                yield batch
                batch = []
    if batch:
        yield batch


def _made(item: Item, made: Array | Exception) -> Array:
    if isinstance(made, Exception):
        raise ModelError(f"The preprocess of the network failed on {item.name!r}: {made}") from made
    return made


def _stacked(tuned: TunedModel, batch: list[Prepared]) -> Array:
    """The arrays of a batch as one, [n, ...]."""
    first = batch[0][1].shape
    other = next((item.name for item, array in batch if array.shape != first), None)
    if other is not None:
        raise InputError(
            f"{other!r} is of another shape than {batch[0][0].name!r}, where {tuned.name} needs one."
        )
    return np.stack([array for _, array in batch])
