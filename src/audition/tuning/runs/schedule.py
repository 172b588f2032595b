"""When: the rate of a step, and the steps after which held-out rows are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi

LOOKS = 5  # at least, where nothing else is asked for


@dataclass(frozen=True)
class Schedule:
    """Of a run of so many steps. warm_up: the share of them in which the rate rises. rows: to train on.

    least: looks at the held-out rows.
    """

    steps: int
    warm_up: float
    rows: int
    rows_a_step: int
    least: int = LOOKS

    def share(self, step: int) -> float:
        """Of the highest rate, in step 1, 2, ...: up along a line, then down along a cosine, to zero after the last.

        >>> [round(Schedule(10, 0.2, 8, 8).share(step), 3) for step in (1, 2, 3, 7, 10)]
        [0.5, 1.0, 1.0, 0.5, 0.038]
        """
        warm = round(self.warm_up * self.steps)
        if step <= warm:
            return step / warm
        return (1 + cos(pi * (step - warm - 1) / (self.steps - warm))) / 2

    def epoch(self, step: int) -> float:
        """How often each training row has been seen after a step."""
        return step * self.rows_a_step / self.rows

    @property
    def looks(self) -> frozenset[int]:
        """The steps after which there is a look: once an epoch, `least` times or more, and at the end.

        >>> sorted(Schedule(10, 0.1, 8, 8).looks)
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
        """
        count = min(self.steps, max(self.least, round(self.epoch(self.steps))))
        return frozenset(round(self.steps * look / count) for look in range(1, count + 1))
