"""Memory that is freed stays with this process for the next batch or block, in place of going back to the system.

glibc gives large blocks back as soon as they are freed, and asks for them again at the next batch: every page of them
is a fault, which on a CPU takes up to half of the time of a ranking. `python -m benchmarks heap` measures it.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

# Of <malloc.h>: what is given back beyond, how much is asked for ahead, from which size on a block is one by itself.
TRIM, PAD, MAPPED = -1, -2, -3
KEPT = {MAPPED: 2**25, TRIM: 2**31 - 1, PAD: 2**30}
"""Nothing is given back, and the heap grows by 1 GiB of addresses, which are no memory before they are used."""
USUAL = {MAPPED: 2**25, TRIM: 2**26, PAD: 2**17}
"""Where glibc's own rule ends in a process that has once freed large blocks."""

HUGE_PAGES = "THP_MEM_ALLOC_ENABLE"
"""By which torch asks for large pages, if it is set before its first array: the blocks of threads need that, too."""

_is_open: ContextVar[bool] = ContextVar("audition_heap", default=False)


@contextmanager
def kept_memory() -> Iterator[None]:
    """While it is open, this process keeps what it frees; at its end it goes back. Without glibc nothing happens."""
    if _is_open.get():
        yield
        return
    token = _is_open.set(True)
    _ask(KEPT)
    try:
        yield
    finally:
        _is_open.reset(token)
        _ask(USUAL)
        _give_back()


@cache
def keep_memory() -> None:
    """From here on this process, which does nothing but run networks, keeps what it frees."""
    os.environ.setdefault(HUGE_PAGES, "1")
    _ask(KEPT)


def _ask(how: dict[int, int]) -> None:
    if mallopt := _from_glibc("mallopt"):
        for what, amount in how.items():
            mallopt(what, amount)


def _give_back() -> None:
    if trim := _from_glibc("malloc_trim"):
        trim(ctypes.c_size_t(0))


@cache
def _from_glibc(name: str) -> Any:
    """A function of the C library; None where it is not glibc."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # another library, or a system without one to look in
        return None
