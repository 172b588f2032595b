"""How far the measures agree about the order, and about whom they do not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from audition.evaluation import weighted_tau
from audition.ranking.standings import NO_VOTE, Row
from audition.ranking.value import Ranking

SHOWN = 5
APART = 2  # places: less is no dispute


@dataclass(frozen=True)
class Dispute:
    """A candidate with the measure that likes it best and the one that likes it least, and its places by them."""

    name: str
    high: str
    high_place: float
    low: str
    low_place: float


@dataclass(frozen=True)
class Agreement:
    """taus: τ_w between each two measures, [K][K]; None where one has no order."""

    measures: tuple[str, ...]
    taus: tuple[tuple[float | None, ...], ...]
    disputes: tuple[Dispute, ...]


def agreement(ranking: Ranking) -> Agreement | None:
    """How far the measures of a ranking agree; None for one measure, or one candidate."""
    measures = [metric for metric in ranking.metrics if metric != NO_VOTE]
    if len(measures) < 2 or len(ranking.placed) < 2:
        return None
    taus: list[list[float | None]] = [[1.0] * len(measures) for _ in measures]
    for i, one in enumerate(measures):
        for j in range(i):
            taus[i][j] = taus[j][i] = tau(ranking.placed, one, measures[j])
    return Agreement(tuple(measures), tuple(map(tuple, taus)), _disputes(ranking, measures))


def tau(rows: Sequence[Row], one: str, other: str) -> float | None:
    """τ_w of two measures over the rows that have both; None where there is no order."""
    pairs = _pairs(rows, one, other)
    if len(pairs) < 2:
        return None
    found = weighted_tau([a for a, _ in pairs], [b for _, b in pairs])
    return None if math.isnan(found) else found


def _pairs(rows: Sequence[Row], one: str, other: str) -> list[tuple[float, float]]:
    found = ((row.scores.get(one), row.scores.get(other)) for row in rows)
    return [(a, b) for a, b in found if a is not None and b is not None and a == a and b == b]


def _disputes(ranking: Ranking, measures: Sequence[str]) -> tuple[Dispute, ...]:
    """The candidates whose places differ most, the widest first."""
    found = []
    for row in ranking.placed:
        places = {metric: place for metric in measures if (place := row.places.get(metric)) is not None}
        if places:
            high, low = min(places, key=lambda m: places[m]), max(places, key=lambda m: places[m])
            found.append(Dispute(ranking.called(row), high, places[high], low, places[low]))
    wide = [each for each in found if each.low_place - each.high_place >= APART]
    return tuple(sorted(wide, key=lambda each: each.high_place - each.low_place)[:SHOWN])
