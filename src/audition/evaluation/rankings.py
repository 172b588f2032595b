"""A ranking beside the truth, measure by measure: one number each, without intervals."""

from __future__ import annotations

from collections.abc import Mapping

from audition.evaluation.coefficients import weighted_tau
from audition.ranking.standings import Row
from audition.ranking.value import Ranking

MEAN_PLACE, CONSENSUS = "mean place", "consensus"


def agreement(ranking: Ranking, truth: Mapping[str, float]) -> dict[str, float]:
    """τ_w of each metric, of the mean place and of the consensus, with true results by model (by layer for one model).

    NaN where a metric has fewer than two of them. Rows that failed, that have no score by a metric,
    or that the truth does not know are left out. `evaluate` says how sure such numbers are.
    """
    by_layer = len({row.model for row in ranking}) == 1
    known = [
        (row, truth[key]) for row in ranking.placed if (key := row.layer if by_layer else row.model) in truth
    ]
    true = [result for _, result in known]
    rows = [row for row, _ in known]
    return {name: _tau(true, column) for name, column in _columns(ranking, rows).items()}


def scores_of(ranking: Ranking) -> dict[str, dict[str, float]]:
    """measure -> candidate -> score of the rows that have a place; layers, where all are of one model.

    Where layers of several models compete, a model stands with the layer that came first. The mean
    place counts as a measure, turned round so that higher is better, where several measures made it; and so does
    the consensus, by the accuracy that it expects, where there is one.
    """
    by_layer = len({row.model for row in ranking}) == 1
    best: dict[str, Row] = {}
    for row in ranking.placed:
        best.setdefault(row.layer if by_layer else row.model, row)
    columns = _columns(ranking, list(best.values()))
    return {
        name: {key: score for key, score in zip(best, column, strict=True) if score is not None}
        for name, column in columns.items()
    }


def _columns(ranking: Ranking, rows: list[Row]) -> dict[str, list[float | None]]:
    columns = {metric: [row.scores.get(metric) for row in rows] for metric in ranking.metrics}
    if len(ranking.metrics) > 1:
        columns[MEAN_PLACE] = [None if row.mean_place is None else -row.mean_place for row in rows]
    if ranking.recommendation is not None:
        expected = {(found.model, found.layer): found.mean for found in ranking.recommendation}
        columns[CONSENSUS] = [expected[row.model, row.layer] for row in rows]
    return columns


def _tau(truth: list[float], scores: list[float | None]) -> float:
    pairs = [(result, score) for result, score in zip(truth, scores, strict=True) if score is not None]
    if len(pairs) < 2:
        return float("nan")
    return weighted_tau([result for result, _ in pairs], [score for _, score in pairs])
