"""How sure an order of candidates is: places with their intervals, and who may be the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.errors import InputError
from audition.places import shared_places
from audition.uncertainty.interval import LEVEL, check_level, widened
from audition.uncertainty.resampled import Resampled


@dataclass(frozen=True)
class Standing:
    """Where a candidate stands: its place, 1 the best, from `first` to `last` at the level.

    best: the probability to be the best, the share of the resamples in which it is. contender: whether it
    cannot be told apart from the best at the level: its places include the first, or it is one of many that
    are too close for their places to say.
    """

    place: float
    first: int
    last: int
    best: float
    contender: bool


@dataclass(frozen=True, eq=False)
class Contest:
    """M candidates by K measures: scores [M, K] and replicates [R, M, K], of the same resamples.

    With one measure the score orders, with several the mean place over them.
    """

    scores: Float64
    replicates: Float64

    @cached_property
    def points(self) -> Float64:
        """What orders the candidates, the higher the better [M]."""
        return np.asarray(self._points(self.scores[None])[0])

    def replicated(self, shrink: float = 1.0) -> Float64:
        """The points in each resample [R, M], with deviations `shrink` times as large."""
        return self._points(self.scores + shrink * (self.replicates - self.scores))

    def _points(self, values: Float64) -> Float64:
        one = values.shape[2] == 1
        return np.asarray(values[:, :, 0] if one else -_places(values).mean(axis=2))


def contest_of(candidates: Sequence[Sequence[Resampled]], level: float = LEVEL) -> Contest:
    """The contest of candidates, each with its scores by the same measures.

    Where one of the measures has its replicates from blocks of rows, all take those, so that what they
    say together belongs together.
    Raises InputError where a score has no replicates, or where numbers of measures or resamples differ.
    """
    lengths = {len(scores) for scores in candidates}
    if len(lengths) != 1 or lengths == {0}:
        raise InputError("Every candidate needs a score by the same measures, at least one.")
    scores = np.array([[one.score for one in row] for row in candidates])
    drawn = [[widened(one, level) for one in row] for row in alike(candidates)]
    if len({len(one) for row in drawn for one in row}) != 1:
        raise InputError("The candidates were not resampled alike: give all of them the same resamples.")
    return Contest(scores, np.array(drawn).transpose(2, 0, 1))


def alike(candidates: Sequence[Sequence[Resampled]]) -> list[list[Resampled]]:
    """The same scores, all with replicates from rows or, where one has none such, from blocks of rows."""
    fine = all(one.coarse is not None for row in candidates for one in row)
    without_blocks = all(one.coarse is None for row in candidates for one in row)
    return [[one if fine or without_blocks else one.coarse or one for one in row] for row in candidates]


def standings(contest: Contest, level: float = LEVEL) -> tuple[Standing, ...]:
    """How each candidate stands, in the order in which they were given."""
    check_level(level)
    drawn = contest.replicated()
    places = _places(drawn[:, :, None])[:, :, 0]
    own = _places(contest.points[None, :, None])[0, :, 0]
    tail = (1 - level) / 2
    low = np.minimum(np.quantile(places, tail, axis=0, method="lower"), own)
    high = np.maximum(np.quantile(places, 1 - tail, axis=0, method="higher"), own)
    winners = drawn >= drawn.max(axis=1, keepdims=True)
    best = (winners / winners.sum(axis=1, keepdims=True)).mean(axis=0)
    inside = (np.floor(low) <= 1) | _possible(contest, drawn, best, level)
    return tuple(
        Standing(float(own[i]), int(np.floor(low[i])), int(np.ceil(high[i])), float(best[i]), bool(inside[i]))
        for i in range(len(own))
    )


def _possible(contest: Contest, drawn: Float64, best: Float64, level: float) -> NDArray[np.bool_]:
    """Who may be the truly best among many that are close, though no place of its own says so [M].

    By one measure, who is in Hsu's set. Mean places are counts, whose differences have no such spread: there,
    who is the first in a share of the resamples that is not small for so many.
    """
    if contest.scores.shape[1] == 1:
        return contenders(contest.points, drawn, level)
    return np.asarray(best >= (1 - level) / len(best))


def contenders(points: Float64, drawn: Float64, level: float = LEVEL) -> NDArray[np.bool_]:
    """Which candidates cannot be told apart from the best [M]: at the level, the truly best is among them.

    points: [M]. drawn: their replicates [R, M]. Multiple comparisons with the best (Hsu, 1984) with the
    paired differences of the replicates: a candidate stays while the largest of the others' studentised
    leads over it is within the quantile of what that largest is by chance.
    """
    deviations = drawn - points
    inside = np.ones(len(points), dtype=bool)
    for i in range(len(points)):
        lead, noise = points - points[i], deviations - deviations[:, [i]]
        spread = noise.std(axis=0, ddof=1)
        certain = spread <= 1e-12 * max(float(spread.max()), float(np.abs(lead).max()))
        if (lead[certain] > 0).any():
            inside[i] = False
        elif not certain.all():
            by_chance = (noise[:, ~certain] / spread[~certain]).max(axis=1)
            inside[i] = (lead[~certain] / spread[~certain]).max() <= max(np.quantile(by_chance, level), 0.0)
    return inside


def _places(values: Float64) -> Float64:
    """The place of each candidate among all, 1 the highest; equal ones share the mean; along axis 1."""
    return shared_places(-values, axis=1)
