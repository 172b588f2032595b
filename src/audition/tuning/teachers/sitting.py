"""Teachers over a data set: items are decoded once for all of them, and none goes through a network twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from audition.arrays import as_features
from audition.cache import Entry
from audition.data.agreement import first_difference
from audition.data.base import Dataset
from audition.data.features import Features
from audition.errors import InputError
from audition.extraction import (
    SILENT,
    CacheLike,
    Decoded,
    Given,
    Keeping,
    Stored,
    Watch,
    check_kind,
    choose_layers,
    decode,
    given,
    keeping,
    run_model,
    stored,
)
from audition.extraction.choice import chosen_of
from audition.models.base import Model
from audition.models.registry import find_models, is_module, open_model
from audition.models.torch.library import AUTO
from audition.models.trust import Trust
from audition.statistics import Statistics
from audition.tuning.rows.some_rows import Rows, SomeRows

There = Features | Given | Stored


@dataclass(frozen=True, eq=False)
class Teacher:
    """A network of which features are taken, by its name or opened; or features that are there already.

    layer: None for the last.
    """

    network: str | Model | Features
    layer: str | None = None

    @property
    def name(self) -> str:
        """What messages call it."""
        if isinstance(self.network, str):
            return self.network
        return self.network.model if isinstance(self.network, Features) else self.network.name

    @property
    def precomputed(self) -> bool:
        """Whether its features are there already, of one view alone."""
        return isinstance(self.network, Features) or self.name.startswith("features:")


def things_of(things: Any) -> tuple[Any, ...]:
    """One teacher, or a list of them, as a tuple; raises InputError for what can be neither."""
    alone = (
        isinstance(things, (str, Model, Features, Teacher)) or hasattr(things, "shape") or is_module(things)
    )
    if not alone and not isinstance(things, Iterable):
        raise InputError(
            f"The 'teachers' parameter must be names, Models or features, or how many of a ranking. "
            f"Got {type(things).__name__} instead."
        )
    return (things,) if alone else tuple(things)


def teachers_of(things: Any, data: Dataset) -> tuple[Teacher, ...]:
    """Teachers that a user names, one or a list of them: a model's name or a pattern, a Model, a torch module,
    `Features`, an array [N, D], or a pair of one of these and the name of a layer.

    Raises InputError where none is given, and for an array of another number of rows.
    """
    several = [name for thing in things_of(things) for name in _named(thing)]
    if not several:
        raise InputError("No teacher was named: give one or more, such as teachers=['zoo:resnet-mnist'].")
    return tuple(_teacher(thing, place, data) for place, thing in enumerate(several, 1))


def _named(thing: Any) -> list[Any]:
    """The names that a pattern stands for; anything else as it is."""
    return list(find_models(thing)) if isinstance(thing, str) else [thing]


def _teacher(thing: Any, place: int, data: Dataset) -> Teacher:
    if isinstance(thing, Teacher):
        return thing
    if isinstance(thing, tuple) and len(thing) == 2 and isinstance(thing[1], str):
        return replace(_teacher(thing[0], place, data), layer=thing[1])
    if isinstance(thing, (str, Features)):
        return Teacher(thing)
    if isinstance(thing, Model) or is_module(thing):
        return Teacher(open_model(thing))
    name = f"teacher {place}"
    matrix = as_features(thing, name=f"features of {name}")
    check_rows(name, matrix.shape[0], len(data))
    return Teacher(Features(name, data.name, data.task, (), {"features": matrix}))


def of_rows(teacher: Teacher, places: Rows, total: int) -> Teacher:
    """A teacher of some of the items: where it brings a row of each of `total`, those of the others are left out."""
    features = teacher.network
    if not isinstance(features, Features) or any(len(rows) != total for rows in features.layers.values()):
        return teacher
    layers = {layer: SomeRows(rows, places) for layer, rows in features.layers.items()}
    labels = tuple(features.labels[place] for place in places.tolist()) if features.labels else ()
    return replace(teacher, network=replace(features, layers=layers, labels=labels))


@dataclass(frozen=True, eq=False)
class Sitting:
    """How teachers are run, as `extract` says it; a network is opened once, when it is first needed."""

    cache: CacheLike = None
    device: str = AUTO
    trust: Trust = ()
    batch_size: int | None = None
    watch: Watch = SILENT
    opened: dict[Teacher, Model] = field(default_factory=dict)

    def features(self, teachers: Sequence[Teacher], data: Dataset) -> Iterator[Features]:
        """The one layer of each teacher that is asked for, over a data set; what a cache has is not computed.

        Raises InputError for a layer there is not, data of another kind, features of other rows or labels;
        ModelError for a network that cannot be run.
        """
        kept = keeping(self.cache, data, self.trust)
        there = {teacher: found for teacher in teachers if (found := _there(teacher, kept)) is not None}
        models = {teacher: self._open(teacher, data) for teacher in teachers if teacher not in there}
        decoded = decode(data, {model.preprocess for model in models.values()}, watch=self.watch)
        for teacher in teachers:
            if teacher in there:
                yield _read(there[teacher], teacher, decoded)
            else:
                yield self._run(models[teacher], teacher, decoded, self._entry(kept, teacher))

    def check(self, teachers: Sequence[Teacher], data: Dataset) -> None:
        """Looks at names, kinds and layers, before any item is decoded; networks that are to be run are opened.

        Raises what `features` raises for these.
        """
        kept = keeping(self.cache, data, self.trust)
        for teacher in teachers:
            found = _there(teacher, kept)
            if found is None:
                self._open(teacher, data)
            elif isinstance(found, Features):
                chosen_of(tuple(found.layers), teacher.layer, teacher.name)

    def _run(self, model: Model, teacher: Teacher, decoded: Decoded, entry: Entry | None) -> Features:
        return run_model(
            model, decoded, layers=teacher.layer, batch_size=self.batch_size, entry=entry, watch=self.watch
        )

    def statistics(self, teachers: Sequence[Teacher], data: Dataset) -> Iterator[Statistics | None]:
        """What a ranking of exactly these items, with their labels, kept of each teacher; None where it did not."""
        kept = keeping(self.cache, data, self.trust)
        for teacher in teachers:
            entry = None if teacher.precomputed else self._entry(kept, teacher)
            layer = _layer(entry, teacher)
            found = kept and entry and layer and entry.statistics(layer, kept.labels)
            yield found or None

    def _open(self, teacher: Teacher, data: Dataset) -> Model:
        if teacher not in self.opened:
            assert not isinstance(teacher.network, Features)
            self.opened[teacher] = open_model(teacher.network, trust=self.trust, device=self.device)
        model = self.opened[teacher]
        check_kind(model, data)
        choose_layers(model, teacher.layer)
        return model

    def _entry(self, kept: Keeping | None, teacher: Teacher) -> Entry | None:
        """Where the features of a network are kept: by its name, or by the weights that it turned out to have."""
        if kept is None or isinstance(teacher.network, Features):
            return None
        model = self.opened.get(teacher)
        return kept.entry(teacher.network) or (kept.entry(model) if model else None)


def _layer(entry: Entry | None, teacher: Teacher) -> str | None:
    """The layer that is asked for, by what is known of a network that need not be opened."""
    known = tuple(entry.notes.get("layers", ())) if entry else ()
    return chosen_of(known, teacher.layer, teacher.name)[0] if known else None


def _there(teacher: Teacher, kept: Keeping | None) -> There | None:
    """A teacher's features where they are there already; None where its network is to be run."""
    if isinstance(teacher.network, Features):
        return teacher.network
    file = given(teacher.name, teacher.layer) if teacher.precomputed else None
    return file or stored(kept, teacher.network, teacher.layer)


def _read(found: There, teacher: Teacher, decoded: Decoded) -> Features:
    """Features that are there, proved to be of the rows of the data."""
    if not isinstance(found, Features):
        return found.features(decoded)
    (layer,) = chosen_of(tuple(found.layers), teacher.layer, teacher.name)
    check_rows(teacher.name, found.layers[layer].shape[0], len(decoded.labels))
    row = first_difference(found.labels, decoded.labels, decoded.task) if found.labels else None
    if row is not None:
        raise InputError(
            f"{teacher.name}: its features have the label {found.labels[row]!r} in row {row} (from 0) where the "
            f"data have {decoded.labels[row]!r}: its rows must be the items of the data, in their order."
        )
    return replace(found, layers={layer: found.layers[layer]})


def check_rows(name: str, held: int, wanted: int) -> None:
    """Raises InputError for features of another number of rows than the data have."""
    if held != wanted:
        raise InputError(
            f"{name}: its features have {held} rows where the data have {wanted}: give a row an item, in order."
        )
