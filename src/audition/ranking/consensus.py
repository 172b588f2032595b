"""One order from all measures and what is known of the candidates, beside the measures' own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from audition.arrays import Float64
from audition.ranking.standings import Row
from audition.recommendation import Candidate, Recommendation, recommend, shares_first
from audition.truth import Truth
from audition.uncertainty.interval import widened


def with_consensus(
    rows: Sequence[Row], task: str, history: Truth | None = None
) -> tuple[tuple[Row, ...], Recommendation | None]:
    """Rows in the order to try them, and why; those that failed stay last. None where none is placed."""
    placed = [row for row in rows if row.error is None]
    if not placed:
        return tuple(rows), None
    candidates = [Candidate(row.model, row.layer, row.scores, row.parameters) for row in placed]
    measures = _resampled(placed)
    drawn = _replicates(placed, measures) if measures else None
    found = recommend(candidates, task=task, history=history, replicates=drawn, measures=measures)
    places = {(row.model, row.layer): row.place for row in found}
    placed.sort(key=lambda row: places[row.model, row.layer])
    numbered = [replace(row, place=place) for place, row in enumerate(placed, start=1)]
    return (*numbered, *(row for row in rows if row.error is not None)), found


def shares_of_first(rows: Sequence[Row], task: str, history: Truth | None = None) -> Float64 | None:
    """How likely each row is to stay, or to come, first by the consensus on more rows [M]; None where nobody knows."""
    measures = _resampled(rows)
    if not measures:
        return None
    candidates = [Candidate(row.model, row.layer, row.scores, row.parameters) for row in rows]
    return shares_first(candidates, _replicates(rows, measures), measures, task=task, history=history)


def _resampled(rows: Sequence[Row]) -> tuple[str, ...]:
    """The measures of which some row has replicates."""
    names = dict.fromkeys(metric for row in rows for metric in row.resampled)
    return tuple(n for n in names if any(n in row.intervals for row in rows))


def _replicates(rows: Sequence[Row], measures: Sequence[str]) -> Float64:
    """[R, M, K], NaN where a row has none."""
    each = [[widened(row.resampled[m]) if m in row.intervals else None for m in measures] for row in rows]
    number = max(len(one) for row in each for one in row if one is not None)
    empty = np.full(number, np.nan)
    return np.array([[empty if one is None else one for one in row] for row in each]).transpose(2, 0, 1)
