"""The files that a network is built again by: a configuration and a tokenizer, a graph, the shape of a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from audition.errors import InputError, ModelError
from audition.models import ModelSpec
from audition.models.hf.audio_clips import Spectrogram, Waveform, extractor_made
from audition.models.hf.images import Processed, processor_made
from audition.models.hf.network import HfModel
from audition.models.hf.text import Texts, Words
from audition.models.onnx.network import OnnxModel
from audition.models.onnx.nodes import one_file
from audition.models.preprocess import AsObject
from audition.models.static.as_torch import StaticTable
from audition.models.static.files import TOKENIZER, StaticFiles
from audition.models.static.model import StaticModel
from audition.models.torch.library import import_library

NETWORK = "network"
GRAPH, TABLE = f"{NETWORK}/graph.onnx", f"{NETWORK}/table.json"
OF_TEXTS = ("pool", "max_length", "max_seconds")
"""What of a name's options is not in the files of transformers."""


def _hf(model: HfModel, folder: Path) -> str:
    """Its configuration, and its tokenizer or processor, as transformers write them."""
    if not type(model.trunk).__module__.startswith("transformers."):
        return ""  # code of its own, which is not run again
    folder.mkdir()
    model.config.save_pretrained(folder)
    preprocess = model.preprocess
    if isinstance(preprocess, Processed):
        processor_made(preprocess).save_pretrained(folder)
    elif isinstance(preprocess, (Waveform, Spectrogram)):
        extractor_made(preprocess.extractor).save_pretrained(folder)
    elif isinstance(model.feed, (Texts, Words)):
        model.feed.tokenizer.save_pretrained(folder)
    options = tuple(pair for pair in ModelSpec.parse(model.name).options if pair[0] in OF_TEXTS)
    return str(ModelSpec("hf", f"./{NETWORK}", None, (*options, ("pretrained", "false"))))


def _onnx(model: OnnxModel, folder: Path) -> str:
    """Its graph in one file."""
    spec = ModelSpec.parse(model.name) if ":" in model.name else None
    if spec is None or spec.source not in ("onnx", "zoo") or model.file is None:
        return ""
    folder.mkdir()
    one_file(model.file, model.name, folder.parent / GRAPH)
    return str(spec if spec.source == "zoo" else ModelSpec("onnx", f"./{GRAPH}", None, spec.options))


def _static(model: StaticModel | StaticTable, folder: Path) -> str:
    """Its tokenizer, and what else there is to know."""
    files = model.files
    folder.mkdir()
    files.tokenizer.save(str(folder / TOKENIZER))
    settings = {
        "shape": list(files.vectors.shape),
        "unknown": files.unknown,
        "special": files.special,
        "normalize": files.normalize,
        "longest": model.longest,
    }
    (folder.parent / TABLE).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return f"st:./{NETWORK}"


DRAWN: Mapping[type, Callable[[Any, Path], str]] = {
    HfModel: _hf, OnnxModel: _onnx, StaticModel: _static, StaticTable: _static,
}  # fmt: skip
"""What writes the files of a kind of model into a new folder, and gives the name that opens them."""


def read_table(name: str, path: Path) -> StaticTable:
    """A table of zeros, of the form that a file tells; raises InputError for a damaged one."""
    tokenizers = import_library("tokenizers", "st")
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        pieces, width = (int(side) for side in settings["shape"])
        tokenizer = tokenizers.Tokenizer.from_file(str(path.parent / TOKENIZER))
        unknown, longest = (settings[key] for key in ("unknown", "longest"))
        flags = [bool(settings[key]) for key in ("special", "normalize")]
        whole = all(value is None or isinstance(value, int) for value in (unknown, longest))
    except Exception as error:  # of json and of tokenizers, which raises plain ones
        raise InputError(f"{str(path)!r} or the {TOKENIZER} beside it is damaged: {error}.") from error
    if not whole or pieces < tokenizer.get_vocab_size() or width < 1:
        raise ModelError(f"{str(path)!r} does not fit the {TOKENIZER} beside it.")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    # Not zeros: the mean of zeros has no direction, and what is checked in a copy is that features stay.
    vectors = np.full((pieces, width), 1e-3, dtype=np.float32)
    return StaticTable(name, AsObject(), StaticFiles(tokenizer, vectors, unknown, *flags), longest)
