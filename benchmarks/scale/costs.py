"""What one of each costs, as the measured numbers say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.scale.ledger import Measured
from benchmarks.scale.pieces import BYTES
from benchmarks.scale.statistics_costs import PART


@dataclass(frozen=True, eq=False)
class Costs:
    """Questions to the measured lines; what was not measured raises LookupError."""

    lines: Sequence[Measured]

    def of(self, part: str, what: str, **sizes: int) -> float:
        """The one number of a part."""
        found = [
            line.value
            for line in self.lines
            if (line.part, line.what) == (part, what)
            and all(getattr(line, name) == size for name, size in sizes.items())
        ]
        if len(found) != 1:
            raise LookupError(f"{part}, {what}, {sizes}: {len(found)} numbers")
        return found[0]

    def sizes(self, part: str, what: str, name: str) -> list[int]:
        """The sizes that a number was measured at."""
        return sorted({getattr(line, name) for line in self.lines if (line.part, line.what) == (part, what)})

    def row(self, columns: int, classes: int = 100) -> float:
        """Seconds of a row in statistics: a·D + b·D² fitted to the columns, and what classes beyond 100 add."""
        linear, square = self.by_columns()
        few = linear * columns + square * columns**2
        return few if classes <= 100 else few + (classes - 100) * columns / 512 * self.a_class()

    def by_columns(self) -> tuple[float, float]:
        """Seconds of a row by column, and by column squared; both at least 0, fitted to the relative error."""
        from scipy.optimize import nnls

        lines = [line for line in self.lines if line.part == "columns"]
        d = np.array([line.columns for line in lines], dtype=float)
        taken = np.array([line.value / line.rows for line in lines])
        (linear, square), _ = nnls(np.stack([d, d**2], axis=1) / taken[:, None], np.ones(len(d)))
        return float(linear), float(square)

    def a_class(self) -> float:
        """Seconds that a class more, beyond 100, adds to a row of 512 columns."""
        few, many = (self.of("classes", "statistics", classes=number) for number in (100, 10_000))
        return (many - few) / PART / (10_000 - 100)

    def slope(self, part: str, what: str) -> float:
        """What a candidate more adds, between the fewest and the most that were measured."""
        few, *_, many = self.sizes(part, what, "candidates")
        ends = [self.of(part, what, candidates=number) for number in (few, many)]
        return (ends[1] - ends[0]) / (many - few)

    def a_pass(self) -> float:
        """Seconds of a picture through a network on one core: the median network."""
        return median(line.value for line in self.lines if line.part == "passes")

    def an_item(self, what: str) -> float:
        """Seconds, or bytes, of an item in the process that leads."""
        (line,) = (line for line in self.lines if (line.part, line.what) == ("driver", what))
        return line.value / line.rows

    def an_answer(self, engine: str = "2 processes") -> float:
        """Seconds of the leader for a piece whose statistics come back and are merged."""
        return self.of("pieces", f"{engine}, statistics, processor of the leader")

    def sending(self, engine: str = "2 processes") -> float:
        """Seconds of the leader for an item that goes to a worker as bytes that are ready."""
        empty, full = (
            self.of("pieces", f"{engine}, {what}, processor of the leader") for what in ("empty", "items")
        )
        return (full - empty) / BYTES * self.an_item("send for one candidate")


def bytes_of(columns: int, classes: int) -> float:
    """Bytes of statistics: the scatter, and means and squares of the classes."""
    return 8.0 * (columns**2 + 2 * classes * columns + 2 * columns + 2 * classes)
