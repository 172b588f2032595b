"""Many rows of few columns: threads sum up a block each, and the blocks are added in their order.

Up to a thousand columns, a good part of the work is not `dsyrk`, and runs on one core however many threads BLAS has.
So every thread sums up whole blocks, with one thread of BLAS each. Which rows make a block, and in which order blocks
are added, does not depend on the threads: nor does any bit of the result.

What takes many short calls, as sums of classes do, is for the thread that adds: several that made them would wait
for one another at Python's lock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import cycle
from typing import Any, TypeVar

import numpy as np

from audition.arrays import BLOCK_ELEMENTS, LEAST_ELEMENTS, Float64, Matrix, less_origin, row_blocks
from audition.blas import one_blas_thread
from audition.heap import kept_memory

Made = TypeVar("Made")
Done = tuple[slice, Float64, Made]
"""Which rows they are, they themselves, and what was made of them."""

NARROW = 1024
"""Columns: beyond, nearly all is `dsyrk`, and a product [D, D] for each block would take memory."""

BLOCKS = 8
"""Rows of a block for each column, so that adding up products [D, D] costs little beside making them."""

THREADS = 8
"""At most: each has a block of up to 32 MiB, and a product of up to 8 MiB."""


def is_shared(matrix: Matrix) -> bool:
    """Whether a matrix [N, D] is narrow, and tall enough for two blocks."""
    rows, columns = matrix.shape
    return bool(columns <= NARROW and rows >= 2 * shared_rows(columns))


def shared_rows(columns: int) -> int:
    """How many rows make a block that a thread sums up: 8 to 32 MiB of float64."""
    return min(BLOCK_ELEMENTS, max(LEAST_ELEMENTS, BLOCKS * columns**2)) // columns


class Blocks:
    """Blocks of rows that are summed up side by side; the memory they are in is used again as long as this is kept."""

    def __init__(self) -> None:
        self._held: list[Float64] = []

    def sum(
        self,
        matrix: Matrix,
        origin: Float64,
        make: Callable[[slice, Float64], Made],
        add: Callable[[slice, Float64, Made], None],
    ) -> None:
        """Calls `make` for each block of rows [n, D] less the origin [D], and `add` in the order of the blocks.

        make: takes which rows they are, and them; it may write to them. Several threads call it.
        add: takes the same, as `make` left them, and what it made. This thread calls it; it alone takes rows of the
        matrix, too, which may be in a file.
        """

        def made(rows: slice, given: Matrix, buffer: Float64) -> Done[Made]:
            block = less_origin(given, origin, buffer)
            return rows, block, make(rows, block)

        columns = matrix.shape[1]
        with kept_memory(), one_blas_thread() as allowed:
            threads = min(allowed, THREADS)
            buffers = cycle(self._buffers(threads + (threads > 1), columns))
            blocks = row_blocks(matrix, shared_rows(columns))
            calls = (partial(made, rows, given, next(buffers)) for rows, given in blocks)
            _in_order(calls, threads, lambda done: add(*done))

    def _buffers(self, number: int, columns: int) -> list[Float64]:
        """So many, each for a block; they are no memory before they are written to."""
        while len(self._held) < number:
            self._held.append(np.empty((shared_rows(columns), columns)))
        return self._held[:number]


def _in_order(calls: Iterable[Callable[[], Any]], threads: int, take: Callable[[Any], None]) -> None:
    """Calls by several threads; `take` gets what they give, in their order.

    No call is asked for while more than `threads` are under way, or have not been taken yet.
    """
    if threads == 1:
        for call in calls:
            take(call())
        return
    under_way: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for call in calls:
            under_way.append(pool.submit(call))
            if len(under_way) > threads:
                take(under_way.popleft().result())
        for rest in under_way:
            take(rest.result())
