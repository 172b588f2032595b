"""An interrupt is heard whenever it comes."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from audition.__main__ import _what_is_left

WHILE_AN_OBJECT_IS_PUT_AWAY = """
import os, signal, time
import audition.cli
from audition.__main__ import main

class Held:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        time.sleep(0.2)

def run():
    held = Held()
    del held
    time.sleep(30)

audition.cli.run = run
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
@pytest.mark.parametrize("name, code", [("SIGTERM", 128 + signal.SIGTERM), ("SIGINT", 130)])
def test_one_that_comes_while_an_object_is_put_away(name: str, code: int) -> None:
    script = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    script += WHILE_AN_OBJECT_IS_PUT_AWAY.format(name=name)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=25)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr and "interrupted" in ended.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("rank -m x -d y", "the same command goes on from there."),
        ("rank -m x -d y --no-cache", "with --no-cache nothing is kept."),
        ("rank -m x -d y -n", "nothing was written: --dry-run keeps nothing."),
        ("rank -m x -d y --dry-run", "nothing was written: --dry-run keeps nothing."),
        ("score x", "nothing was written."),
        ("", "nothing was written."),
    ],
)
def test_what_it_says_is_left_is_left(words: str, said: str) -> None:
    assert _what_is_left(words.split()).endswith(said)
