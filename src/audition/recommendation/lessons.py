"""What one target teaches: how the measures' places went with the accuracies there, as a small matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError

FEWEST = 3  # models: two say nothing that weights could be learned from


@dataclass(frozen=True, eq=False)
class Lesson:
    """The products of accuracy and measures over the M models of one target.

    moments: [K + 1, K + 1], the mean over models of products of the standardised accuracy (first) and of the
    normal scores of K measures. spread: the standard deviation of the accuracies, in %. source: whose
    results these are; task: "classification", "multilabel" or "regression".
    """

    target: str
    source: str
    task: str
    models: int
    measures: tuple[str, ...]
    moments: Float64
    spread: float


def lesson_of(
    target: str,
    accuracy: Mapping[str, float],
    scores: Mapping[str, Mapping[str, float | None]],
    *,
    source: str = "",
    task: str = "classification",
) -> Lesson:
    """What scores (measure -> model -> score) and accuracies (model -> result in %) of one target teach.

    Models without a score by a measure stand in the middle of it. Measures that tell no models apart are
    left out. Raises InputError for fewer than three models, and where all accuracies are equal.
    """
    models = sorted(accuracy)
    results = np.array([accuracy[model] for model in models])
    if len(models) < FEWEST or np.ptp(results) == 0:
        raise InputError(f"{target} teaches nothing: it needs {FEWEST} models whose results differ.")
    columns = {
        name: normal_scores(np.array([column.get(model, np.nan) for model in models], dtype=float))
        for name, column in scores.items()
    }
    telling = {name: column for name, column in columns.items() if column.any()}
    spread = float(results.std())
    whole = np.column_stack([(results - results.mean()) / spread, *telling.values()])
    return Lesson(target, source, task, len(models), tuple(telling), whole.T @ whole / len(models), spread)


def normal_scores(values: Float64) -> Float64:
    """Places as a normal sample would have them, the highest most; standardised, equal values share theirs.

    values: [M, ...], along the first axis; NaN is missing and stands at 0, the middle. So no unit and no
    outlier plays a part, and a higher score never stands lower.
    """
    from scipy.special import ndtri
    from scipy.stats import rankdata  # here, because scipy.stats takes half a second to import

    known = ~np.isnan(values)
    number = np.maximum(known.sum(axis=0), 1)
    places = rankdata(_without_rounding(values), axis=0, nan_policy="omit")
    drawn = np.where(known, ndtri((np.where(known, places, 1) - 0.5) / number), 0.0)
    spread = np.sqrt((drawn**2).sum(axis=0) / number)
    return np.asarray(drawn / np.where(spread > 1e-9, spread, 1.0) * (spread > 1e-9))


def _without_rounding(values: Float64) -> Float64:
    """Values of which those are equal that differ by rounding only, such as a measure at its bound."""
    size = np.where(np.isfinite(values), np.abs(values), 0.0).max(axis=0)
    return np.asarray(np.round(values / np.where(size > 0, size, 1.0), 9))


def joined(lesson: Lesson, measures: tuple[str, ...]) -> Float64:
    """The moments of accuracy and the measures asked for [K + 1, K + 1]; zero for those it says nothing of."""
    found = np.zeros((len(measures) + 1, len(measures) + 1))
    here = [place for place, name in enumerate(measures) if name in lesson.measures]
    there = [0, *(lesson.measures.index(measures[place]) + 1 for place in here)]
    into = [0, *(place + 1 for place in here)]
    found[np.ix_(into, into)] = lesson.moments[np.ix_(there, there)]
    return found
