"""From scores to places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from audition.errors import UnknownNameError
from audition.places import shared_places
from audition.ranking.standings import Row, shared

MEAN_PLACE = "mean place"
CONSENSUS = "consensus"


def check_order(order: str | None, metrics: Sequence[str], default: str = MEAN_PLACE) -> str:
    """The order that is meant, the default for None; raises UnknownNameError for no metric asked for.

    "consensus" joins the measures with what is known of the candidates. A mean place over one metric is its order.
    """
    order = default if order is None else order
    if order == CONSENSUS:
        return CONSENSUS
    if order == MEAN_PLACE:
        return MEAN_PLACE if len(metrics) > 1 else metrics[0]
    if order not in metrics:
        raise UnknownNameError(
            "order", order, [MEAN_PLACE, CONSENSUS, *metrics], "Order by a metric that is asked for."
        )
    return order


def in_order(rows: Sequence[Row], metrics: Sequence[str], order: str) -> tuple[Row, ...]:
    """Rows with their places, the best first; those that failed keep their order at the end.

    A row without any score, or without the one that orders, fails: nothing is known of it. The mean
    place is over the metrics that all others have; where there is none, over what each has, and rows
    with more scores come first.
    """
    checked = [_checked(row, metrics, order) for row in rows]
    alive = [row for row in checked if row.error is None]
    places = {metric: _places([row.scores.get(metric) for row in alive]) for metric in metrics}
    counted = shared(alive, metrics)
    placed = [
        _with_places(row, {metric: places[metric][i] for metric in metrics}, counted or metrics)
        for i, row in enumerate(alive)
    ]
    placed.sort(key=lambda row: _sort_key(row, metrics, order, fair=bool(counted)))
    numbered = [replace(row, place=place) for place, row in enumerate(placed, start=1)]
    return (*numbered, *(row for row in checked if row.error is not None))


def _checked(row: Row, metrics: Sequence[str], order: str) -> Row:
    """The row, failed with a reason where it has no score to be placed by."""
    if row.error is not None:
        return row
    needed = metrics if order == MEAN_PLACE else [order]
    if any(row.scores.get(metric) is not None for metric in needed):
        return row
    reasons = [
        note.removeprefix(f"{metric}: ")
        for metric in needed
        for note in row.notes
        if note.startswith(f"{metric}: ")
    ]
    what = "no measure gave a score" if len(metrics) > 1 and len(needed) > 1 else f"{needed[0]} gave no score"
    error = f"{what}: {' '.join(reasons)}" if reasons else f"{what}."
    return replace(row, error=error, place=None, places={}, mean_place=None)


def _places(scores: Sequence[float | None]) -> list[float | None]:
    """Place of each score, 1 the highest; equal scores share the mean of their places."""
    known = [score for score in scores if score is not None]
    ranks = iter(shared_places(-np.array(known)).tolist() if known else [])
    return [None if score is None else next(ranks) for score in scores]


def _with_places(row: Row, places: dict[str, float | None], counted: Sequence[str]) -> Row:
    known = [place for metric in counted if (place := places[metric]) is not None]
    return replace(row, places=places, mean_place=float(np.mean(known)) if known else None)


def _sort_key(row: Row, metrics: Sequence[str], order: str, *, fair: bool) -> tuple[float, ...]:
    """What orders first, then the metrics in turn, so that ties fall the same way every time."""
    missing = 0 if fair else sum(row.scores.get(metric) is None for metric in metrics)
    first = row.mean_place if order == MEAN_PLACE else row.places.get(order)
    keys = (missing, first, *map(row.places.get, metrics))
    return tuple(float("inf") if key is None else key for key in keys)
