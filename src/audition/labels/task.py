"""Which kind of task labels make, decided by their values, and what is doubtful about it.

Whole numbers are classes, as in scikit-learn's `type_of_target`, unless there are 20 different ones or more
and they look like measurements (years, ages, prices). Codes of classes, 0..C-1 or 1..C without a gap, never
do. Others do
- where more than half of the rows have a value of their own;
- where they fill most of their range and begin elsewhere than at 0 or 1, as years do;
- where 1 value in 20 or more occurs once, as the rare ones of ages and prices do; of those that fill their
  range from 0 or 1, only where that is half as many again as even draws from the range would leave.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from audition.arrays import Array
from audition.labels.value import ClassLabels

Decided = Literal["classification", "multilabel", "regression"]
FEW = 20  # rows: of fewer, each may well have a class of its own
MANY = 20  # different whole numbers: of fewer, each may well be the code of a class
RARE = 1 / 20
MORE_THAN_CHANCE = 1.5

_CLASSIFY = "--task classification (task='classification')"
_REGRESS = "--task regression (task='regression')"
_AS_CLASSES = f"; taken as classes. Say {_REGRESS} if they are measurements, {_CLASSIFY} to silence this."
_AS_TARGETS = f"; taken as measurements. Say {_CLASSIFY} if they are classes, {_REGRESS} to silence this."


def decide_task(labels: Array, *, is_batch: bool = False) -> tuple[Decided, str]:
    """The task that labels make by their values, and what is doubtful about it, or nothing.

    One column: fractions are targets, whole numbers what they look like, all else is classes. Two or more:
    0 and 1 alone say which labels a row has, other numbers are targets. is_batch: these are some of the
    labels, which say nothing of how often a value occurs: whole numbers are classes.
    """
    if labels.ndim == 2:
        return ("multilabel" if np.isin(labels, (0, 1)).all() else "regression"), ""
    if labels.dtype.kind == "f":
        return _of_floats(labels)
    if labels.dtype.kind in "iu":
        return _of_integers(labels, is_batch)
    return "classification", ""


def _of_floats(labels: Array) -> tuple[Decided, str]:
    if not np.isfinite(labels).all() or (labels != np.floor(labels)).any():
        return "regression", ""
    return "classification", f"whole-numbered floats with {len(np.unique(labels))} values{_AS_CLASSES}"


def _of_integers(labels: Array, is_batch: bool) -> tuple[Decided, str]:
    values, counts = np.unique(labels, return_counts=True)
    low, high = int(values[0]), int(values[-1])
    if len(values) < MANY or (low in (0, 1) and high - low < len(values)):
        return "classification", ""
    found = f"{len(values)} distinct integers from {low} to {high}"
    if not is_batch and _are_measurements(low, high, counts):
        return "regression", f"{found} in {len(labels)} rows{_AS_TARGETS}"
    return "classification", f"{found}{_AS_CLASSES}"


def _are_measurements(low: int, high: int, counts: Array) -> bool:
    """What the head of this file says of whole numbers that are no codes without a gap."""
    different, rows, span = len(counts), int(counts.sum()), high - low + 1
    fills_range = different > span / 2
    if different > rows / 2 or (fills_range and low not in (0, 1)):
        return True
    once = int((counts == 1).sum())
    by_chance = rows * (1 - 1 / span) ** (rows - 1) if fills_range else 0.0
    return once >= RARE * different and once > MORE_THAN_CHANCE * by_chance


def hardly_classes(labels: ClassLabels) -> str:
    """What makes classes look like measurements or names of rows: most rows have one of their own."""
    many = len(labels) >= FEW and len(labels.classes) > len(labels) / 2
    advice = "taken as classes, though they look like names of the rows, or measurements."
    return f"{len(labels.classes)} different values for {len(labels)} rows; {advice}" if many else ""
