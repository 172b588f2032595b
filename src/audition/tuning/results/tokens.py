"""What a graph of texts needs beside it: a tokenizer in one file, which cuts and pads as the network was tuned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.models.hf.text import Texts
from audition.models.static.as_torch import StaticTable
from audition.models.torch.library import import_library

IDS, MASK = "input_ids", "attention_mask"
EXTRA = "tune"
ENDING = ".tokenizer.json"
LEAST = 2  # tokens that a row has at least: of one alone the exporter takes the number for fixed


def beside(path: Path) -> Path:
    """Where the tokenizer of a graph goes: model.tokenizer.json beside model.onnx."""
    return path.with_name(path.name.removesuffix(".onnx") + ENDING)


def of_texts(feed: Texts) -> str | None:
    """The tokenizer of a transformer, as `tokenizers` reads it; None for one that is written in Python alone."""
    backend = getattr(feed.tokenizer, "backend_tokenizer", None)
    if backend is None:
        return None
    made = _read(backend.to_str())
    made.enable_truncation(feed.max_length, direction=feed.tokenizer.truncation_side)
    made.enable_padding(pad_id=feed.tokenizer.pad_token_id, pad_token=feed.tokenizer.pad_token)
    return str(made.to_str())


def of_table(table: StaticTable) -> str:
    """The tokenizer of static vectors, as `tokenizers` reads it; marks that do not count are not added."""
    plain = json.loads(table.files.tokenizer.to_str())
    if not table.files.special:
        plain["post_processor"] = None
    made = _read(json.dumps(plain))
    made.enable_padding(pad_id=0, pad_token=made.id_to_token(0))
    return str(made.to_str())


def tokens_of(tokenizer: str, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tokens and which of them are text, int64 [n, T] each, of a tokenizer as `of_texts` and `of_table` give it."""
    encoded = _read(tokenizer).encode_batch(list(texts))
    ids = np.array([text.ids for text in encoded], dtype=np.int64)
    mask = np.array([text.attention_mask for text in encoded], dtype=np.int64)
    short = ((0, 0), (0, max(0, LEAST - ids.shape[1])))
    return np.pad(ids, short), np.pad(mask, short)


def _read(tokenizer: str) -> Any:
    return import_library("tokenizers", EXTRA).Tokenizer.from_str(tokenizer)
