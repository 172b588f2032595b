"""Ctrl-C and SIGTERM while a library is at work that cannot be left half-way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_back() -> Iterator[None]:
    """What comes inside is heard at the end, by whoever listened before; what comes again is heard at once.

    Who listened before does so again at the end, too, whatever has been put in their place meanwhile.
    """
    if threading.current_thread() is not threading.main_thread():  # the only one that hears
        yield
        return
    listened = {number: signal.getsignal(number) for number in NUMBERS}
    heard = {number: ear for number, ear in listened.items() if ear not in (None, signal.SIG_IGN)}
    came: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            signal.signal(number, heard[signal.Signals(number)])
            signal.raise_signal(number)

    for number in heard:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number, ear in heard.items():
            signal.signal(number, ear)
        if len(came) == 1:
            signal.raise_signal(came[0])
