"""A small whole file of every kind that is read."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from audition.cache import FeatureKey

KEY = FeatureKey("worker", "1" * 64, "2" * 64)
FINGERPRINT = {"settings": '{"rate": 0.1}', "data": "1", "model": "2", "penalty": "3"}
FEATURES = np.arange(12, dtype=np.float32).reshape(4, 3)
LABELS = np.array(["a", "b", "a", "b"])


def written(suffix: str, write: Callable[[Path], Any]) -> bytes:
    """What is in a file after something wrote it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed{suffix}"
        write(path)
        return path.read_bytes()


@cache
def npz(compressed: bool = False) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(
        file, features=FEATURES, labels=LABELS, groups=np.arange(4)
    )
    return file.getvalue()


@cache
def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, FEATURES)
    return file.getvalue()


@cache
def features() -> bytes:
    """What Features.save writes."""
    from audition.data import Features

    made = Features(
        "zoo:x",
        "mine",
        "classification",
        tuple(LABELS.tolist()),
        {"stem": FEATURES, "last": FEATURES},
        source_probabilities=np.full((4, 2), 0.5, np.float32),
        groups=(1, 1, 2, 2),
        notes=("a note",),
    )
    return written(".safetensors", made.save)


@cache
def statistics() -> bytes:
    from audition.statistics import sufficient_statistics

    return written(".safetensors", sufficient_statistics(FEATURES.astype(float), LABELS).save)


@cache
def image(form: str) -> bytes:
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    file = io.BytesIO()
    options: dict[str, Any] = {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0"} if form in ("JPEG", "PNG") else {}
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


@cache
def sound(form: str) -> bytes:
    import soundfile

    file = io.BytesIO()
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (800, 2)).astype(np.float32)
    soundfile.write(file, samples, 8000, format=form)
    return file.getvalue()


@cache
def parquet() -> bytes:
    import pyarrow
    from pyarrow import parquet as library

    file = io.BytesIO()
    texts = ["good", "bad", "fine", "poor"]
    library.write_table(
        pyarrow.table({"text": texts, "label": [1, 0, 1, 0], "tags": [["a"], ["b"], ["a"], []]}), file
    )
    return file.getvalue()


TABLES = {
    ".csv": b'text,label\n"good, very",pos\nbad,neg\n"two\nlines",pos\n',
    ".tsv": b"text\tlabel\tid\ngood\t1\t0\nbad\t0\t1\nfine\t1\t2\n",
    ".jsonl": b'{"text": "good", "label": "pos"}\n{"text": "bad", "label": "neg"}\n{"text": "", "label": "neg"}\n',
}
SEVERAL = b"text,a,b\ngood,1,0\nbad,0,1\nfine,1,1\n"
NUMBERS = b"text,label\ngood,1.5\nbad,2.25\nfine,-3e2\n"
TOKENS = b"-DOCSTART- O\n\nThe\tO\ncat\tB-ANIMAL\n\n# a comment\nA O\ndog B-ANIMAL\n"

CANDIDATES = {
    ".toml": b'root = "nets"\nmodels = ["zoo:cnn-mnist", "onnx:a.onnx?size=32"]\n\n'
    b'[[model]]\nname = "timm:a?checkpoint=w.pth"\n'
    b'source = "ImageNet-1k"\narchitecture = "resnet"\n',
    ".csv": b"model,source,architecture\nzoo:cnn-mnist,MNIST,cnn\nonnx:a.onnx,,\n",
}
TRUTH = (
    b"model,dataset,accuracy,logme\nresnet,cars,91.5%,0.3\nvit,cars,93,0.5\nresnet,dogs,80,\nvit,dogs,nan,0.1\n",
    b"model,cars,dogs\nresnet,91.5,80\nvit,93.25,\n",
    b"model;accuracy\nresnet;91\nvit;93\n",
)


@cache
def ranking() -> Any:
    """The JSON of a ranking that holds everything that one may hold."""
    from audition.ranking import Ranking
    from audition.ranking.standings import Row
    from audition.recommendation import Candidate, recommend
    from audition.uncertainty import Standing

    names = ("timm:resnet50.tv_in1k", "torchvision:mobilenet_v2")
    rows = [
        Row(
            name, "last", place, {"logme": 0.5 / place, "gbc": None}, {"logme": float(place), "gbc": None},
            float(place),
            64, 1000 * place, 0.5, 0.25, ("a note",), None, {"ncti": (1.0, 2.0)}, intervals={"logme": (0.1, 0.6)},
            standing=Standing(float(place), 1, 2, 0.5, True), depth=place,
        )
        for place, name in enumerate(names, 1)
    ]  # fmt: skip
    rows.append(Row("onnx:broken.onnx", "", scores={"logme": None, "gbc": None}, error="it is damaged"))
    found = recommend([Candidate(row.model, row.layer, row.scores, row.parameters) for row in rows[:2]])
    made = Ranking(
        tuple(rows),
        ("logme", "gbc"),
        "mean place",
        "flowers",
        "classification",
        40,
        ("bad.png",),
        0.5,
        "0.1.0",
        80,
        found,
    )
    return json.loads(made.to_json())


def kept(folder: Path) -> Path:
    """A cache of one entry with one shard, statistics and a catalogue; gives the entry's folder."""
    from audition.cache import Cache
    from audition.statistics import sufficient_statistics

    cache = Cache(folder)
    entry = cache.entry(KEY, data="mine")
    entry.append(0, {"last": FEATURES}, FEATURES[:, :2])
    entry.put_statistics("last", "labels", sufficient_statistics(FEATURES.astype(float), LABELS))
    entry.finish(4, {"layers": ["last"]})
    cache.ls()
    return folder / "entries" / KEY.digest


@cache
def checkpoint() -> bytes:
    """Where a run of tuning stands."""
    import torch

    from audition.tuning.runs.checkpoint import Standing, write

    tensors = {"weights": {"a": torch.zeros(2)}, "optimiser": {"a": torch.ones(2)}}
    return written(
        ".safetensors",
        lambda path: write(Standing(3, tensors, {"rate": 0.1, "curve": []}), path, FINGERPRINT),
    )


def tuned(folder: Path) -> Path:
    """The folder of a tuned model, with scores."""
    from dataclasses import replace

    from tuning.tuned_models import tuned_of

    from audition.tuning.results.outcome import judge

    made = tuned_of(settings={"rate": 0.1}, provenance={"data": "insects", "seed": 3})
    outcome = judge(made.answers, np.eye(3)[np.arange(12) % 3] * 2, np.arange(12) % 2)
    replace(made, held_out=outcome).save(folder)
    return folder


@cache
def weights() -> bytes:
    import torch

    return written(
        ".pth", lambda path: torch.save({"state_dict": {"a.weight": torch.zeros(2, 3)}, "epoch": 3}, path)
    )


@cache
def onnx(location: str | None = None) -> bytes:
    """A network of one layer; location: the file beside it in which its weights are said to lie."""
    from onnx import TensorProto, helper

    weights = helper.make_tensor("w", TensorProto.FLOAT, [2, 3, 1, 1], [0.5] * 6)
    if location is not None:
        del weights.float_data[:]
        weights.data_location = TensorProto.EXTERNAL
        weights.external_data.add(key="location", value=location)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["x", "w"], ["maps"]),
            helper.make_node("GlobalAveragePool", ["maps"], ["features"]),
        ],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", 2, 1, 1])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return bytes(model.SerializeToString())
