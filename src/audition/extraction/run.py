"""A model over a data set: every batch goes through the network once."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from audition.arrays import Matrix
from audition.cache import Entry
from audition.data.base import DataKind, Dataset
from audition.data.features import Features
from audition.data.open import open_dataset
from audition.data.subset import without
from audition.errors import InputError, ModelError
from audition.extraction.assembled import Run, Sink, about
from audition.extraction.batches import batches, check_batch_size, forward, forward_there, number_of, size_for
from audition.extraction.choice import Layers, choose_layers
from audition.extraction.decode import Decoded, decode
from audition.extraction.keeping import CacheLike, keeping, stored
from audition.extraction.streamed import PART_ROWS, Streamed
from audition.extraction.watch import SILENT, Watch, watching
from audition.heap import kept_memory
from audition.models.base import Model
from audition.models.registry import open_model
from audition.models.spec import ModelSpec
from audition.models.torch.library import AUTO, check_device
from audition.models.trust import Trust, check_trust

_log = logging.getLogger("audition")


@kept_memory()
def extract(
    model: str | ModelSpec | Model,
    data: Any,
    *,
    layers: Layers = "all",
    batch_size: int | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    progress: bool = False,
) -> Features:
    """The features of a data set in one model.

    model: a name such as "zoo:resnet-mnist", or a Model. data: all that open_dataset takes.
    layers: "all", a name, names, or None for the last one only. batch_size: items a forward pass; by
    default as many as 16 MiB hold, at most 256. Where memory runs out it is halved.
    skip_bad: go on without items that cannot be read. progress: show bars on standard error.
    cache: a folder (or `Cache`) where features are kept, and read from the next time; None keeps nothing.
    trust: names of models whose own Python code may run; no other's does. device: where torch networks
    compute: "auto" is the GPU where there is one; or "cpu", "cuda:1".

    Raises InputError for data or layers that cannot be used, ModelError for a network that cannot be
    run, MissingExtraError for a library that is not installed.
    """
    check_batch_size(batch_size)
    check_device(device)
    check_trust(trust, [model])
    dataset = open_dataset(data)
    kept = keeping(cache, dataset, trust)
    named = str(model) if isinstance(model, ModelSpec) else model
    if found := stored(kept, named, layers):
        return found.features(decode(dataset, []))
    network = open_model(model, trust=trust, device=device)
    check_kind(network, dataset)
    choose_layers(network, layers)
    watch = watching(progress)
    decoded = decode(dataset, [network.preprocess], skip_bad=skip_bad, watch=watch)
    if decoded.skipped:  # what is kept is of the items that can be read
        kept = keeping(cache, without(dataset, decoded.skipped), trust)
        if found := stored(kept, named, layers):
            return found.features(decoded)
    entry = (kept.entry(named) or kept.entry(network)) if kept else None
    try:
        return run_model(network, decoded, batch_size=batch_size, layers=layers, entry=entry, watch=watch)
    finally:
        watch.close()


def run_model(
    model: Model,
    decoded: Decoded,
    *,
    batch_size: int | None = None,
    layers: Layers = None,
    entry: Entry | None = None,
    sink: Sink | None = None,
    watch: Watch = SILENT,
) -> Features:
    """The features of decoded data in one model, by one forward pass a batch.

    layers: None for the last only, "all", a name or names; they come in order of depth.
    entry: where the features are kept as they are computed; what is there already is not computed again.
    It must be that of these items, without any that were skipped.
    sink: where the rows go when no entry takes them; by default they are collected.
    Raises UnknownNameError for a layer there is not, InputError for data of another kind, ModelError
    where the network fails or gives features of a wrong length, of changing widths, NaN or Inf.
    """
    check_batch_size(batch_size)
    check_kind(model, decoded)
    items = _items_for(model, decoded)
    wanted = choose_layers(model, layers)
    run = Run(about(model), wanted, decoded, entry, sink)
    first, size = run.first, size_for(items, batch_size)
    done = f"items {first} to {len(items)} in batches of {size}"
    _log.info("%s: layers %s; %s", model.name, ", ".join(wanted), done)
    there = entry is None and isinstance(sink, Streamed)  # then rows are summed where they are
    passes = forward_there if there else forward
    part = PART_ROWS if there and decoded.counts is None else None  # as workers are given them
    computed = batches(model, items, wanted, first=first, size=size, part=part, forward=passes)
    return run.features(computed, number_of(len(items) - first, size, part), watch)


def check_kind(model: Model, data: Dataset | Decoded) -> None:
    """Raises InputError where a model does not take what a data set holds."""
    if data.kind == "labels":
        raise InputError(
            f"{model.name} takes {_plural(model.kind)} but the data set {data.name!r} holds labels alone, "
            "which are enough for features: candidates only. Give the data themselves."
        )
    if model.kind != data.kind:
        raise InputError(
            f"{model.name} takes {_plural(model.kind)} but the data set {data.name!r} holds "
            f"{_plural(data.kind)}: {_instead(model, data)}."
        )


def _instead(model: Model, data: Dataset | Decoded) -> str:
    """What to do about a model that does not take the data."""
    if data.kind == "tokens" and model.kind == "text" and model.name.startswith("hf:"):
        spec = ModelSpec.parse(model.name)
        others = tuple(pair for pair in spec.options if pair[0] != "pool")
        return f"write {str(replace(spec, options=(*others, ('pool', 'tokens'))))!r} for a vector a word"
    return f"choose a model that takes {_plural(data.kind)}"


def _plural(kind: DataKind) -> str:
    names = {"image": "images", "audio": "sounds", "text": "texts", "tokens": "sentences of words"}
    return names.get(kind, kind)


def _items_for(model: Model, decoded: Decoded) -> Matrix:
    if model.preprocess in decoded.failures:
        raise ModelError(decoded.failures[model.preprocess])
    if model.preprocess not in decoded.arrays:
        raise InputError(f"{decoded.name!r} was not decoded for {model.name}: pass its preprocess to decode.")
    return decoded.arrays[model.preprocess]
