"""Networks, data and executors for the tests here: found by their names in other processes, too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from audition.data import Item
from audition.errors import InputError
from audition.models import Outputs
from audition.models.preprocess import AsRow

Array = np.ndarray[Any, Any]
SEED = 20
ITEMS, WIDTH, CLASSES = 700, 6, 3


def rows_and_labels() -> tuple[Array, list[str]]:
    """Rows of three classes whose means differ."""
    rng = np.random.default_rng(SEED)
    codes = rng.integers(CLASSES, size=ITEMS)
    return rng.normal(size=(ITEMS, WIDTH)) + codes[:, None], [f"class {code}" for code in codes]


@dataclass(frozen=True)
class Network:
    """Two layers of a random projection, a head, and a count of the rows that begin below zero."""

    name: str
    seed: int = 0
    kind: Any = "rows"
    layers: tuple[str, ...] = ("early", "late")
    preprocess: Any = AsRow()  # noqa: RUF009
    parameters: int = 7

    def forward(self, batch: Array) -> Outputs:
        rng = np.random.default_rng(self.seed)
        early = np.tanh(batch @ rng.normal(size=(WIDTH, 8)))
        late = np.tanh(early @ rng.normal(size=(8, 5)))
        head = np.exp(late)
        below = int((batch[:, 0] < 0).sum())
        return Outputs(
            {"early": early, "late": late}, head / head.sum(axis=1, keepdims=True), {"rows were low": below}
        )


@dataclass(frozen=True)
class AsPicture:
    """A row as a picture of one colour."""

    def __call__(self, row: Any) -> Array:
        return np.asarray(row, dtype=np.float32).reshape(1, 2, WIDTH // 2)


@dataclass(frozen=True)
class Looking(Network):
    """The same, of pictures [n, 1, 2, 3]."""

    preprocess: Any = AsPicture()

    def forward(self, batch: Array) -> Outputs:
        return super().forward(batch.reshape(len(batch), WIDTH))


@dataclass(frozen=True)
class Mixing(Network):
    """A row depends on those beside it in the batch."""

    def forward(self, batch: Array) -> Outputs:
        return super().forward(batch - batch.mean(axis=0))


@dataclass(frozen=True)
class Deadly(Network):
    """Ends its process: as long as it lives, or `times` times, counted by files in a folder."""

    folder: str = ""
    times: int = 1000

    def forward(self, batch: Array) -> Outputs:
        folder = Path(self.folder)
        died = len(list(folder.iterdir()))
        if died < self.times:
            (folder / f"{died} {os.getpid()}").touch()
            os._exit(9)
        return super().forward(batch)


@dataclass(frozen=True)
class Failing(Network):
    """Fails on the batch that holds the largest first column."""

    above: float = 1e9

    def forward(self, batch: Array) -> Outputs:
        if batch[:, 0].max() >= self.above:
            raise RuntimeError("too much")
        return super().forward(batch)


@dataclass(frozen=True)
class Spoilt:
    """Rows of which some cannot be read."""

    bad: tuple[int, ...]
    name: str = "spoilt"
    kind: Any = "rows"
    task: Any = "classification"

    def __len__(self) -> int:
        return ITEMS

    def items(self) -> Iterator[Item]:
        rows, labels = rows_and_labels()
        for place, (row, label) in enumerate(zip(rows, labels)):
            yield Item(f"row {place}", label, partial(read, self.bad, place, row))


def read(bad: tuple[int, ...], place: int, row: Array) -> Array:
    if place in bad:
        raise InputError(f"Cannot read row {place}.")
    return row


class Reversed(Executor):
    """Does what it is given in the wrong order: the last first, once anybody waits for an answer."""

    def __init__(self, workers: int) -> None:
        self._max_workers = workers
        self.order: list[int] = []
        self.summed: list[bool] = []
        self._held: list[tuple[int, Callable[[], Any], Future[Any]]] = []
        self._given = 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = _Asked(self)
        self.summed.append(args[0].summed is not None)
        self._held.append((self._given, partial(call, *args, **kwargs), future))
        self._given += 1
        return future

    def run(self) -> None:
        while self._held:
            number, call, future = self._held.pop()
            self.order.append(number)
            future.set_result(call())


class _Asked(Future[Any]):
    """An answer that is made when it is asked for, after all that was asked for later."""

    def __init__(self, owner: Reversed) -> None:
        super().__init__()
        self._owner = owner

    def exception(self, timeout: float | None = None) -> BaseException | None:
        self._owner.run()
        return super().exception(timeout)
