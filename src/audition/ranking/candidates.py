"""The models that are to be ranked: named, opened, and proved to fit the data."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from audition.cache import Entry
from audition.data.base import Dataset
from audition.data.features import Features
from audition.errors import AuditionError, InputError, ModelError, UnknownNameError
from audition.extraction import (
    About,
    Decoded,
    Keeping,
    Layers,
    about,
    check_kind,
    choose_layers,
    given,
    stored,
)
from audition.extraction.streamed import Places
from audition.models.base import Model, Preprocess, parameters_of
from audition.models.listed import listed_models
from audition.models.registry import find_models, is_module, open_model
from audition.models.torch.library import AUTO
from audition.models.trust import Trust

HELD = 2**31
"""Bytes of weights that stay open from the first look at a network to its turn: 2 GiB."""

BYTES_A_PARAMETER = 4
TIME_WAS_UP = "the time was up before it ran."


@dataclass(frozen=True)
class Opening:
    """How models are opened: whose own code may run, and on which device torch networks compute."""

    trust: Trust = ()
    device: str = AUTO

    def open(self, model: str | Model) -> Model:
        """The model, opened so."""
        return open_model(model, trust=self.trust, device=self.device)


@dataclass(frozen=True)
class Candidate:
    """A model; or what is kept of one that need not be opened; or the reason why there is none.

    layers: those that are asked for. entry: where its features are kept as they are computed, or None.
    failure: why it could not be opened.
    again: opens the model when its turn comes, where too many would be open at once; `model` is then None,
    `preprocess` what it wants of the data, and `about` what else was seen of it.
    """

    name: str
    model: Model | None
    error: str | None = None
    layers: tuple[str, ...] = ()
    kept: Kept | None = None
    entry: Entry | None = None
    failure: AuditionError | None = None
    again: Callable[[], Model] | None = None
    preprocess: Preprocess | None = None
    about: About | None = None

    @property
    def wants(self) -> Preprocess | None:
        """What it wants of the data; None where nothing is to be computed."""
        return self.model.preprocess if self.model else self.preprocess

    def network(self) -> Model:
        """The model, opened now where it is not; raises ModelError where there is none."""
        if self.error is not None:
            raise ModelError(self.error)
        found = self.again() if self.again else self.model
        assert found is not None
        return found


class Kept(Protocol):
    """Features that are there already; layers: those that are asked for."""

    @property
    def layers(self) -> tuple[str, ...]: ...

    def features(self, data: Decoded, watched: Places | None = None) -> Features:
        """The features, with the labels of the data; watched: the rows that a `Summary` is to hold."""
        ...


def names_of(models: str | Model | Sequence[str | Model]) -> list[str | Model]:
    """Every model once, patterns written out; raises InputError for none, and for two of one name."""
    given: Any = models
    alone = isinstance(given, (str, Model)) or is_module(given) or not isinstance(given, Iterable)
    several = [given] if alone else list(given)
    named: dict[str, str | Model] = {}
    for model in several:
        for name, one in _named(model).items():
            if named.setdefault(name, one) is not one and not (isinstance(one, str) and named[name] == one):
                raise InputError(f"Two models are called {name!r}: give each a name of its own.")
    if not named:
        raise InputError("No model was named. List them with: audition models")
    return list(named.values())


def _named(model: Any) -> dict[str, str | Model]:
    """What one entry of a list of models stands for, by name."""
    if isinstance(model, str) and model.startswith("@"):
        return {name: name for text in listed_models(Path(model[1:])) for name in find_models(text)}
    if isinstance(model, str):
        return {name: name for name in find_models(model)}
    if is_module(model):
        model = open_model(model)
    if isinstance(model, Model):
        return {model.name: model}
    raise InputError(f"A model is a name such as 'zoo:resnet-mnist' or a Model; got {type(model).__name__}.")


def open_candidate(
    model: str | Model,
    layers: Layers = None,
    kept: Keeping | None = None,
    *,
    opening: Opening | None = None,
    statistics: bool = False,
    until: float = math.inf,
) -> Candidate:
    """A model that is opened, unless its features are kept already; or their statistics, where those are enough.

    until: on the clock of time.monotonic; nothing is opened after it, as that may mean a download. A name that nothing
    answers to is the caller's mistake and raises.
    """
    name = model if isinstance(model, str) else model.name
    if isinstance(model, str) and (file := given(model, layers)):
        return Candidate(name, None, layers=file.layers, kept=file)
    open_now = partial((opening or Opening()).open, model)
    try:
        if found := stored(kept, model, layers, statistics=statistics):
            return Candidate(name, None, layers=found.layers, kept=found, entry=found.entry)
    except InputError as error:  # a layer that it does not have
        return Candidate(name, None, str(error), failure=error)
    if time.monotonic() >= until:
        return Candidate(name, None, TIME_WAS_UP)
    try:
        network = open_now()
        again = open_now if isinstance(model, str) else None
        return Candidate(name, network, entry=entry_of(kept, model, network), again=again)
    except UnknownNameError:
        raise
    except AuditionError as error:
        return Candidate(name, None, str(error), failure=error)


def entry_of(kept: Keeping | None, model: str | Model, network: Model) -> Entry | None:
    """Where a model's features are kept: by its name, or by the weights that it turned out to have."""
    return (kept.entry(model) or kept.entry(network)) if kept else None


def closed_beyond(candidates: Iterable[Candidate], held: int = HELD) -> tuple[Candidate, ...]:
    """Candidates of which those stay open whose weights fit into `held` bytes together; others are opened again."""
    total, kept = 0, []
    for candidate in candidates:
        if candidate.model is None:
            kept.append(candidate)
            continue
        size = BYTES_A_PARAMETER * (parameters_of(candidate.model) or 0)
        if candidate.again is None or total + size <= held:
            total += size
            kept.append(replace(candidate, again=None))
        else:
            seen = about(candidate.model)
            kept.append(replace(candidate, model=None, preprocess=candidate.model.preprocess, about=seen))
    return tuple(kept)


def that_fit(candidates: Iterable[Candidate], data: Dataset, layers: Layers) -> list[Candidate]:
    """Candidates with the reason noted for those that cannot take the data; raises if that is all of them."""
    checked = [fitted(candidate, data, layers) for candidate in candidates]
    check_any(checked)
    return checked


def fitted(candidate: Candidate, data: Dataset, layers: Layers) -> Candidate:
    """The candidate with the layers that are meant, or with the reason why it cannot take the data."""
    if candidate.model is None:
        return candidate
    try:
        check_kind(candidate.model, data)
        return replace(candidate, layers=choose_layers(candidate.model, layers))
    except InputError as error:
        return replace(candidate, model=None, error=str(error), failure=error)


def check_any(candidates: Sequence[Candidate]) -> None:
    """Raises InputError where no candidate is left, with the reason of the first."""
    if all(candidate.error == TIME_WAS_UP for candidate in candidates):
        raise InputError("The time was up before a model was open: a budget of more time is needed.")
    if all(candidate.error for candidate in candidates):
        raise InputError(str(candidates[0].error))
