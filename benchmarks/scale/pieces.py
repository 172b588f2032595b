"""What a piece of work costs on its way: empty, with statistics as its answer, and with many items that go there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Executor
from functools import lru_cache
from random import Random

from audition.executors import Line, Shard
from audition.executors.packed import Store, Stored
from audition.statistics import Statistics
from benchmarks.scale.ledger import Measured
from benchmarks.scaling import contenders

EMPTY, FULL = 400, 60
BYTES = 2**24  # of items that are packed: of about a million files
COLUMNS, CLASSES = 512, 100
NOTE = "per piece; 2 workers, pieces sent ahead as a ranking does"


class Order:
    """A piece that asks for statistics, or for nothing. shard: what it says it is about, so many bytes of it."""

    def __init__(self, place: int, columns: int, held: int = 0) -> None:
        self.columns = columns
        self.shard = Shard("scale", place, 1, 1, "rows", _packed(held) if held else b"")


def answer(order: Order) -> Statistics | None:
    """What a worker gives."""
    return _made(order.columns) if order.columns else None


@lru_cache
def _packed(held: int) -> Stored:
    return Store().put(Random(0).randbytes(held))


@lru_cache
def _made(columns: int) -> Statistics:
    from benchmarks.scale.statistics_costs import made

    return made(columns, CLASSES)


def pieces() -> Iterator[Measured]:
    """On processes, Dask and Ray: seconds on the wall a piece, and of the leading process's processor."""
    for who, started in contenders().items():
        if who in ("no executor", "1 process"):
            continue
        with started() as executor:
            for what, columns, held, number in (
                ("empty", 0, 0, EMPTY), ("statistics", COLUMNS, 0, FULL), ("items", 0, BYTES, FULL),
            ):  # fmt: skip
                _sent(executor, columns, held, 4)  # workers are up, and have what they answer
                wall, own = _sent(executor, columns, held, number)
                found = {"wall": wall, "processor of the leader": own}
                for clock, seconds in found.items():
                    yield Measured("pieces", f"{who}, {what}, {clock}", seconds / number, "s", 0, columns,
                                   CLASSES if columns else 0, note=NOTE)  # fmt: skip


def _sent(executor: Executor, columns: int, held: int, number: int) -> tuple[float, float]:
    orders = (("scale", Order(place, columns, held)) for place in range(number))
    line: Line[Order, Statistics | None] = Line(executor, answer, orders)
    began, own = time.perf_counter(), time.process_time()
    total: Statistics | None = None
    for found in line.of("scale"):
        total = found if total is None or found is None else total + found
    return time.perf_counter() - began, time.process_time() - own
