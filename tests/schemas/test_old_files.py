"""Files that earlier versions wrote open, and say what was put in; those of a newer version say what to do."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file
from schemas.make import CLASSES, KEY, LAYER, labels, rows

from audition.cache import Cache, CacheWarning
from audition.data.features import Features
from audition.errors import InputError
from audition.motion.reference import PEDReference
from audition.motion.trajectory import Trajectory
from audition.ranking import Ranking
from audition.ranking.grouped import SourceRanking
from audition.recommendation.learned import Learned
from audition.sources.task2vec import TaskEmbedding
from audition.statistics import Statistics, sufficient_statistics

FILES = Path(__file__).parent / "files"
VERSIONS = sorted(path for path in FILES.iterdir() if path.is_dir())
ENTRY = KEY.digest

Load = Callable[[Path], Any]


@pytest.fixture(params=VERSIONS, ids=lambda path: f"version {path.name}")
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the files of a version, because a cache notes who uses it."""
    return Path(shutil.copytree(request.param, tmp_path / "old"))


def source_ranking(path: Path) -> SourceRanking:
    return SourceRanking.from_dict(json.loads(path.read_text(encoding="utf-8")))


def lessons(path: Path) -> Learned:
    return Learned.from_json(path.read_text(encoding="utf-8"))


# ---- what was written comes back


def test_ranking(old: Path) -> None:
    found = Ranking.load(old / "ranking.json")
    assert [row.model for row in found.placed] == ["zoo:cnn-mnist", "zoo:cnn-cifar10", "zoo:resnet-random"]
    assert found.best.scores["logme"] == pytest.approx(0.0325384863929001, rel=1e-12)
    assert found.best.standing is not None and found.recommendation is not None
    assert [row.model for row in found.failed] == ["onnx:none.onnx"]
    assert (found.data, found.task, found.items) == ("sklearn:digits (60 of 1797)", "classification", 60)


def test_source_ranking(old: Path) -> None:
    found = source_ranking(old / "sources.json")
    assert {model: origin.source for model, origin in found.origins.items()} == {
        "zoo:cnn-mnist": "mnist", "zoo:cnn-cifar10": "cifar10",
    }  # fmt: skip
    assert [row.model for row in found.ranking] == ["zoo:cnn-mnist", "zoo:cnn-cifar10"]


@pytest.mark.parametrize("name", ["statistics", "targets"])
def test_statistics(old: Path, name: str) -> None:
    found = Statistics.load(old / f"{name}.safetensors")
    made = (
        sufficient_statistics(rows(), labels())
        if name == "statistics"
        else sufficient_statistics(rows(), rows()[:, 0], task="regression")
    )
    assert found.count == 12
    np.testing.assert_allclose(found.mean, made.mean, rtol=1e-14)
    np.testing.assert_allclose(found.scatter, made.scatter, rtol=1e-12)
    assert (found + made).count == 24


def test_features(old: Path) -> None:
    found = Features.load(old / "features.safetensors")
    np.testing.assert_array_equal(found.layers[LAYER], rows())
    assert list(found.labels) == labels() and found.notes == ("one",)


def test_motion(old: Path) -> None:
    np.testing.assert_allclose(PEDReference.load(old / "reference.safetensors").mean, rows().mean(axis=0))
    assert Trajectory.load(old / "trajectory.safetensors").classes == CLASSES


def test_task_embedding(old: Path) -> None:
    assert TaskEmbedding.load(old / "task.safetensors").fisher.tolist() == [0.5, 0.25]


def test_learned(old: Path) -> None:
    found = lessons(old / "learned.json")
    assert len(found.lessons) == 2 and found.spread > 0


def test_cache(old: Path) -> None:
    """Rows, statistics and the list; nothing is set aside, and nothing is computed again."""
    cache = Cache(old / "cache")
    entry = cache.entry(KEY)
    np.testing.assert_array_equal(entry.matrix(LAYER)[:], rows())
    probabilities, statistics = entry.probabilities(), entry.statistics(LAYER, "3" * 64)
    assert probabilities is not None and (probabilities[:] == 0.5).all()
    assert statistics is not None and statistics.count == 12
    assert entry.complete([LAYER]) and entry.notes == {"layers": [LAYER], "parameters": 7}
    assert [(each.model, each.data, each.rows) for each in cache.ls()] == [(KEY.model, "insects", 12)]
    assert not list(old.rglob("*.damaged"))


def test_tuned_model(old: Path, framework: Callable[[str], ModuleType]) -> None:
    framework("torch"), framework("transformers"), framework("PIL")
    from tuning.tuned_models import pictures

    from audition.tuning.results.tuned import TunedModel

    found = TunedModel.load(old / "tuned")
    assert found.answers.classes == CLASSES
    assert set(found.predict(list(pictures(4)))) <= set(CLASSES)


# ---- what a newer version wrote is refused in a sentence

JSONS: dict[str, Load] = {"ranking": Ranking.load, "sources": source_ranking, "learned": lessons}
TENSORS: dict[str, Load] = {
    "statistics": Statistics.load,
    "targets": Statistics.load,
    "reference": PEDReference.load,
    "trajectory": Trajectory.load,
    "task": TaskEmbedding.load,
}


@pytest.mark.parametrize("name", JSONS)
def test_newer_json(old: Path, name: str) -> None:
    path = old / f"{name}.json"
    changed = json.loads(path.read_text(encoding="utf-8")) | {"format_version": 99}
    path.write_text(json.dumps(changed), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        JSONS[name](path)
    check_sentence(str(refused.value), "99")


@pytest.mark.parametrize("name", TENSORS)
def test_newer_tensors(old: Path, name: str) -> None:
    path = old / f"{name}.safetensors"
    with safe_open(path, framework="numpy") as file:
        words, tensors = file.metadata(), {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    save_file(tensors, path, words | {"version": "99"})
    with pytest.raises(InputError) as refused:
        TENSORS[name](path)
    check_sentence(str(refused.value), "1")


def test_newer_features(old: Path) -> None:
    path = old / "features.safetensors"
    path.write_bytes(path.read_bytes().replace(b'\\"version\\": 1,', b'\\"version\\": 9,'))
    with pytest.raises(InputError, match=r"in version 9 of the format; .* reads version 1: update audition"):
        Features.load(path)


def test_newer_tuned_model(old: Path, framework: Callable[[str], ModuleType]) -> None:
    framework("torch")
    from audition.tuning.results.tuned import TunedModel

    path = old / "tuned" / "config.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"version": 1', '"version": 99'), encoding="utf-8"
    )
    with pytest.raises(
        InputError, match=r"newer audition, .* in version 99 .* reads version 1: update audition"
    ):
        TunedModel.load(old / "tuned")


def test_newer_cache_entry(old: Path) -> None:
    """It is left as it is, and nothing of it is served."""
    path = old / "cache" / "entries" / ENTRY / "entry.json"
    text = re.sub(r'"version":1\}$', '"version":99}', path.read_text(encoding="ascii"))
    path.write_text(text, encoding="ascii")
    with pytest.warns(CacheWarning, match="A newer audition keeps the features of zoo:cnn-mnist"):
        entry = Cache(old / "cache").entry(KEY)
    assert entry.rows_done([LAYER]) == 0
    assert path.read_text(encoding="ascii") == text


def test_newer_catalogue(old: Path) -> None:
    """The list is made from the folders, and the catalogue is left as it is."""
    path = old / "cache" / "catalogue.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.warns(CacheWarning, match="of a newer audition: it is left as it is"):
        assert [each.rows for each in Cache(old / "cache").ls()] == [12]
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == 99
    database.close()


def check_sentence(text: str, number: str) -> None:
    """One line that names the version, the file's or the one that is read."""
    assert number in text and "\n" not in text
