"""Who is tuned and who teaches, as a ranking has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from audition.errors import InputError
from audition.models.base import Model
from audition.ranking import Ranking
from audition.ranking.standings import Row

Teachers = int | Sequence[Any]


def student_of(
    model: str | Model | None, layer: str | None, ranking: Ranking | None
) -> tuple[str | Model, str | None]:
    """The model and the layer to tune: those that are named, or the first of a ranking.

    Raises InputError where neither is given.
    """
    if model is not None:
        return model, layer
    if ranking is None:
        raise InputError("Say what to tune: name a model, or give a ranking, whose first it will be.")
    best = ranking.best
    return best.model, layer or (best.layer if ranking.layered else None)


def teachers_of_ranking(teachers: Teachers, student: str | Model, ranking: Ranking | None) -> tuple[Any, ...]:
    """The teachers that are named, or so many of a ranking, the best first, without the student.

    Raises InputError for a number without a ranking, and for more than it has.
    """
    if not isinstance(teachers, int):
        return (teachers,) if isinstance(teachers, str) else tuple(teachers)
    if isinstance(teachers, bool) or teachers < 0:
        raise InputError(f"The 'teachers' parameter must be names, or 0 and more. Got {teachers!r} instead.")
    if not teachers:
        return ()
    if ranking is None:
        raise InputError(f"{teachers} teachers of which ranking? Give one, or name the teachers.")
    name = student if isinstance(student, str) else student.name
    others = _best_rows(ranking, name)
    if len(others) < teachers:
        raise InputError(f"The ranking has {len(others)} models beside {name}, not {teachers} to teach it.")
    return tuple((row.model, row.layer) if ranking.layered else row.model for row in others[:teachers])


def _best_rows(ranking: Ranking, student: str) -> list[Row]:
    """The best row of each model but the student."""
    best: dict[str, Row] = {}
    for row in ranking.placed:
        if row.model != student:
            best.setdefault(row.model, row)
    return list(best.values())
