"""A command that is killed, ended, out of room or beside others of its kind: what is there is whole, and goes on.

Joined with the kills of one cache (tests/cache/test_processes.py) and of tuning (tests/tuning/runs/test_checkpoint.py).
AUDITION_KILLS says how often each kills; once here, 50 times before a release.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults import seeds, worker

from audition.cache import Cache, CacheWarning, recording
from audition.cli.run import run
from audition.ranking import rank

KILLS = int(os.environ.get("AUDITION_KILLS", "1"))

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals on Windows")


@pytest.fixture
def here(tmp_path: Path, framework: Any) -> Path:
    """A folder of 48 pictures in two classes."""
    framework("onnxruntime"), framework("PIL")
    from PIL import Image

    rng = np.random.default_rng(0)
    for place in range(48):
        folder = tmp_path / "data" / "ab"[place % 2]
        folder.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 128 + 127 * (place % 2), (28, 28), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{place}.png")
    return tmp_path


def started(here: Path, seconds: float, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "AUDITION_CACHE": str(here / "cache"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, worker.__file__, str(seconds), *words],
        cwd=here,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ranked(here: Path, name: str) -> tuple[str, ...]:
    return (
        "rank",
        "-m",
        "zoo:cnn-mnist",
        "-d",
        "data",
        "--metrics",
        "logme",
        "--layers",
        "all",
        "--json",
        name,
    )


def ended(process: subprocess.Popen[str]) -> int:
    """How many batches it computed, once it has ended well."""
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return err.count("batch")


def scores(path: Path) -> Any:
    return [(row["model"], row["layer"], row["scores"]) for row in json.loads(path.read_text())["rows"]]


def undisturbed(here: Path) -> Any:
    """The scores of a run that is let alone and keeps nothing."""
    found = rank("zoo:cnn-mnist", here / "data", metrics="logme", layers="all", batch_size=4)
    return [(row.model, row.layer, dict(row.scores)) for row in found]


def whole(here: Path) -> None:
    """Nothing that is there is damaged, and nothing half written has the name of a result."""
    assert Cache(here / "cache").verify().damaged == ()
    for path in here.glob("*.json"):
        json.loads(path.read_text())


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_stopped_at_random_moments_and_gone_on_with(here: Path, number: str) -> None:
    """The scores are those of a run that nobody stopped, and no batch that was kept is computed again."""
    moments, anew = random.Random(0), False
    for _ in range(KILLS):
        process = started(here, 0.05, *ranked(here, "r.json"))
        assert process.stderr is not None
        for _ in range(moments.randint(1, 6)):
            process.stderr.readline()
        time.sleep(moments.uniform(0, 0.1))
        process.send_signal(getattr(signal, number))
        _, err = process.communicate(timeout=60)
        whole(here)
        anew = (here / "r.json").exists()
        if anew:  # so much was kept that it came to its end before: it begins anew
            assert scores(here / "r.json") == undisturbed(here)
            (here / "r.json").unlink()
            shutil.rmtree(here / "cache")
        elif number == "SIGTERM":
            assert process.returncode == 143
            assert "the same command goes on from there" in err and "Traceback" not in err
    assert ended(started(here, 0, *ranked(here, "r.json"))) < 12 + anew
    whole(here)
    assert scores(here / "r.json") == undisturbed(here)
    assert not list(here.glob(".*.part"))


def test_four_at_once_on_one_cache(here: Path) -> None:
    """They compute the same at the same time, and each says the same."""
    processes = [started(here, 0.01, *ranked(here, f"{place}.json")) for place in range(4)]
    for process in processes:
        ended(process)
    whole(here)
    assert len({json.dumps(scores(here / f"{place}.json")) for place in range(4)}) == 1
    assert {layer: found for _, layer, found in scores(here / "0.json")} == dict(kept_run(here))


def kept_run(here: Path) -> Any:
    found = rank(
        "zoo:cnn-mnist", here / "data", metrics="logme", layers="all", batch_size=4, cache=here / "cache"
    )
    return [(row.layer, dict(row.scores)) for row in found]


def test_a_flipped_bit_is_found_and_computed_again(
    here: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `audition cache verify`, which says so by its exit code; and by a run that nobody had verify before."""
    monkeypatch.setattr(recording, "SHARD_BYTES", 1)
    expected = kept_run(here)
    for verify in (True, False):
        shard = sorted((here / "cache").rglob("0*.safetensors"))[3]
        content = bytearray(shard.read_bytes())
        content[-1] ^= 1
        shard.write_bytes(content)
        for path in (here / "cache").rglob("statistics-*"):  # where these are enough, no row is read
            path.unlink()
        if verify:
            assert run(["cache", "verify", "--cache", str(here / "cache")]) == 1
            assert "1 are not" in capsys.readouterr().out
        with nullcontext() if verify else pytest.warns(CacheWarning, match="computed again"):
            assert kept_run(here) == expected
        for path in (here / "cache").rglob("*.damaged"):
            path.unlink()


@pytest.mark.parametrize("command", ["extract", "rank"])
def test_a_full_disk_costs_one_sentence(here: Path, command: str) -> None:
    """No file may grow beyond a few bytes: the result is not written, nothing half written stays, no traceback."""
    pytest.importorskip("resource")
    words = (
        ranked(here, "r.json")
        if command == "rank"
        else ("extract", "-m", "zoo:cnn-mnist", "-d", "data", "-o", "f.safetensors", "--no-cache")
    )
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))"
    code = f"{limit}; from audition.__main__ import main; main()"
    environment = {**os.environ, "AUDITION_CACHE": str(here / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=here, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2 and "File too large" in done.stderr and "cannot be written" in done.stderr, (
        done.stderr
    )
    assert "Traceback" not in done.stderr
    assert {path.name for path in here.iterdir()} <= {"data", "cache"}


def test_a_clock_that_jumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Back to 1970, ahead to 2100, to where no date is: rows and lists are there, and nothing is removed for it."""
    folder = seeds.kept(tmp_path / "cache")
    cache = Cache(tmp_path / "cache")
    for now in (0.0, -1e9, 4.1e9, 1e12, 1.7e9):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        monkeypatch.setattr(time, "time_ns", lambda now=now: int(now * 1e9))
        assert run(["cache", "ls", "--cache", str(tmp_path / "cache")]) == 0
        assert cache.ls()[0].rows == 4 and cache.verify().damaged == ()
        if now < 1e9:  # younger than now: used in the future, not long ago
            assert cache.prune(older_than=3600).entries == ()
        entry = cache.entry(seeds.KEY)
        assert np.array_equal(entry.matrix("last")[:], seeds.FEATURES)
        assert entry.finish(4)
        del entry
    assert folder.is_dir()
    for when in (0, 2**32, 2**40):  # a drive whose clock is another's
        os.utime(folder / "lock", (when, when))
        cache.ls()
        assert run(["cache", "info", "--cache", str(tmp_path / "cache")]) == 0
    capsys.readouterr()
