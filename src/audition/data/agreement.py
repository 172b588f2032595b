"""Whether two lists of labels are those of the same rows, whatever the classes are called in each."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence

from audition.data.base import Task

TOLERANCE = 1e-6  # of targets that went through float32


def first_difference(ones: Sequence[Hashable], others: Sequence[Hashable], task: Task) -> int | None:
    """The first row whose labels cannot be the same; None where all can.

    Classes may go by other names, such as codes, if each has one name throughout. Targets may differ by
    rounding. Of several labels a row, names count where both use the same, else how many there are.

    >>> first_difference(["ant", "bee", "ant"], [0, 1, 0], "classification")
    >>> first_difference(["ant", "bee", "ant"], [0, 1, 1], "classification")
    2
    """
    checks = {"classification": _renamed, "multilabel": _same_sets, "regression": _near}
    same = checks[task](ones, others)
    return next((row for row, right in enumerate(same) if not right), None)


def _renamed(ones: Sequence[Hashable], others: Sequence[Hashable]) -> Iterator[bool]:
    there: dict[Hashable, Hashable] = {}
    back: dict[Hashable, Hashable] = {}
    for one, other in zip(ones, others, strict=True):
        yield there.setdefault(one, other) == other and back.setdefault(other, one) == one


def _same_sets(ones: Sequence[Hashable], others: Sequence[Hashable]) -> Iterator[bool]:
    first, second = [_names(label) for label in ones], [_names(label) for label in others]
    named = set().union(*first) == set().union(*second)
    for one, other in zip(first, second, strict=True):
        yield one == other if named else len(one) == len(other)


def _names(label: Hashable) -> set[str]:
    return {str(name) for name in label} if isinstance(label, frozenset) else {str(label)}


def _near(ones: Sequence[Hashable], others: Sequence[Hashable]) -> Iterator[bool]:
    for one, other in zip(ones, others, strict=True):
        first, second = _numbers(one), _numbers(other)
        yield len(first) == len(second) and all(
            math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
            for a, b in zip(first, second, strict=True)
        )


def _numbers(label: Hashable) -> tuple[float, ...]:
    values = label if isinstance(label, tuple) else (label,)
    return tuple(float(value) for value in values)
