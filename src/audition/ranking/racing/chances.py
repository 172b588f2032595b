"""Who may still come first in a race, and who waits."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

from audition.arrays import Float64
from audition.ranking.racing.carried import Key
from audition.ranking.standings import Row

K = TypeVar("K", bound=Hashable)

TOGETHER = 0.05
"""The probability that the first of all is among those who wait."""


def likely(chances: Mapping[K, float]) -> list[K]:
    """Those that may come first, the likeliest first: all others together do so with at most TOGETHER.

    >>> likely({"a": 0.02, "b": 0.9, "c": 0.06, "d": 0.02})
    ['b', 'c']
    """
    total, found, held = sum(chances.values()), list[K](), 0.0
    for name in sorted(chances, key=lambda name: -chances[name]):
        if found and held >= (1 - TOGETHER) * total:
            break
        found.append(name)
        held += chances[name]
    return found


def firsts(points: Float64) -> Float64:
    """In which share of the draws each comes first [M], of what orders them, the higher the better [R, M]."""
    first = points >= points.max(axis=1, keepdims=True)
    return np.asarray((first / first.sum(axis=1, keepdims=True)).mean(axis=0))


def by_model(chances: Mapping[Key, float]) -> dict[str, float]:
    """The chance of each model: that one of its rows comes first."""
    found: dict[str, float] = {}
    for (model, _), chance in chances.items():
        found[model] = found.get(model, 0.0) + chance
    return found


def told_apart(row: Row) -> tuple[object, ...]:
    """What tells a row from others: layers of a model that agree in every score are one."""
    return row.model, tuple(sorted(row.scores.items(), key=lambda pair: pair[0]))
