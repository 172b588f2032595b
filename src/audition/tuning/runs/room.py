"""How many rows go through a network at once: half as many whenever memory runs out."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TypeVar

import torch

from audition.errors import ModelError
from audition.models.memory import is_out_of_memory
from audition.tuning.runs.faults import TOO_LARGE

T = TypeVar("T")


class Room:
    """rows: how many at once, from now on."""

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def fitting(self, run: Callable[[int], T]) -> T:
        """What run(rows at once) gives, called anew with half as many as often as memory runs out.

        Raises ModelError where there is no room for one row.
        """
        while True:
            try:
                return run(self.rows)
            except (RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error):
                    raise
            self._halve()  # out here, where the error holds on to no tensor any more

    def _halve(self) -> None:
        if self.rows == 1:
            raise ModelError(TOO_LARGE)
        self.rows = -(-self.rows // 2)
        if torch.cuda.is_available():  # it keeps what was freed, in pieces that may be too small
            gc.collect()
            torch.cuda.empty_cache()
