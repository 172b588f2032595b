"""Writes a small file of every versioned kind, as this version does: `python -m tests.schemas.make FOLDER`.

The tests read those under files/NUMBER, the number of the format's version. They are written once: when a version
goes up, the new ones are written beside them to files/NUMBER+1, and the old ones stay and must go on to open.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import audition
from audition.cache import Cache, FeatureKey
from audition.data.features import Features
from audition.data.open import open_dataset
from audition.motion.reference import PEDReference
from audition.ranking import rank
from audition.ranking.grouped import rank_by_source
from audition.recommendation import learned
from audition.recommendation.learned import Learned
from audition.sources.task2vec import TaskEmbedding
from audition.statistics import sufficient_statistics

CLASSES = ("ant", "bee", "wasp")
KEY = FeatureKey(model="zoo:cnn-mnist", weights="1" * 64, data="2" * 64, library="onnxruntime 1.0")
LAYER = "features"


def rows(number: int = 12, width: int = 4) -> np.ndarray[Any, Any]:
    """The rows that all files are of: quarters, so that any machine writes and adds the same."""
    return np.random.default_rng(0).integers(-8, 8, (number, width)).astype(np.float32) / 4


def labels(number: int = 12) -> list[str]:
    return [CLASSES[i % 3] for i in range(number)]


def write_all(folder: Path) -> None:
    """A file of every kind in a new folder."""
    folder.mkdir(parents=True)
    write_arrays(folder)
    write_rankings(folder)
    write_learned(folder)
    write_cache(folder / "cache")
    write_tuned(folder / "tuned")


def write_arrays(folder: Path) -> None:
    whole = sufficient_statistics(rows(), labels())
    whole.save(folder / "statistics.safetensors")
    sufficient_statistics(rows(), rows()[:, 0], task="regression").save(folder / "targets.safetensors")
    PEDReference.of(rows()).save(folder / "reference.safetensors")
    audition.ped_trajectory(rows(), labels()).save(folder / "trajectory.safetensors")
    TaskEmbedding(np.array([0.5, 0.25]), ("conv[0]", "conv[1]"), "insects").save(folder / "task.safetensors")
    made = Features(
        "zoo:cnn-mnist",
        "insects",
        "classification",
        tuple(labels()),
        {LAYER: rows()},
        seconds=0.5,
        notes=("one",),
    )
    made.save(folder / "features.safetensors")


def write_rankings(folder: Path) -> None:
    data = open_dataset("sklearn:digits", limit=60)
    models = ["zoo:cnn-mnist", "zoo:cnn-cifar10", "zoo:resnet-random", "onnx:none.onnx"]
    rank(models, data, resamples=20).save(folder / "ranking.json")
    rank_by_source(models[:2], data).save(folder / "sources.json")


def write_learned(folder: Path) -> None:
    """Two lessons of what the package brings."""
    whole = learned()
    few = Learned(whole.lessons[:2], whole.variances, whole.spread, whole.sources)
    (folder / "learned.json").write_text(few.to_json(), encoding="utf-8")


def write_cache(folder: Path) -> None:
    cache = Cache(folder)
    entry = cache.entry(KEY, data="insects")
    entry.append(0, {LAYER: rows()[:8]}, np.full((8, 2), 0.5))
    entry.append(8, {LAYER: rows()[8:]}, np.full((4, 2), 0.5))
    entry.finish(12, {"layers": [LAYER], "parameters": 7})
    entry.put_statistics(LAYER, "3" * 64, sufficient_statistics(rows(), labels()))
    cache.ls()


def write_tuned(folder: Path) -> None:
    """A small network of pictures with random weights, and a head."""
    from tempfile import TemporaryDirectory

    from tuning.tuned_models import tuned_of, vit

    with TemporaryDirectory() as body:
        tuned_of(vit(Path(body)), CLASSES, provenance={"model": "hf:small-vit"}).save(folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["version"] == 1


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).parents[1]))
    write_all(Path(sys.argv[1]))
