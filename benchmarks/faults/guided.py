"""Readers fuzzed by what their inputs reach: atheris, which drives libFuzzer and counts branches of Python code.

`python -m benchmarks.faults atheris WORD --seconds 60` starts a process for each reader with the word in its name, in
which `python -m benchmarks.faults.guided READER FOLDER SECONDS` never returns: libFuzzer ends it. Counted are the
branches of audition and of Pillow; what C code does inside a library is not seen, only whether it is survived.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[2] / "tests"
COUNTED = ["audition", "PIL", "tomllib"]
DRAWN = 100  # inputs of hypothesis to begin with, beside the whole files
MEMORY = 4096  # MiB of a process, above which libFuzzer ends it
SLOWEST = 25  # seconds that an input may take, by libFuzzer's clock; `judged` has one of its own
REACHED = re.compile(r"\bcov: (\d+)")


def guided(only: str, seconds: int, kept: Path | None) -> int:
    """Prints a line a reader; 1 where one of them failed. kept: where inputs stay, and are gone on with."""
    if find_spec("atheris") is None:
        print("atheris is not installed: python -m pip install atheris", file=sys.stderr)
        return 2
    from faults.readers import READERS

    from benchmarks.machine import machine_line

    print(
        f"{machine_line()}, {seconds} s a reader\n\n"
        f"{'reader':24} {'inputs':>8} {'read':>7} {'refused':>8} {'branches':>14}"
    )
    failed = 0
    for reader in READERS:
        missing = [name for name in reader.needs if find_spec(name) is None]
        if only in reader.name:
            line, broke = (
                (f"not installed: {missing}", False) if missing else _one(reader.name, seconds, kept)
            )
            print(f"{reader.name:24} {line}", flush=True)
            failed += broke
    return int(failed > 0)


def _one(name: str, seconds: int, kept: Path | None) -> tuple[str, bool]:
    """What came of a reader in a process of its own, in words, and whether an input broke it."""
    with tempfile.TemporaryDirectory() as other:
        folder = Path(other) if kept is None else (kept / re.sub(r"\W+", "-", name)).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-m", "benchmarks.faults.guided", name, str(folder), str(seconds)]
        done = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, errors="replace")
        log = done.stdout + done.stderr
        (folder / "log.txt").write_text(log, encoding="utf-8", errors="replace")
        if done.returncode:
            return f"broke it: {_reason(log)}{_saved(folder)}", True
        tally = json.loads((folder / "tally.json").read_text())
        reached = [int(number) for number in REACHED.findall(log)] or [0]
        branches = f"{reached[0]} -> {reached[-1]}"
        return (
            f"{sum(tally.values()):8} {tally.get('read', 0):7} {tally.get('refused', 0):8} {branches:>14}",
            False,
        )


def _reason(log: str) -> str:
    """The line of an error in what a process said."""
    found = re.findall(
        r"^(?:[\w.]*(?:Error|Exception|Hang|Warning)\b.*|==\d+== ?ERROR.*)$", log, re.MULTILINE
    )
    return found[0][:200] if found else log[-200:].strip()


def _saved(folder: Path) -> str:
    """The inputs that broke a reader as they are, since the folder may go."""
    kinds = ("crash-", "timeout-", "oom-")
    found = [path for path in folder.iterdir() if path.name.startswith(kinds)]
    return "".join(f"\n    {path.name}: {path.read_bytes()[:400]!r}" for path in found)


def drive(name: str, folder: Path, seconds: int) -> None:
    """Fuzzes a reader in this process, and ends it. Only here is code counted, so it is imported here."""
    import atheris

    with atheris.instrument_imports(include=COUNTED):
        from faults.judge import judged
        from faults.readers import READERS

        (reader,) = [reader for reader in READERS if reader.name == name]
        os.chdir(tempfile.mkdtemp(dir=folder))
        os.fsync = lambda file: None  # a power cut is not what is tried, and a disk is slow
        path = Path(f"input{reader.suffix}").absolute()
        corpus = folder / "corpus"
        corpus.mkdir(exist_ok=True)
        for place, content in enumerate([*reader.whole(), *_drawn(reader)]):
            (corpus / f"seed-{place}").write_bytes(content)
            path.write_bytes(content)
            judged(lambda: reader.read(path))  # what it imports on the way is counted, too
    tally = _Tally(folder / "tally.json")

    def once(content: bytes) -> None:
        path.write_bytes(content)
        tally.add(judged(lambda: reader.read(path)))

    limits = [
        f"-max_total_time={seconds}",
        f"-timeout={SLOWEST}",
        f"-rss_limit_mb={MEMORY}",
        "-max_len=65536",
    ]
    atheris.Setup(["guided", str(corpus), f"-artifact_prefix={folder}/", *limits], once)
    atheris.Fuzz()


def _drawn(reader: Any) -> list[bytes]:
    from faults.judge import fuzzed
    from hypothesis import given, settings

    found: list[bytes] = []

    @settings(fuzzed, max_examples=DRAWN, derandomize=True, deadline=None)
    @given(reader.inputs())
    def draw(content: bytes) -> None:
        found.append(content)

    draw()
    return found


class _Tally:
    """Counts that are on disk at most half a second later; libFuzzer leaves no time at the end."""

    def __init__(self, path: Path) -> None:
        self._path, self._found, self._written = path, Counter[str](), 0.0

    def add(self, what: str) -> None:
        self._found[what] += 1
        if time.monotonic() - self._written > 0.5:
            self._path.write_text(json.dumps(self._found))
            self._written = time.monotonic()


if __name__ == "__main__":
    sys.path.insert(0, str(TESTS))
    drive(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
