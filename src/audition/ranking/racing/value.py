"""What a race was like, as a value: who ran how far, and who was left behind with which chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Dropped:
    """A model that was left behind.

    chance: the probability that it comes first once all have seen all rows; of a model with several layers, that one
    of them does.
    """

    model: str
    chance: float


@dataclass(frozen=True)
class RaceLap:
    """items: the rows that those had seen who ran this far. ran: how many models.

    dropped: who was left behind; some may have caught up later.
    """

    items: int
    ran: int
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True)
class Race:
    """How a ranking was reached with less than all forward passes.

    laps: in order. models: how many began. passes: the share of the forward passes of all models over all rows.
    out_of_time: whether the time was up before it was decided.
    """

    laps: tuple[RaceLap, ...]
    models: int
    passes: float
    out_of_time: bool = False

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Race:
        """The race of what `dataclasses.asdict` gave, lists in place of tuples or not."""
        laps = tuple(
            RaceLap(**{**lap, "dropped": tuple(Dropped(**each) for each in lap["dropped"])})
            for lap in values["laps"]
        )
        return cls(**{**values, "laps": laps})
