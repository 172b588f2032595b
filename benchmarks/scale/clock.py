"""Processor time of one thread: what other work on the machine lengthens least."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from threadpoolctl import threadpool_limits

NOTE = "processor time, one thread, best of {}"


def processor(call: Callable[[], object], repeats: int = 3) -> float:
    """Seconds of the best of a few runs."""
    best = float("inf")
    with threadpool_limits(1):
        for _ in range(repeats):
            gc.collect()
            began = time.process_time()
            call()
            best = min(best, time.process_time() - began)
    return best


def note(repeats: int = 3) -> str:
    """How `processor` measured."""
    return NOTE.format(repeats)
