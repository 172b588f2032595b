"""From the rows of all candidates to their ranking."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from audition.extraction import Decoded
from audition.ranking.certainty import with_intervals, with_standings
from audition.ranking.consensus import with_consensus
from audition.ranking.costs import within
from audition.ranking.order import CONSENSUS, check_order, in_order
from audition.ranking.plan import Plan
from audition.ranking.pool import with_pool_scores
from audition.ranking.racing.value import Race
from audition.ranking.standings import Row
from audition.ranking.value import Ranking
from audition.version import __version__


def ranking_of(
    plan: Plan, rows: Sequence[Row], decoded: Decoded, seconds: float, race: Race | None = None
) -> Ranking:
    """The ranking of rows that have their scores. seconds: what decoding took."""
    # The consensus begins where the mean place ends: with rows that are placed, and those that failed apart.
    order = check_order(None, plan.metrics) if plan.order == CONSENSUS else plan.order
    affordable = within(rows, plan.options.limits, len(decoded.labels))
    ordered = in_order(with_intervals(with_pool_scores(affordable, plan.asked.metrics)), plan.metrics, order)
    sure, more = with_standings(ordered, plan.metrics, order, seen := _seen(ordered, len(decoded.labels)))
    more = None if more is None else max(more - (len(decoded.labels) - seen), 0)
    recommendation = None
    if plan.order == CONSENSUS:
        sure, recommendation = with_consensus(sure, decoded.task, plan.options.history)
    return Ranking(
        rows=_without_carried_intervals(sure),
        metrics=plan.metrics,
        order=plan.order,
        data=decoded.name,
        task=decoded.task,
        items=len(decoded.labels),
        skipped=decoded.skipped,
        decoding_seconds=seconds,
        version=__version__,
        more_rows=more,
        recommendation=recommendation,
        race=race,
    )


def _seen(rows: Sequence[Row], items: int) -> int:
    """The rows that the first two were told apart by, of all items."""
    return min((row.items or items for row in rows[:2]), default=items)


def _without_carried_intervals(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows, those that a race left behind without intervals: they saw too few rows to tell how sure they are."""
    most = max((row.items or math.inf for row in rows if row.error is None), default=math.inf)
    return tuple(replace(row, intervals={}) if row.items and row.items < most else row for row in rows)
