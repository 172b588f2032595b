"""st:./FOLDER of static sub-word vectors, as Model2Vec keeps them: a text is the mean of its pieces' vectors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import InputError, UnknownNameError
from audition.files import user_path
from audition.models.base import ModelIdentity, Outputs, Preprocess
from audition.models.hf.identity import identity_of
from audition.models.hf.network import Identify
from audition.models.hf.options import read_text_options
from audition.models.preprocess import AsObject
from audition.models.spec import ModelSpec
from audition.models.static.files import Float32, StaticFiles, read_static, static_config

EXTRA = "st"
TAKES = ("max_length", "normalize")


def static_model(spec: ModelSpec) -> StaticModel | None:
    """The model of a name; None where that is no folder of static vectors, but a network.

    max_length: in pieces, all by default. normalize: true or false, by default as the folder says. Raises as
    `read_static` does, UnknownNameError and InputError for options that cannot be.
    """
    folder = user_path(spec.name)
    config = static_config(folder)
    if config is None:
        return None
    options = read_text_options(spec, TAKES[:1])
    normalize = options.others.get("normalize")
    for key in options.others.keys() - {"normalize"}:
        raise UnknownNameError(f"option of {spec.source}:{spec.name}", key, TAKES)
    if normalize not in (None, True, False):
        raise InputError(f"normalize is true or false; got {normalize!r} in {str(spec)!r}.")
    files = read_static(folder, str(spec), config, EXTRA)
    if normalize is not None:
        files = replace(files, normalize=normalize)
    return StaticModel(str(spec), files, partial(identity_of, spec, "tokenizers"), options.max_length)


class StaticModel:
    """Vectors of pieces as a model of texts; its one layer is their mean."""

    kind: DataKind = "text"
    layers: tuple[str, ...] = ("features",)

    def __init__(
        self, name: str, files: StaticFiles, identify: Identify, max_length: int | None = None
    ) -> None:
        self.name = name
        self.preprocess: Preprocess = AsObject()
        self.parameters: int | None = files.vectors.size
        self.files, self._identify, self.longest = files, identify, max_length

    @cached_property
    def identity(self) -> ModelIdentity | None:
        """The digest of its files."""
        return self._identify()

    def __repr__(self) -> str:
        return f"StaticModel({self.name!r})"

    def forward(self, batch: NDArray[Any]) -> Outputs:
        """Vectors float32 [n, D] of a batch of texts; zeros, and counted, where no piece of a text is known."""
        files, longest = self.files, self.longest
        encoded = files.tokenizer.encode_batch(list(batch), add_special_tokens=files.special)
        pieces = [[piece for piece in text.ids if piece != files.unknown] for text in encoded]
        vectors = np.stack([self._mean(text[:longest]) for text in pieces])
        if files.normalize:
            lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
            vectors = np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        counted = {
            "texts have no piece that is known: their vectors are zeros": sum(not text for text in pieces)
        }
        if longest is not None:
            counted[f"texts longer than {longest} pieces were cut"] = sum(
                len(text) > longest for text in pieces
            )
        return Outputs({self.layers[0]: vectors}, counted=counted)

    def _mean(self, pieces: Sequence[int]) -> Float32:
        if not pieces:
            return np.zeros(self.files.vectors.shape[1], dtype=np.float32)
        mean: Float32 = self.files.vectors[pieces].mean(axis=0)
        return mean
