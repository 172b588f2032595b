"""What is compared: ways to tune one network, and what its teachers say without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audition.tuning.teachers.method import Method, MethodName


@dataclass(frozen=True)
class Contender:
    """A way to tune. teachers: how many of the ranking; method: None for the teachers alone, of which none is tuned."""

    name: str
    method: MethodName | None
    teachers: int = 0
    tradeoff: float | None = None

    def by(self, ranked: Sequence[str]) -> Method:
        """The method, with the first of those that may teach."""
        assert self.method is not None
        return Method(self.method, tuple(ranked[: self.teachers]), self.tradeoff)


PLAIN = "plain"
TUNED = (
    Contender(PLAIN, "plain"),
    Contender("l2-sp", "l2-sp"),
    Contender("distillation-3", "distillation", 3),
    Contender("b-tuning-1", "b-tuning", 1),
    Contender("b-tuning-3", "b-tuning", 3),
    Contender("b-tuning-5", "b-tuning", 5),
)
WEAKER = (Contender("b-tuning-3 λ=10", "b-tuning", 3, 10.0), Contender("b-tuning-3 λ=1", "b-tuning", 3, 1.0))
ALONE = tuple(Contender(f"teachers-{number}", None, number) for number in (1, 3, 5))

ONE_RATE = " at one rate"
"""What stands behind the name of a contender where all have the same rate."""
