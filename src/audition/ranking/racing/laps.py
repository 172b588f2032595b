"""What a race looks at, lap after lap: each beginning of the data holds its share of every class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audition.data.base import Dataset
from audition.data.subset import Subset, in_shares
from audition.extraction import Decoded

Places = NDArray[np.intp]

PART = 16  # the first two laps together are this part of the items,
FEWEST = 48  # and no fewer than so many,
A_CLASS = 2  # nor than so many for each class;
WORTH = 5  # where that is more than a fifth of them, there is nothing to be won by a race


@dataclass(frozen=True, eq=False)
class Lap:
    """Items that are looked at after those of the laps before.

    data: these items alone. rows: the places of their rows among those of the whole data set (an item is a row; a
    sentence is as many as it has words). ending: the rows of this lap and all before it, in the order they came in.
    """

    data: Dataset
    rows: Places
    ending: Places


def laps_of(data: Dataset, whole: Decoded) -> tuple[Lap, ...]:
    """Two laps of a sixteenth of the items, or more where classes are many; then always as many again as before.

    One lap where items are few.
    whole: the labels of all items of the data, of which none is unreadable.
    """
    order = np.array(in_shares(data), dtype=np.intp)
    starts = np.concatenate(([0], np.cumsum(whole.counts or (1,) * len(order))))
    classes = len(set(whole.labels)) if whole.task == "classification" else 0
    laps: list[Lap] = []
    before = np.empty(0, dtype=np.intp)
    for items in _with_classes(np.split(order, _bounds(len(order), classes)), whole, starts):
        chosen = np.sort(items)
        rows = _rows(chosen, starts)
        before = np.concatenate((before, rows))
        laps.append(Lap(Subset(data, frozenset(chosen.tolist())), rows, before))
    return tuple(laps)


def lap_of_all(data: Dataset, whole: Decoded) -> Lap:
    """All items at once."""
    rows = np.arange(len(whole.labels))
    return Lap(data, rows, rows)


def _bounds(items: int, classes: int) -> list[int]:
    """Where one lap ends and the next begins; the last is no shorter than half of what came before."""
    bound = max(-(-items // PART), FEWEST, A_CLASS * classes)
    bounds = [-(-bound // 2)]
    while 1.5 * bound <= items:
        bounds.append(bound)
        bound *= 2
    return bounds if bounds[1:] and WORTH * bounds[1] <= items else []


def _with_classes(parts: list[Places], whole: Decoded, starts: Places) -> list[Places]:
    """The parts, one that would hold a single class joined to the one before: no data set has one class alone."""
    if whole.task != "classification":
        return parts
    kept: list[Places] = []
    for part in parts:
        if kept and len({whole.labels[row] for row in _rows(part, starts)}) < 2:
            kept[-1] = np.concatenate((kept[-1], part))
        else:
            kept.append(part)
    return kept


def _rows(items: Places, starts: Places) -> Places:
    """The rows of some items."""
    if len(items) == 0:
        return items
    return np.concatenate([np.arange(starts[item], starts[item + 1]) for item in items])
