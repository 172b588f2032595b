"""Features of some rows out of many, and of rows that came part after part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Array, LazyMatrix, Matrix
from audition.cache.matrix import Part, StoredMatrix
from audition.data.features import Features
from audition.data.files import PROBABILITIES
from audition.errors import ModelError
from audition.extraction.decode import Decoded

Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Taken(LazyMatrix):
    """The rows of a matrix at some places, in the order of these; read when they are asked for."""

    whole: Matrix
    places: Places

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, D)."""
        return (len(self.places), *self.whole.shape[1:])

    @property
    def ndim(self) -> int:
        """As the whole."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """As the whole."""
        found: np.dtype[Any] = self.whole.dtype
        return found

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, key: Any) -> Array:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        taken: Array = np.asarray(self.whole[self.places[rows]])
        return taken[..., columns]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype=dtype)


def some_of(decoded: Decoded, rows: Places) -> Decoded:
    """The labels and groups of some rows; no items, for nothing more is to be computed."""
    groups = decoded.groups
    return replace(
        decoded,
        labels=tuple(decoded.labels[row] for row in rows),
        groups=None if groups is None else tuple(groups[row] for row in rows),
        arrays={},
        counts=None,
    )


def taken(features: Features, data: Decoded, rows: Places) -> Features:
    """Features of some rows of the data, of which those of all are there."""
    head = features.source_probabilities
    return replace(
        features,
        labels=data.labels,
        groups=data.groups,
        layers={layer: Taken(matrix, rows) for layer, matrix in features.layers.items()},
        source_probabilities=None if head is None else np.asarray(head[rows]),
    )


def joined(parts: Sequence[Features], data: Decoded) -> Features:
    """Features that came in parts, as those of all of these rows; data: their labels, in the order of the parts.

    Raises ModelError where a width is not the same in all parts, or some alone have source probabilities.
    """
    last = parts[-1]
    heads = [part.source_probabilities for part in parts]
    if len({head is None for head in heads}) > 1:
        raise ModelError(f"{last.model}: it gives source probabilities of some items alone.")
    return replace(
        last,
        labels=data.labels,
        groups=data.groups,
        layers={
            layer: _stacked([part.layers[layer] for part in parts], last.model, layer)
            for layer in last.layers
        },
        source_probabilities=None if heads[-1] is None else _stacked(heads, last.model, PROBABILITIES),
        seconds=sum(part.seconds for part in parts),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _stacked(matrices: Sequence[Any], model: str, what: str) -> Matrix:
    """Matrices one below the other, each left where it is; what: the name of the output, for messages."""
    widths = list(dict.fromkeys(one.shape[1] for one in matrices))
    if len(widths) > 1:
        raise ModelError(f"{model}: its output {what!r} changes its width from {widths[0]} to {widths[1]}.")
    if len(matrices) == 1:
        found: Matrix = matrices[0]
        return found
    ends = np.cumsum([0, *map(len, matrices)]).tolist()
    parts = tuple(Part(one, start, 0, len(one)) for one, start in zip(matrices, ends, strict=False))
    return StoredMatrix(parts, matrices[0].shape[1])
