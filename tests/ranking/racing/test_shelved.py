"""A race of many candidates keeps their features together: memory and open files do not grow with their number."""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition import CallableModel, rank
from audition.data.features import Features
from audition.errors import InputError
from audition.extraction.parts import Taken
from audition.ranking.racing import field
from audition.ranking.racing.shelved import shelved
from audition.spool import RowFile, Shelf

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits of a process")

CANDIDATES = 100
ROWS, WIDTH = 400, 16
LABELS = np.arange(ROWS) % 3
DATA = (np.random.default_rng(0).normal(size=(ROWS, 8)) + 0.5 * LABELS[:, None], LABELS)


def started(handles: int, room: int) -> subprocess.Popen[str]:
    """A race of many candidates in a process of its own."""
    script = Path(__file__).with_name("many.py")
    words = [sys.executable, str(script), str(CANDIDATES), str(handles), str(room)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> dict[str, Any]:
    said, failed = process.communicate()
    assert process.returncode == 0, failed
    found: dict[str, Any] = json.loads(said)
    return found


@unix
def test_few_open_files_and_little_memory_are_enough_for_many_candidates() -> None:
    few, plenty = map(ended, [started(24, room=0), started(256, room=2**30)])
    assert few["rows"] == plenty["rows"]
    assert len(few["rows"]) == CANDIDATES and not any(error for *_, error in few["rows"])
    assert few["features"] > 2**25
    assert sys.platform != "linux" or few["grown"] < few["features"] / 2 < plenty["grown"]


def networks(number: int = 6) -> list[CallableModel]:
    def network(place: int) -> CallableModel:
        weights = np.random.default_rng(place).normal(size=(8, WIDTH))
        return CallableModel(f"network {place}", lambda batch: np.tanh(0.3 * batch @ weights), "rows")

    return [network(place) for place in range(number)]


@pytest.mark.parametrize("metrics", ["logme,regularized_h_score", "transrate,ncti,gbc", "knn_accuracy"])
@pytest.mark.parametrize("room", [0, 10_000])
def test_every_bit_is_as_in_memory(metrics: str, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def raced() -> tuple[Any, Any]:
        found = rank(networks(), DATA, metrics=metrics, race=True)
        return [(row.model, dict(row.scores), row.items) for row in found], found.race

    in_memory = raced()
    monkeypatch.setattr(field, "ROOM", room)
    assert raced() == in_memory


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file may grow beyond 20 kB."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@unix
def test_a_disk_that_cannot_take_them_stops_the_race_with_one_sentence(
    small_disk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And none of the candidates is called a failure for it."""
    monkeypatch.setattr(field, "ROOM", 0)
    with pytest.raises(InputError, match=r"cannot be kept in .*: File too large\. Make room there"):
        rank(networks(20), DATA, race=True)


def some(**layers: Any) -> Features:
    return Features("model", "data", "classification", tuple(LABELS.tolist()), layers)


def test_of_a_users_file_the_rows_of_the_lap_alone_are_held() -> None:
    whole = np.random.default_rng(0).normal(size=(ROWS, WIDTH)).astype(np.float32)
    rows, gone = np.array([7, 3, 300]), weakref.ref(whole)
    wanted = whole[rows]
    for room in (0, 2**20):
        found = shelved(some(layer=Taken(whole, rows)), Shelf(room)).layers["layer"]
        np.testing.assert_array_equal(found, wanted)
    del whole
    assert gone() is None


def test_the_rows_of_a_head_are_put_away_too() -> None:
    head = np.full((ROWS, 4), 0.25, dtype=np.float32)
    given = Features("model", "data", "classification", (), {"layer": head}, source_probabilities=head)
    found = shelved(given, Shelf(0))
    assert isinstance(found.source_probabilities, RowFile) and isinstance(found.layers["layer"], RowFile)
    np.testing.assert_array_equal(found.source_probabilities, head)
    assert shelved(some(layer=head), Shelf()).source_probabilities is None
