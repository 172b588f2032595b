"""Features that were computed before, and where those that are computed now are kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from audition.arrays import Matrix
from audition.cache import Cache, Entry, FeatureKey, samples_digest
from audition.data.base import Dataset, Item
from audition.data.features import Features
from audition.data.remote import is_remote, state_of
from audition.errors import InputError
from audition.extraction.choice import Layers, chosen_of
from audition.extraction.decode import Decoded
from audition.extraction.streamed import Places, Summary
from audition.models.base import Model
from audition.models.registry import model_identity
from audition.models.trust import Trust
from audition.statistics import Statistics

CacheLike = Cache | str | os.PathLike[str] | None


@dataclass(frozen=True, eq=False)
class Keeping:
    """A cache, and which data set it is asked about. digest: of the samples in order; labels: of their labels."""

    cache: Cache
    digest: str
    labels: str
    name: str
    trust: Trust = ()

    def entry(self, model: str | Model) -> Entry | None:
        """What is kept of a model on this data; None where nothing says which weights it has."""
        identity = model_identity(model, trust=self.trust)
        if identity is None:
            return None
        name = model if isinstance(model, str) else model.name
        return self.cache.entry(
            FeatureKey(name, identity.weights, self.digest, identity.library), data=self.name
        )


def keeping(cache: CacheLike, data: Dataset, trust: Trust = ()) -> Keeping | None:
    """Where features of a data set are kept; None without a cache, and for data that nothing can tell by.

    trust: the models whose own code runs, which then counts as a part of them.
    """
    if cache is None:
        return None
    labels: list[str] = [data.task]
    try:
        digest = samples_digest(_samples(data, labels))
    except InputError:  # an item that cannot be read, or told by what it is: decoding says so better
        return None
    where = cache if isinstance(cache, Cache) else Cache(cache)
    return Keeping(where, digest, samples_digest(labels), data.name, trust)


def data_digest(data: Dataset) -> str | None:
    """What tells the items of a data set, in order, from others; None where nothing can."""
    try:
        return samples_digest(_samples(data, []))
    except InputError:  # see `keeping`
        return None


def _samples(data: Dataset, labels: list[str]) -> Iterator[Any]:
    """What each item is told by: its file or array, or what is quickly decoded. Its label is added to `labels`."""
    yield data.kind
    for item in data.items():
        labels.append(_told(item.label))
        yield _sample(item, data.kind)


def _told(label: Any) -> str:
    """A label as text that is the same in every process, as that of a set is not."""
    plain = sorted(map(repr, label)) if isinstance(label, frozenset) else repr(label)
    return f"{type(label).__name__} {plain}"


def _sample(item: Item, kind: str) -> Any:
    if is_remote(item.source):
        return state_of(item.source)
    if item.source is not None:
        return item.source
    if kind == "tokens":
        return json.dumps(list(item.decode()))
    if kind in ("text", "rows"):
        return item.decode()
    raise InputError(f"{item.name} cannot be told from another by anything but its pixels.")


@dataclass(frozen=True, eq=False)
class Stored:
    """A model whose features are all there: it need not be opened. layers: those that are asked for.

    statistics: of these layers, where they are enough and kept as well: then no feature is read.
    """

    name: str
    entry: Entry
    layers: tuple[str, ...]
    statistics: Mapping[str, Statistics] = field(default_factory=dict)

    def features(self, data: Decoded, watched: Places | None = None) -> Features:
        """The features, of the data's labels; read from disk as they are used. Summaries where those are enough.

        watched: the places of the rows that a summary is to hold.
        """
        notes = self.entry.notes
        return Features(
            model=self.name,
            data=data.name,
            task=data.task,
            labels=data.labels,
            layers={layer: self._layer(layer, watched) for layer in self.layers},
            source_probabilities=None if self.statistics else self.entry.probabilities(),
            groups=data.groups,
            parameters=notes.get("parameters"),
            notes=tuple(notes.get("notes", ())),
        )

    def _layer(self, layer: str, watched: Places | None) -> Matrix | Summary:
        if layer not in self.statistics:
            return self.entry.matrix(layer)
        try:
            rows = None if watched is None else self.entry.matrix(layer)[watched]
        except InputError:  # the features are gone; their statistics are enough for the scores
            rows = None
        return Summary(self.statistics[layer], rows)


def stored(
    kept: Keeping | None, model: str | Model, layers: Layers, *, statistics: bool = False
) -> Stored | None:
    """A model as it is kept, if all of the layers that are asked for are there whole.

    statistics: whether they are enough; they are taken where they are kept.
    """
    entry = kept.entry(model) if kept else None
    if kept is None or entry is None or entry.rows is None:
        return None
    name = model if isinstance(model, str) else model.name
    known = tuple(entry.notes.get("layers", ()))
    wanted = chosen_of(known, layers, name) if known else ()
    if not wanted:
        return None
    if statistics:
        found = {layer: entry.statistics(layer, kept.labels) for layer in wanted}
        whole = {layer: each for layer, each in found.items() if each is not None}
        if len(whole) == len(wanted):
            return Stored(name, entry, wanted, whole)
    return Stored(name, entry, wanted) if entry.complete(wanted) else None


def keep_statistics(entry: Entry, labels: str, layer: str, statistics: Statistics) -> None:
    """Keeps the statistics of a layer and labels of that digest beside its features, where they take less room."""
    if statistics.count >= 2 * statistics.dimension and entry.statistics(layer, labels) is None:
        entry.put_statistics(layer, labels, statistics)
