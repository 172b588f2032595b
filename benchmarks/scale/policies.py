"""Who is run over how many rows: racing, lists, random search and successive halving, as pure functions.

A policy is given what it may look at, `look(who, rows) -> scores`, and answers with what it spent and chose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Places = NDArray[np.intp]
Look = Callable[[Places, int], Float64]
"""The scores of some candidates on the first so many rows."""

GRID = 129
FAR = 10  # errors behind the first, beyond which nobody is the best


@dataclass(frozen=True)
class Choice:
    """The candidate that is chosen after so many forward passes."""

    passes: int
    chosen: int


def chances(scores: Float64, error: float) -> Float64:
    """The probability of each candidate to be the best [M], where each score errs by N(0, error²) for itself.

    >>> chances(np.array([0.0, 0.0]), 1.0).round(6).tolist()
    [0.5, 0.5]
    """
    from scipy.special import log_ndtr

    if error <= 0:
        first = scores == scores.max()
        return np.asarray(first / first.sum())
    top = float(scores.max())
    near = scores > top - FAR * error
    at = np.linspace(top - FAR / 2 * error, top + FAR / 2 * error, GRID)
    away = (at[None, :] - scores[near, None]) / error
    below = log_ndtr(away)  # of each candidate, to lie below each place
    density = np.exp(-0.5 * away**2 + (below.sum(axis=0) - below)).sum(axis=1)
    found = np.zeros(len(scores))
    found[near] = density / density.sum()
    return found


def rungs(first: int, last: int) -> tuple[int, ...]:
    """Rows at each rung: doubled from the first, and the last as it is.

    >>> rungs(32, 200)
    (32, 64, 128, 200)
    """
    rows = [first]
    while 2 * rows[-1] < last:
        rows.append(2 * rows[-1])
    return (*rows, last) if rows[-1] < last else (last,)


def race(
    look: Look, who: Places, rows: Sequence[int], error: Callable[[int], float], least: float
) -> Iterator[Choice]:
    """What a race would answer at the end of each rung.

    Everyone left is run over the rows that are new. Who is the best with a probability below `least`, by the errors
    at that many rows, is dropped; the first never is.
    """
    passes, seen = 0, 0
    for n in rows:
        if len(who) > 1 or not seen:
            passes += len(who) * (n - seen)
            seen = n
            scores = look(who, n)
            best = int(who[scores.argmax()])
            who = who[(chances(scores, error(n)) >= least) | (who == best)]
        yield Choice(passes, best)


def halving(look: Look, who: Places, rows: Sequence[int]) -> Iterator[Choice]:
    """What successive halving would answer at the end of each rung: the better half goes on to the next rows."""
    passes, seen = 0, 0
    for n in rows:
        passes, seen = passes + len(who) * (n - seen), n
        who = who[np.argsort(-look(who, n), kind="stable")]
        yield Choice(passes, int(who[0]))
        who = who[: max(1, len(who) // 2)]


def best_of(look: Look, who: Places, rows: int) -> Choice:
    """The best of some candidates on all rows; one alone is taken unseen."""
    if len(who) == 1:
        return Choice(0, int(who[0]))
    return Choice(len(who) * rows, int(who[look(who, rows).argmax()]))
