"""What "nothing breaks" means: a result or one sentence of ours, in bounded time and bounded memory."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, settings

from audition.errors import AuditionError, AuditionWarning

EXAMPLES = int(os.environ.get("AUDITION_FUZZ", "500"))
"""Generated inputs a reader; fewer while a reader is being written, more where there is time."""

SECONDS = 20.0  # of processor time an input may take; a file of a few kilobytes takes milliseconds
BYTES = 2**28  # of memory that the inputs of a reader may add, together
LONGEST = 3000  # characters of a sentence

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")

fuzzed = settings(
    max_examples=EXAMPLES,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
"""The settings of a test of a reader."""


class Hang(BaseException):
    """An input took longer than any of its size may."""


def judged(read: Callable[[], Any]) -> Literal["read", "refused"]:
    """Whether something was read or refused in a sentence; whatever else happens is a failure, and is raised."""
    try:
        with warnings.catch_warnings(), in_time():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", AuditionWarning)
            read()
    except AuditionError as error:
        check_sentence(str(error))
        return "refused"
    return "read"


def check_sentence(text: str) -> None:
    """One line that a person can read on any terminal."""
    assert text.strip(), "an error without a word"
    assert text.isprintable(), f"an error with characters that do not print: {text!r}"
    assert len(text) <= LONGEST, f"an error of {len(text)} characters: {text[:200]!r}..."


@contextmanager
def in_time(seconds: float = SECONDS, *, waiting: bool = False) -> Iterator[None]:
    """Raises Hang where the processor is busy for longer, however busy the machine is.

    waiting: where time goes by for longer, as it does before a pipe that nobody writes to.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> None:
        raise Hang(f"more than {seconds} s of processor time")

    number, clock = (signal.SIGALRM, signal.ITIMER_REAL) if waiting else (signal.SIGPROF, signal.ITIMER_PROF)
    before = signal.signal(number, stop)
    signal.setitimer(clock, seconds)
    try:
        yield
    finally:
        signal.setitimer(clock, 0)
        signal.signal(number, before)


@contextmanager
def in_memory(most: int = BYTES) -> Iterator[None]:
    """Fails where the peak of the process rises by more, where the system says how high it was (Linux)."""
    if not CLEAR.exists():
        yield
        return
    CLEAR.write_text("5")  # the peak begins anew
    before = status("VmRSS")
    yield
    grown = status("VmHWM") - before
    assert grown <= most, f"the memory grew by {grown / 2**20:.0f} MiB, where {most / 2**20:.0f} are allowed"


def status(key: str) -> int:
    """A number of bytes out of what Linux says of this process."""
    (line,) = [line for line in STATUS.read_text().splitlines() if line.startswith(f"{key}:")]
    return int(line.split()[1]) * 1024
