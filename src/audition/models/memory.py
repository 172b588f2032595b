"""How the libraries that run networks say that memory has run out: each in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

SIGNS = (
    "out of memory",
    "can't allocate memory",
    "RESOURCE_EXHAUSTED",
    "OOM when allocating",
    "Failed to allocate memory",
    "bad allocation",
    "bad_alloc",
    "ALLOC_FAILED",  # of cuBLAS and cuDNN
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error of any library says that memory has run out.

    >>> is_out_of_memory(RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"))
    True
    """
    return isinstance(error, MemoryError) or any(sign in str(error) for sign in SIGNS)


@contextmanager
def memory_errors() -> Iterator[None]:
    """Python's own MemoryError for what the libraries raise in its place."""
    try:
        yield
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        raise
