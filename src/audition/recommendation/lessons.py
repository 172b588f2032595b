"""What one target teaches: how the measures' places went with the accuracies there, as a small matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.errors import InputError
from audition.places import shared_places

FEWEST = 3  # models: two say nothing that weights could be learned from
FARTHEST = 3.0  # standard deviations from the middle that a score may stand at
MIDDLE_HALF = 1.349  # of a normal sample, in its standard deviations
LEAST = 0.1  # of the standard deviation, for the unit where half of the scores are all but equal


@dataclass(frozen=True, eq=False)
class Lesson:
    """The products of accuracy and measures over the M models of one target.

    moments: [K + 1, K + 1], the mean over models of products of the standardised accuracy (first) and of the
    standard scores of K measures. spread: the standard deviation of the accuracies, in %. source: whose
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
        name: standard_scores(np.array([column.get(model, np.nan) for model in models], dtype=float))
        for name, column in scores.items()
    }
    telling = {name: column for name, column in columns.items() if column.any()}
    spread = float(results.std())
    whole = np.column_stack([(results - results.mean()) / spread, *telling.values()])
    return Lesson(target, source, task, len(models), tuple(telling), whole.T @ whole / len(models), spread)


def standard_scores(values: Float64) -> Float64:
    """Half what the place of a value says, half how far it lies from the middle; mean 0 and variance 1.

    values: [M, ...], along the first axis; NaN is missing and stands at 0, the middle. The place is that of a normal
    sample; the distance from the median is in the unit of the middle half and ends at 3, so that a network far ahead of
    all others shows, and no outlier rules. No unit plays a part, and a higher value never stands lower.
    """
    known = ~np.isnan(values)
    if not values.size:
        return np.zeros(values.shape)
    rounded = _without_rounding(values)
    parts = (_places(rounded, known), _distances(rounded, known))
    return _standardised(np.sum([_standardised(part, known) for part in parts], axis=0), known)


def _standardised(values: Float64, known: NDArray[np.bool_]) -> Float64:
    """Less the mean and by the standard deviation of the known ones; zeros where those are equal, and elsewhere."""
    number = np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - np.where(known, values, 0.0).sum(axis=0) / number, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / number)
    return np.asarray(centred / np.where(spread > 1e-9, spread, 1.0) * (spread > 1e-9))


def _places(values: Float64, known: NDArray[np.bool_]) -> Float64:
    """Places as a normal sample would have them, the highest most; equal values share theirs, missing ones are at 0."""
    from scipy.special import ndtri

    number = np.maximum(known.sum(axis=0), 1)
    places = shared_places(values, axis=0)
    return np.where(known, ndtri((np.where(known, places, 1) - 0.5) / number), 0.0)


def _distances(values: Float64, known: NDArray[np.bool_]) -> Float64:
    """Distances from the median, at most FARTHEST; infinities are the farthest, missing values at 0."""
    finite = known & np.isfinite(values)
    some = finite.any(axis=0)
    bare = np.where(finite, values, np.where(some, np.nan, 0.0))
    low, middle, high = np.nanquantile(bare, (0.25, 0.5, 0.75), axis=0)
    off = np.where(finite, values - middle, 0.0)
    unit = np.maximum(
        (high - low) / MIDDLE_HALF, LEAST * np.sqrt((off**2).sum(axis=0) / np.maximum(finite.sum(axis=0), 1))
    )
    distance = np.divide(off, unit, out=np.zeros_like(off), where=unit > 0)
    distance = np.where(known & np.isinf(values), np.copysign(FARTHEST, values), distance)
    return np.clip(distance, -FARTHEST, FARTHEST)


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
