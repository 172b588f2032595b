"""How many more labelled rows would tell the first two candidates apart."""

from __future__ import annotations

from math import ceil

import numpy as np

from audition.uncertainty.interval import LEVEL, check_level, student
from audition.uncertainty.standing import Contest

MOST = 1000  # times the rows there are: beyond that no advice is given


def more_rows(contest: Contest, rows: int, level: float = LEVEL) -> int | None:
    """Rows to add to `rows` until the first is ahead of the second at the level; 0 where it is already.

    From the lead of the first and how its error shrinks, with the root of the number of rows: a guess,
    for the lead is itself uncertain. None where the two are level, or would be up to a thousand times as
    many rows, or where there is one candidate only.
    """
    check_level(level)
    times = _times(contest, level)
    return None if times is None else ceil(rows * (times - 1))


def _times(contest: Contest, level: float) -> float | None:
    """By how much the rows must be multiplied; 1 at least."""
    if len(contest.points) < 2:
        return None
    first, second = np.argsort(-contest.points, kind="stable")[:2]
    if contest.points[first] == contest.points[second]:
        return None
    if contest.scores.shape[1] == 1:
        return _of_one_measure(contest, first, second, level)

    def separated(times: float) -> bool:
        drawn = contest.replicated(1 / np.sqrt(times))
        ahead = (drawn[:, first] > drawn[:, second]).mean()
        return bool(ahead >= (1 + level) / 2)

    if not separated(MOST):
        return None
    low, high = 0.0, float(np.log(MOST))
    while not separated(1.0) and high - low > 0.01:
        middle = (low + high) / 2
        low, high = (low, middle) if separated(np.exp(middle)) else (middle, high)
    return 1.0 if separated(1.0) else float(np.exp(high))


def _of_one_measure(contest: Contest, first: int, second: int, level: float) -> float | None:
    lead = contest.points[first] - contest.points[second]
    drawn = contest.replicated()
    error = float(np.std(drawn[:, first] - drawn[:, second], ddof=1))
    times = max(1.0, (student(level, 1e9) * error / lead) ** 2)
    return times if times <= MOST else None
