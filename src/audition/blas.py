"""The threads of the BLAS of numpy and scipy: how many there are, and how Python's own may have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any

from threadpoolctl import ThreadpoolController

_taken = Lock()


def blas_threads() -> int:
    """How many threads a product of matrices may use; 1 where the library does not say."""
    return min((library["num_threads"] for library in _libraries().info()), default=1)


@contextmanager
def one_blas_thread() -> Iterator[int]:
    """While it is open, a product of matrices uses one thread; gives how many threads may make some side by side.

    That is how many BLAS has used until then. The setting is the process's: where another thread has made it, it is
    left to that, and this one gets 1.
    """
    if not _taken.acquire(blocking=False):
        yield 1
        return
    try:
        threads = blas_threads()
        with _libraries().limit(limits=1):
            yield threads if blas_threads() == 1 else 1
    finally:
        _taken.release()


@cache
def _libraries() -> Any:
    """Those that numpy and scipy brought. Looking for them takes milliseconds, and they never change."""
    return ThreadpoolController().select(user_api="blas")
