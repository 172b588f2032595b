"""How the order changes from one measure to another, such as before and after PED."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audition.errors import InputError, UnknownNameError
from audition.ranking.standings import NO_VOTE, Row
from audition.ranking.value import Ranking
from audition.reporting.agreement import tau
from audition.reporting.costs import competing, figure_name

MOVED = "+ped"


@dataclass(frozen=True)
class Move:
    """A candidate and its place by either measure, 1 the first; equal scores keep the order of the ranking."""

    name: str
    before: int
    after: int


@dataclass(frozen=True)
class Shift:
    """The order by two measures, of the candidates that have both scores; `tau`: how far they agree."""

    before: str
    after: str
    moves: tuple[Move, ...]
    tau: float | None


def shifts(ranking: Ranking) -> tuple[Shift, ...]:
    """Each measure beside the same after PED; without any, the first two measures."""
    measures = [metric for metric in ranking.metrics if metric != NO_VOTE]
    pairs = [(metric, metric + MOVED) for metric in measures if metric + MOVED in measures]
    if not pairs and len(measures) > 1:
        pairs = [(measures[0], measures[1])]
    found = (shift(ranking, *pair) for pair in pairs)
    return tuple(each for each in found if len(each.moves) > 1)


def shift(ranking: Ranking, before: str, after: str) -> Shift:
    """The order by two measures; raises UnknownNameError for one that was not asked for."""
    for metric in (before, after):
        if metric not in ranking.metrics:
            raise UnknownNameError("measure in this ranking", metric, ranking.metrics)
    if before == after:
        raise InputError(f"Two measures are compared; {before!r} is given twice.")
    rows = [
        row
        for row in competing(ranking)
        if row.scores.get(before) is not None and row.scores.get(after) is not None
    ]
    first, second = _order(rows, before), _order(rows, after)
    moves = tuple(Move(figure_name(ranking, row), first[i], second[i]) for i, row in enumerate(rows))
    return Shift(before, after, moves, tau(rows, before, after))


def _order(rows: Sequence[Row], metric: str) -> list[int]:
    """The place of each row by a score, no two the same."""
    by_score = sorted(range(len(rows)), key=lambda i: -(rows[i].scores[metric] or 0.0))
    places = {row: place for place, row in enumerate(by_score, start=1)}
    return [places[i] for i in range(len(rows))]
