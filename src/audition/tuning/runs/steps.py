"""Which rows a step sees, through which view, and what its chance is.

All of it depends on the seed and the step alone, so that a run that goes on where it was broken off has no
states of generators to restore, and nothing but generators of our own is drawn from.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

ORDER, VIEW, CHANCE = range(3)  # streams of one seed


@dataclass(frozen=True)
class Step:
    """What one update is made of. rows: int [n] of the training rows. chance: the seed of its dropout."""

    number: int
    rows: NDArray[np.intp]
    view: int
    chance: int


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of a run: every row before any comes again, and all batches full."""

    train: NDArray[np.intp]
    rows_a_step: int
    views: int
    seed: int

    def of(self, first: int, last: int) -> Iterator[Step]:
        """The steps from one to another, both counted from 1."""
        number, size, many = first, self.rows_a_step, len(self.train)
        epoch, offset = divmod((first - 1) * size, many)
        waiting = self._order(epoch)[offset:]
        while number <= last:
            while len(waiting) < size:
                epoch += 1
                waiting = np.concatenate([waiting, self._order(epoch)])
            yield Step(number, waiting[:size], self._view(number), self._chance(number))
            number, waiting = number + 1, waiting[size:]

    def _order(self, epoch: int) -> NDArray[np.intp]:
        return self._generator(ORDER, epoch).permutation(self.train)

    def _generator(self, stream: int, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, stream, number])

    def _view(self, number: int) -> int:
        return int(self._generator(VIEW, number).integers(self.views)) if self.views > 1 else 0

    def _chance(self, number: int) -> int:
        return int(np.random.SeedSequence([self.seed, CHANCE, number]).generate_state(1)[0])


def seed_chance(chance: int, device: torch.device) -> None:
    """Seeds what dropout draws from; torch.manual_seed would look at every kind of device, at each step."""
    torch.default_generator.manual_seed(chance)
    if device.type == "cuda":
        torch.cuda.manual_seed(chance)


@contextmanager
def own_chance() -> Iterator[None]:
    """While it is open torch may be seeded; afterwards its generators are as the user left them.

    On a GPU, the libraries' deterministic convolutions are taken meanwhile.
    """
    before = torch.backends.cudnn.deterministic
    with torch.random.fork_rng(devices=range(torch.cuda.device_count())):
        torch.backends.cudnn.deterministic = True
        try:
            yield
        finally:
            torch.backends.cudnn.deterministic = before
