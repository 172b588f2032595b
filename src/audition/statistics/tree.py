"""Statistics of parts merged in one fixed order, whoever merges which of them."""

from __future__ import annotations

from functools import reduce

from audition.statistics.value import Statistics


class Tree:
    """Merges statistics of parts that come in order: neighbours of as many rows first, as a binary counter carries.

    Parts of a same size (the last may be smaller) make a binary tree that depends on their number alone. So
    those of a power of two of them may be merged in a tree of their own, from a place on that this power
    divides, and come as one: every bit of the result is the same. There are never more of them at hand than
    binary digits in their number, and rounding grows with the digits, too.
    """

    def __init__(self) -> None:
        self._held: list[Statistics] = []

    def add(self, part: Statistics) -> None:
        """The statistics of the next rows."""
        while self._held and self._held[-1].count == part.count:
            part = self._held.pop() + part
        self._held.append(part)

    def result(self) -> Statistics:
        """Those of all rows; of none, the identity."""
        return reduce(lambda later, before: before + later, reversed(self._held), Statistics.empty())
