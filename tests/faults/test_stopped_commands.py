"""Every command that computes or writes, stopped by SIGKILL and SIGTERM at random moments, and run to its end.

What stands under the name of a result is whole at every moment, and in the end it is that of a run that nobody
stopped. A command joins by a line in `COMMANDS`. AUDITION_KILLS says how often each is stopped; twice in the suite,
once by each signal, 50 times before a release. tests/faults/test_stops.py has one that is stopped between batches.
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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults import forks

from audition.cache import Cache

KILLS = max(2, int(os.environ.get("AUDITION_KILLS", "2")))
SIGNALS = ("SIGTERM", "SIGKILL")

pytestmark = pytest.mark.skipif(
    sys.platform in ("win32", "darwin"), reason="a process with libraries loaded does not fork here"
)


@dataclass(frozen=True)
class Command:
    """words: with RESULT for where the result goes. result: its name. told: what a result says, if it is whole.

    needs: libraries.
    """

    words: str
    result: str
    told: Callable[[Path], Any]
    needs: tuple[str, ...] = ("onnxruntime", "PIL")


def rows_of(path: Path) -> Any:
    return [(row["model"], row["layer"], row["scores"]) for row in json.loads(path.read_text())["rows"]]


def arrays_of(path: Path) -> Any:
    from audition.data import Features

    found = Features.load(path)
    return {name: np.asarray(found.layers[name]).tobytes() for name in found.layers}


def page_of(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>")
    return len(text)


def tuned_of(path: Path) -> Any:
    from audition import load_tuned

    return load_tuned(path).test, (path / "metrics.json").is_file()


RANK = "rank -m zoo:cnn-mnist -m zoo:vit-mnist -d data --metrics logme --layers all --json RESULT"
COMMANDS = {
    "extract": Command("extract -m zoo:cnn-mnist -d data -o RESULT", "f.safetensors", arrays_of),
    "rank": Command(RANK, "r.json", rows_of),
    "race": Command(f"{RANK} --race", "raced.json", rows_of),
    "report": Command("report ranking.json -o RESULT", "r.html", page_of),
    "tune": Command(
        "tune -d data --model zoo:cnn-mnist --epochs 3 --lr 0.01 --resume --out RESULT",
        "tuned",
        tuned_of,
        ("torch", "onnx", "PIL"),
    ),
}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, framework: Any) -> Path:
    """A folder with 48 pictures in two classes, and a ranking."""
    framework("PIL")
    from faults import seeds
    from PIL import Image

    folder, rng = tmp_path_factory.mktemp("stopped") / "here", np.random.default_rng(0)
    for place in range(48):
        path = folder / "data" / "ab"[place % 2] / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 128 + 127 * (place % 2), (28, 28), dtype=np.uint8)).save(path)
    (folder / "ranking.json").write_text(json.dumps(seeds.ranking()))
    return folder


class Forks:
    """The process that runs commands, and what it is told."""

    def __init__(self, here: Path) -> None:
        self.folder = here
        environment = {**os.environ, "AUDITION_CACHE": str(here / "cache"), "OMP_NUM_THREADS": "1"}
        words = [sys.executable, forks.__file__, str(here)]
        self._process = subprocess.Popen(
            words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, words: list[str], stop: str = "", after: float = 0.0) -> tuple[int, float]:
        """The exit code of a command, and how long it took; it is stopped by a signal after some seconds."""
        began = time.monotonic()
        child = int(self._told(json.dumps(words)))
        if stop:
            time.sleep(after)
            os.kill(child, getattr(signal, stop))  # it is waited for only now, so that it is there
        return int(self._told("wait")), time.monotonic() - began

    def said(self) -> str:
        """What all commands printed since this was asked last."""
        path = self.folder.parent / forks.OUTPUT
        text = path.read_text() if path.exists() else ""
        path.unlink(missing_ok=True)
        return text

    def _told(self, line: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(line, file=self._process.stdin, flush=True)
        return self._process.stdout.readline()

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def children(here: Path) -> Iterator[Forks]:
    made = Forks(here)
    yield made
    made.close()


@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_at_random_moments_and_run_to_its_end(name: str, children: Forks, framework: Any) -> None:
    command, moments = COMMANDS[name], random.Random(0)
    for library in command.needs:
        framework(library)
    here = children.folder

    def words(result: str) -> list[str]:
        return command.words.replace("RESULT", result).split()

    code, seconds = children.run([*words(f"whole-{command.result}"), "--no-cache"])
    assert code == 0, children.said()
    expected = command.told(here / f"whole-{command.result}")
    result = here / command.result
    for place in range(KILLS):
        number = SIGNALS[place % 2]
        code, _ = children.run(words(command.result), number, moments.uniform(0, seconds))
        said = children.said()
        assert "Traceback" not in said, said
        assert code in ((143, 0, -15) if number == "SIGTERM" else (-9, 0)), said
        assert Cache(here / "cache").verify().damaged == ()
        if result.exists():  # it was faster
            assert str(command.told(result)) == str(expected)
            shutil.rmtree(result) if result.is_dir() else result.unlink()
    code, _ = children.run(words(command.result))
    assert code == 0, children.said()
    assert str(command.told(result)) == str(expected)
    assert not list(here.glob("*.part"))
