"""Folders of static sub-word vectors: static_config.json or Model2Vec's config.json, a tokenizer, a row a piece."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.errors import ModelError
from audition.models.torch.library import import_library

Float32 = NDArray[np.float32]
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
CONFIGS = {"static_config.json": "static", "config.json": "model2vec"}
"""A file of settings -> what it calls the model."""


@dataclass(frozen=True, eq=False)
class StaticFiles:
    """What is in such a folder.

    vectors: float32 [V, D]. unknown: the piece that does not count, or None. special: whether the
    tokenizer's own marks count. normalize: whether vectors of texts have length 1.
    """

    tokenizer: Any
    vectors: Float32
    unknown: int | None
    special: bool
    normalize: bool


def static_config(folder: Path) -> Mapping[str, Any] | None:
    """The settings of a folder of static vectors; None for others, and where sentence-transformers has modules."""
    if (folder / "modules.json").is_file() or not all(
        (folder / file).is_file() for file in (WEIGHTS, TOKENIZER)
    ):
        return None
    for file, kind in CONFIGS.items():
        try:
            config = json.loads((folder / file).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(config, dict) and kind in (config.get("kind"), config.get("model_type")):
            return config
    return None


def read_static(folder: Path, name: str, config: Mapping[str, Any], extra: str) -> StaticFiles:
    """The tokenizer and the vectors of a folder with these settings; `name` is for messages.

    Raises MissingExtraError without tokenizers, ModelError for files that are damaged or do not fit together.
    """
    tokenizers = import_library("tokenizers", extra)
    safetensors = import_library("safetensors.numpy", extra)
    try:
        tokenizer = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER))
        vectors = _vectors(safetensors.load_file(folder / WEIGHTS), config)
    except Exception as error:  # each library raises its own
        raise ModelError(f"{name} cannot be loaded: {' '.join(str(error).split())}") from error
    pieces = tokenizer.get_vocab_size()
    if vectors.ndim != 2 or len(vectors) < pieces:
        raise ModelError(
            f"The vectors of {name} are {list(vectors.shape)}, and its tokenizer has {pieces} pieces."
        )
    tokenizer.no_padding()
    tokenizer.no_truncation()
    special, normalize = (bool(config.get(key)) for key in ("add_special_tokens", "normalize"))
    return StaticFiles(tokenizer, vectors, _unknown(config, tokenizer), special, normalize)


def _vectors(tensors: Mapping[str, Any], config: Mapping[str, Any]) -> Float32:
    """A row a piece; Model2Vec may keep rows that several pieces share, and a weight a piece."""
    keys = (config.get("tensor"), "embedding.weight", "embeddings")
    key = next((key for key in keys if key in tensors), None)
    if key is None:
        raise ValueError(
            f"it has no 'embedding.weight' or 'embeddings', only {', '.join(map(repr, tensors))}."
        )
    vectors: Float32 = np.asarray(tensors[key], dtype=np.float32)
    if "mapping" in tensors:
        vectors = vectors[tensors["mapping"]]
    if "weights" in tensors:
        vectors = vectors * np.asarray(tensors["weights"], dtype=np.float32)[:, None]
    return vectors


def _unknown(config: Mapping[str, Any], tokenizer: Any) -> int | None:
    """By `drop_unk` and `unk_id`; Model2Vec leaves out what its tokenizer calls unknown."""
    if config.get("kind") == "static":
        return config.get("unk_id") if config.get("drop_unk") else None
    piece = getattr(tokenizer.model, "unk_token", None)
    found: int | None = None if piece is None else tokenizer.token_to_id(piece)
    return found
