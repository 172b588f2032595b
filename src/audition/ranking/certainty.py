"""How sure an order is: places with their intervals, and who cannot be told apart from the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from audition.metrics.registry import parse_metric
from audition.ranking.order import MEAN_PLACE
from audition.ranking.standings import Row, Standings, shared
from audition.ranking.table import percent
from audition.uncertainty import Contest, contest_of, interval, more_rows, resampled_among, standings

SHOWN = 3
LEAST = 10  # degrees of freedom: from fewer rows nothing is said of the order


def with_intervals(rows: Sequence[Row]) -> list[Row]:
    """The rows with the interval of each score that has one."""
    return [replace(row, intervals=_intervals(row)) for row in _with_pools(rows)]


def _with_pools(rows: Sequence[Row]) -> list[Row]:
    """The rows, with what measures of candidates would be in each resample of them all."""
    done = list(rows)
    for name in dict.fromkeys(name for row in rows for name in row.parts):
        places = [i for i, row in enumerate(done) if name in row.parts and name in row.resampled]
        pool = parse_metric(name).measure.pool
        if pool is None or len(places) < 2:
            continue
        parts, each = ([getattr(done[i], of)[name] for i in places] for of in ("parts", "resampled"))
        for i, found in zip(places, resampled_among(pool, parts, each), strict=True):
            done[i] = replace(done[i], resampled={**done[i].resampled, name: found})
    return done


def _intervals(row: Row) -> dict[str, tuple[float, float]]:
    found = {metric: interval(resampled) for metric, resampled in row.resampled.items()}
    return {metric: (each.low, each.high) for metric, each in found.items() if each is not None}


def with_standings(
    rows: Sequence[Row], metrics: Sequence[str], order: str, items: int
) -> tuple[tuple[Row, ...], int | None]:
    """Rows in order with where each may stand, and how many more items would tell the first two apart.

    Both are None where a measure that orders has no interval for one of the candidates.
    """
    placed = [row for row in rows if row.error is None]
    contest = contest_among(placed, metrics, order)
    if contest is None:
        return tuple(replace(row, standing=None) for row in rows), None
    found = iter(standings(contest))
    done = tuple(replace(row, standing=next(found)) if row.error is None else row for row in rows)
    return done, more_rows(contest, items)


def contest_among(placed: Sequence[Row], metrics: Sequence[str], order: str) -> Contest | None:
    """The contest of rows by what orders them; None where one of them has no interval by it."""
    metrics = shared(placed, metrics) if order == MEAN_PLACE else (order,)
    if len(placed) < 2 or not metrics:
        return None
    found = [
        [row.resampled[metric] for metric in metrics if metric in row.intervals and metric in row.resampled]
        for row in placed
    ]
    if any(len(each) < len(metrics) or min(one.degrees for one in each) < LEAST for each in found):
        return None
    return contest_of(found)


def certainty(ranking: Standings) -> str:
    """How sure the first place is, in a sentence or two; nothing where nobody knows."""
    placed = ranking.placed
    if not placed or placed[0].standing is None:
        return ""
    rivals = [row for row in placed[1:] if row.standing and row.standing.contender]
    level = any(row.standing and row.standing.place == placed[0].standing.place for row in placed[1:])
    what = ranking.called(placed[0]) if level else "It"
    first = f"{what} comes first in {percent(placed[0].standing.best)} of the resamples of the rows"
    if not rivals:
        return f"{first}, and can be told from all others (90 %)."
    names = [ranking.called(row) for row in rivals]
    if len(names) > SHOWN:
        names = [*names[: SHOWN - 1], f"{len(names) - SHOWN + 1} others"]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"{first}; {listed} cannot be told from it (90 %).{_advice(ranking.more_rows)}"


def of_scores(ranking: Standings) -> str:
    """Of a consensus: how sure its first place is by the scores alone; nothing where those put another first."""
    placed = ranking.placed
    if len(placed) < 2 or placed[0].standing is None or placed[0].standing.place > 1:
        return ""
    said = certainty(ranking)
    return f"By the scores alone, {said[0].lower() + said[1:] if said.startswith('It ') else said}"


def without_interval(ranking: Standings) -> str:
    """Why nobody knows how sure the order is, where intervals were asked for; else nothing."""
    placed = ranking.placed
    if (
        ranking.recommendation is not None
        or len(placed) < 2
        or placed[0].standing is not None
        or not any(row.intervals or row.resampled for row in placed)
    ):
        return ""
    by = ranking.counted if ranking.order == MEAN_PLACE else (ranking.order,)
    lacking = [metric for metric in by if any(metric not in row.intervals for row in placed)]
    if not lacking:
        return "There are too few rows to tell how sure the order is."
    others = [metric for metric in by if metric not in lacking]
    instead = f" Order by another, such as {others[0]}, to see it." if others else ""
    return f"How sure the order is cannot be told: {_reason(placed, lacking[0])}{instead}"


def _reason(placed: Sequence[Row], metric: str) -> str:
    """Why a measure has no interval for one of the rows."""
    given = (row.resampled[metric].reason for row in placed if metric in row.resampled)
    reason = next(filter(None, given), "it is not known what it would be with other rows.")
    return f"{metric} has no interval: {reason}"


def _advice(rows: int | None) -> str:
    """What more data would do; rounded, for it is a guess."""
    if rows is None:
        return " More rows would hardly tell the first two apart."
    if rows == 0:
        return ""
    digits = max(len(str(rows)) - 2, 0)
    return f" About {round(rows, -digits):,} more rows would tell the first two apart."
