"""Runs in processes that a test can kill at any moment: the test's side, and the worker's, which starts them.

Torch is imported once, by the worker, and its children are forks of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class Children:
    """Runs of a worker's file, one after the other. ready: what the worker said once it could begin."""

    def __init__(self, worker: str, folder: Path) -> None:
        self._worker = subprocess.Popen(
            [sys.executable, worker, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        self.ready = self.says()

    def says(self) -> str:
        """The next line of the worker or its child."""
        assert self._worker.stdout is not None
        return self._worker.stdout.readline().rstrip("\n")

    def start(self, word: str = "go") -> int:
        """The process of a child that begins with a word."""
        assert self._worker.stdin is not None
        self._worker.stdin.write(f"{word}\n")
        self._worker.stdin.flush()
        return int(self.says())

    def kill(self, child: int) -> None:
        """Wherever it is."""
        with suppress(ProcessLookupError):  # it was faster
            os.kill(child, signal.SIGKILL)
        assert self.says() == "ended"

    def run_to_the_end(self) -> None:
        """One that nobody kills."""
        self.start()
        assert self.says() == "ended"

    def close(self) -> None:
        """Ends the worker."""
        self._worker.communicate()


def serve(run: Callable[[str], None]) -> None:
    """In a worker: a child that runs for each line of standard input; its process and its end are printed."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            run(line.strip())
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)
