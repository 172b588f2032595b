"""Quality against cost: who is beaten by a cheaper one."""

from __future__ import annotations

from dataclasses import dataclass

from audition.ranking.costs import cost_of
from audition.ranking.standings import Row
from audition.ranking.value import Ranking
from audition.recommendation import Recommended
from audition.recommendation.cost import pareto_front

EXPECTED = "expected points"
"""Of accuracy, from the mean of the candidates."""

KINDS = {"parameters": "parameters", "seconds": "time a sample"}


@dataclass(frozen=True)
class Candidate:
    """front: whether none of the others is as good and costs less."""

    name: str
    cost: float
    quality: float
    front: bool


@dataclass(frozen=True)
class Trade:
    """what: "parameters" or "seconds". quality: what orders; `down` where the least is the best."""

    what: str
    quality: str
    down: bool
    candidates: tuple[Candidate, ...]

    @property
    def front(self) -> tuple[Candidate, ...]:
        """Those that none beats, the cheapest first."""
        return tuple(sorted((each for each in self.candidates if each.front), key=lambda each: each.cost))


def trades(ranking: Ranking) -> tuple[Trade, ...]:
    """A trade for each kind of cost that at least two candidates have."""
    found = (_trade(ranking, what) for what in KINDS)
    return tuple(trade for trade in found if len({each.name for each in trade.candidates}) > 1)


def expected(ranking: Ranking, row: Row) -> Recommended | None:
    """What a recommendation expects of a row; None without one."""
    known = ranking.recommendation or ()
    return next(
        (each for each in known if (each.model, each.layer) in ((row.model, row.layer), (row.model, ""))),
        None,
    )


def by_mean(ranking: Ranking) -> bool:
    """Whether the mean place is what orders, or stands in for an order that is no score."""
    return ranking.order not in ranking.metrics


def quality_of(ranking: Ranking, row: Row) -> float | None:
    """What orders a row, higher is better."""
    if ranking.recommendation is not None:
        found = expected(ranking, row)
        return None if found is None else found.mean * ranking.recommendation.spread
    if by_mean(ranking):
        return None if row.mean_place is None else -row.mean_place
    return row.scores.get(ranking.order)


def _trade(ranking: Ranking, what: str) -> Trade:
    rows = [(row, cost, quality) for row in best_rows(ranking) if (cost := _cost(ranking, row, what))
            and (quality := quality_of(ranking, row)) is not None]  # fmt: skip
    fronts = pareto_front([quality for *_, quality in rows], [cost for _, cost, _ in rows])
    down = by_mean(ranking) and ranking.recommendation is None
    sign = -1 if down else 1
    candidates = tuple(
        Candidate(ranking.shown[row.model], cost, sign * quality, front)
        for (row, cost, quality), front in zip(rows, fronts, strict=True)
    )
    return Trade(what, quality_name(ranking), down, candidates)


def quality_name(ranking: Ranking) -> str:
    """What `quality_of` is."""
    if ranking.recommendation is not None:
        return EXPECTED
    return "mean place" if by_mean(ranking) else ranking.order


def _cost(ranking: Ranking, row: Row, what: str) -> float | None:
    cost: float | None = getattr(cost_of(row, ranking.items), what)
    return cost


def competing(ranking: Ranking) -> list[Row]:
    """The rows that figures of whole networks show: where layers of several compete, of each the best."""
    return best_rows(ranking) if ranking.mixed and ranking.layered else list(ranking.placed)


def figure_name(ranking: Ranking, row: Row) -> str:
    """What a row is called among those that compete: its layer needs no mention where it is the model's best."""
    return ranking.shown[row.model] if ranking.mixed and ranking.layered else ranking.called(row)


def best_rows(ranking: Ranking) -> list[Row]:
    """The placed rows, of each model the best of its layers."""
    best: dict[str, Row] = {}
    for row in ranking.placed:
        best.setdefault(row.model, row)
    return list(best.values())
