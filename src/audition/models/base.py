"""The seam of every model: what a name is turned into, and all that extraction asks of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind


class Preprocess(Protocol):
    """Turns one decoded item into an array; equal ones are applied once for all models that share them."""

    def __call__(self, item: Any) -> NDArray[Any]: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class Outputs:
    """What one forward pass gives for a batch of n items.

    features: layer name -> float array [n, D_layer], in order of depth; of sentences, a row a word.
    source_probabilities: float array [n, S] from the model's own head (rows sum to 1), or None
    where it has no head that means anything.
    counted: what was done to how many of the items, e.g. {"texts longer than 256 tokens were cut": 3}.
    """

    features: Mapping[str, NDArray[np.floating[Any]]]
    source_probabilities: NDArray[np.floating[Any]] | None = None
    counted: Mapping[str, int] = field(default_factory=dict)


def joined(pieces: Sequence[Outputs], concatenate: Callable[[Any], Any] = np.concatenate) -> Outputs:
    """The outputs of the parts of a batch, put together in order; `concatenate` is what does so to features."""
    features = {
        layer: concatenate([piece.features[layer] for piece in pieces]) for layer in pieces[0].features
    }
    heads = [piece.source_probabilities for piece in pieces if piece.source_probabilities is not None]
    counted: Counter[str] = Counter()
    for piece in pieces:
        counted.update(piece.counted)
    return Outputs(features, np.concatenate(heads) if heads else None, counted)


@dataclass(frozen=True)
class ModelIdentity:
    """What decides the features of a model beside its name.

    weights: a digest of its weights, or the revision of a hub. library: its name and version.
    """

    weights: str
    library: str = ""


def identity_of_files(files: Sequence[Path], *libraries: str) -> ModelIdentity | None:
    """The identity of a model that is made of files; None where one cannot be read."""
    total = hashlib.sha256()
    try:
        for path in files:
            if not path.is_file():  # what is no file may never end
                return None
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
    except OSError:
        return None
    return ModelIdentity(total.hexdigest(), library_of(*libraries))


@cache
def library_of(*names: str) -> str:
    """Names and versions of installed libraries, in one text; the libraries are not imported."""
    known = []
    for name in names:
        try:
            known.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            known.append(f"{name} absent")
    return ", ".join(known)


def parameters_of(model: Model) -> int | None:
    """How many parameters a model has, where it has an attribute `parameters` that says so."""
    known = getattr(model, "parameters", None)
    return known if isinstance(known, int) else None


@runtime_checkable
class Model(Protocol):
    """A pre-trained network: a name, what it takes, its layers in order of depth, one forward pass."""

    @property
    def name(self) -> str:
        """The full name, source prefix included, e.g. 'zoo:resnet-mnist'; parses back to this model."""
        ...

    @property
    def kind(self) -> DataKind: ...

    @property
    def layers(self) -> Sequence[str]:
        """All layer names in order of depth; the last is what the head sees."""
        ...

    @property
    def preprocess(self) -> Preprocess: ...

    def forward(self, batch: NDArray[Any]) -> Outputs:
        """Features of a batch of preprocessed items, stacked along the first axis."""
        ...
