"""What a second ranking costs where the first has kept its features, and one more network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.networks import IMAGES, named, ranked
from benchmarks.report import Row, at_most, seconds
from benchmarks.settings import Settings
from benchmarks.timing import say, timed

ANOTHER = "mobilenetv2_100_inat_insects_q"
SHARE = 0.05  # of the first run's time


def second_runs(names: Sequence[str], data: Any, folder: Path, settings: Settings) -> list[Row]:
    """A first and a second run from Python and from the command line, and the ten with one more."""
    kept = folder / "ten"
    first, _ = ranked(names, data, cache=kept)
    second = min(ranked(names, data, cache=kept)[0] for _ in range(settings.repeats))
    return [
        _share("rank again, all kept", second, "the first run", first),
        *_from_command_line(names, len(data), folder / "command", settings),
        _one_more(names, data, kept, folder, settings),
    ]


def _from_command_line(names: Sequence[str], limit: int, kept: Path, settings: Settings) -> list[Row]:
    rank = ["rank", "-m", *names, "-d", str(IMAGES), "--limit", str(limit), "--cache", str(kept), "--quiet"]
    first = _command(rank)
    second = min(_command(rank) for _ in range(settings.repeats))
    start = min(_command(["--version"]) for _ in range(settings.repeats))
    return [
        _share("audition rank again, all kept", second, "the first run", first),
        Row("- of it starting (audition --version)", seconds(start), ratio=f"{100 * start / second:.0f} %"),
    ]


def _command(words: Sequence[str]) -> float:
    """The seconds of a command, from the start of its interpreter to its end."""
    command = [sys.executable, "-m", "audition", *words]
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    took = timed(lambda: subprocess.run(command, check=True, capture_output=True, env=usual)).seconds
    say(f"  audition {words[0]}: {took:.3g} s")
    return took


def _one_more(names: Sequence[str], data: Any, kept: Path, folder: Path, settings: Settings) -> Row:
    """One network that is not kept beside those that are, against that one alone."""
    one = named(ANOTHER)
    more, alone = [], []
    for turn in range(settings.repeats):
        copy = shutil.copytree(kept, folder / f"more{turn}")
        more.append(ranked([*names, one], data, cache=copy)[0])
        alone.append(ranked([one], data, cache=folder / f"alone{turn}")[0])
    return at_most(f"one network more beside {len(names)} kept", min(more), "that one alone", min(alone), 1.3)


def _share(what: str, ours: float, against: str, theirs: float) -> Row:
    share = ours / theirs
    return Row(
        what, seconds(ours), against, seconds(theirs), f"{100 * share:.1f} %", f"≤ {100 * SHARE:g} %",
        share <= SHARE,
    )  # fmt: skip
