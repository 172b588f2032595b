"""What is added to the loss: nothing, what teachers say, or how far the weights have moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from audition.arrays import Matrix
from audition.data.base import Dataset
from audition.errors import InputError, UnknownNameError
from audition.extraction import SILENT, CacheLike, Watch
from audition.metrics.checks import check_positive
from audition.models.base import Model
from audition.models.trust import Trust
from audition.tuning.rows.study import Study
from audition.tuning.teachers.pooled import Pooled, pooled_teachers
from audition.tuning.teachers.posteriors import fit_posterior, rows_of_labels
from audition.tuning.teachers.sitting import Sitting, Teacher, of_rows, teachers_of

if TYPE_CHECKING:
    from audition.tuning.networks.network import Network
    from audition.tuning.teachers.penalties import Penalty

MethodName = Literal["plain", "b-tuning", "l2-sp", "distillation"]
TRADEOFFS = {"b-tuning": 100.0, "distillation": 1.0}
"""Of the methods that have teachers, where none is given."""
CALLED = {
    "plain": "fine-tuning",
    "b-tuning": "B-Tuning",
    "l2-sp": "fine-tuning near the weights it began with (L2-SP)",
    "distillation": "fine-tuning with knowledge distillation",
}


@dataclass(frozen=True, eq=False)
class Method:
    """How the loss is added to. teachers: of those that have some; tradeoff, temperature: see the penalties.

    tradeoff: None for what suits the method.
    """

    name: MethodName = "plain"
    teachers: Sequence[Any] = ()
    tradeoff: float | None = None
    temperature: float = 0.1

    @property
    def weight(self) -> float:
        """The tradeoff that is given, or that of the method; 0 without teachers."""
        return TRADEOFFS.get(self.name, 0.0) if self.tradeoff is None else self.tradeoff

    @property
    def called(self) -> str:
        """In words."""
        return CALLED[self.name]


@dataclass(frozen=True, eq=False)
class Means:
    """What teachers are run with. opened: those that are open already; they are closed once all is said."""

    cache: CacheLike = None
    device: str = "auto"
    trust: Trust = ()
    watch: Watch = field(default=SILENT)
    opened: dict[Teacher, Model] = field(default_factory=dict)


def method_of(
    name: str | None,
    teachers: Sequence[Any],
    tradeoff: float | None = None,
    temperature: float = 0.1,
    *,
    head_only: bool = False,
) -> Method:
    """The method that is meant: B-Tuning where there are teachers, else plain.

    Raises UnknownNameError; InputError for a method whose teachers are missing, or that has none, for a tradeoff or a
    temperature that cannot be, and for B-Tuning of a head alone.
    """
    chosen = name or ("b-tuning" if teachers else "plain")
    if chosen not in get_args(MethodName):
        raise UnknownNameError("method", chosen, get_args(MethodName))
    if chosen in TRADEOFFS and not teachers:
        raise InputError(f"{CALLED[chosen]} needs teachers: name some, or give a ranking and how many.")
    if chosen not in TRADEOFFS and teachers:
        raise InputError(f"{CALLED[chosen]} has no teachers: leave them out, or choose another method.")
    if chosen == "b-tuning" and head_only:
        raise InputError(
            "B-Tuning teaches the body, which head_only leaves as it is: leave head_only out (--head-only), or choose "
            "distillation."
        )
    _check_tradeoff(chosen, tradeoff)
    check_positive(temperature, "temperature", "tune")
    return Method(chosen, tuple(teachers), tradeoff, temperature)  # type: ignore[arg-type]


def _check_tradeoff(name: str, tradeoff: Any) -> None:
    if tradeoff is None:
        return
    if name not in TRADEOFFS:
        raise InputError(f"A tradeoff weighs what teachers say, and {CALLED[name]} has none: leave it out.")
    if (
        isinstance(tradeoff, bool)
        or not isinstance(tradeoff, Real)
        or not 0 <= float(tradeoff) < float("inf")
    ):
        raise InputError(
            f"The 'tradeoff' parameter of tune must be 0 or a positive number. Got {tradeoff!r} instead."
        )


def looked_at(method: Method, data: Dataset, means: Means) -> None:
    """Raises InputError or ModelError for teachers that cannot teach of such data; no item is decoded."""
    if method.teachers:
        _sitting(means).check(teachers_of(method.teachers, data), data)


def _sitting(means: Means) -> Sitting:
    return Sitting(means.cache, means.device, means.trust, None, means.watch, means.opened)


def listened(method: Method, study: Study, means: Means) -> Pooled | None:
    """What the teachers of a method say of every view of the data; None without teachers."""
    if not method.teachers:
        return None
    pooled = pooled_teachers(
        [_of_study(teacher, study) for teacher in method.teachers],
        study.seen,
        study.labels,
        study.parts.train,
        temperature=method.temperature,
        cache=means.cache,
        device=means.device,
        trust=means.trust,
        watch=means.watch,
        opened=means.opened,
    )
    means.opened.clear()
    return pooled


def _of_study(teacher: Any, study: Study) -> Any:
    """A teacher without what it brings of items that were skipped."""
    if study.kept is None or not isinstance(teacher, Teacher):
        return teacher
    return of_rows(teacher, study.kept, len(study.kept) + len(study.skipped))


def penalty_of(
    method: Method, study: Study, network: Network, features: Matrix, pooled: Pooled | None
) -> Penalty | None:
    """The penalty of a network that is as it was before it is tuned.

    features: of the training rows [n, D], whole. pooled: what `listened` gave.
    """
    from audition.tuning.teachers.penalties import L2SP, BTuning, Distillation

    device = network.body.model.device
    if method.name == "l2-sp":
        return L2SP.of(network)
    if pooled is None:
        return None
    if method.name == "distillation":
        return Distillation.of(pooled, study.answers.task, tradeoff=method.weight, device=device)
    body = network.body
    known, rows = rows_of_labels(study.labels, study.parts.train), np.arange(len(study.parts.train))
    student = fit_posterior(features, known, rows, name=body.name, layer=body.layer)
    return BTuning.of(student, pooled, tradeoff=method.weight, device=device)
