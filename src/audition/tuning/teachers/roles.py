"""Who is tuned and who teaches, as a ranking has it."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audition.errors import InputError, printable
from audition.models.base import Model
from audition.ranking import Ranking
from audition.ranking.standings import Row
from audition.tuning.teachers.method import Method, method_of
from audition.tuning.teachers.sitting import things_of

if TYPE_CHECKING:
    from audition.tuning.networks.body import Beyond

Teachers = Any
"""How many of a ranking; or names, Models, modules, features or pairs with a layer, one or a list of them."""


@dataclass(frozen=True, eq=False)
class Roles:
    """Who is tuned, up to which layer and what comes beyond it, by which method; and the ranking this is from."""

    student: str | Model
    layer: str | None
    beyond: Beyond
    method: Method
    ranking: Ranking | None


def roles_of(
    model: str | Model | None,
    ranking: Ranking | str | Path | None,
    *,
    layer: str | None,
    beyond: Beyond,
    teachers: Teachers,
    method: str | None,
    tradeoff: float | None,
    temperature: float,
    head_only: bool,
) -> Roles:
    """The roles that `tune` is asked for; raises as `student_of`, `teachers_of_ranking` and `method_of` do."""
    standing = Ranking.load(ranking) if isinstance(ranking, (str, Path)) else ranking
    student, chosen = student_of(model, layer, standing)
    taught = teachers_of_ranking(teachers, student, standing)
    how = method_of(method, taught, tradeoff, temperature, head_only=head_only)
    return Roles(student, chosen, beyond, how, standing)


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


def teachers_of_ranking(teachers: Teachers, student: Any, ranking: Ranking | None) -> tuple[Any, ...]:
    """The teachers that are named, or so many of a ranking, the best first, without the student.

    Raises InputError for a number without a ranking, for more than it has, and for what can be no teachers.
    """
    if isinstance(teachers, bool) or (isinstance(teachers, Integral) and int(teachers) < 0):
        raise InputError(f"The 'teachers' parameter must be names, or 0 and more. Got {teachers!r} instead.")
    if not isinstance(teachers, Integral):
        return things_of(teachers)
    number = int(teachers)
    if not number:
        return ()
    if ranking is None:
        raise InputError(f"{number} teachers of which ranking? Give one, or name the teachers.")
    name = student if isinstance(student, str) else getattr(student, "name", type(student).__name__)
    others = [row for row in best_rows(ranking) if row.model != printable(name)]
    if len(others) < number:
        raise InputError(f"The ranking has {len(others)} models beside {name}, not {number} to teach it.")
    return tuple((row.model, row.layer) if ranking.layered else row.model for row in others[:number])


def best_rows(ranking: Ranking) -> list[Row]:
    """The best row of each model, the best model first."""
    best: dict[str, Row] = {}
    for row in ranking.placed:
        best.setdefault(row.model, row)
    return list(best.values())
