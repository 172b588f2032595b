"""What is added to the loss: nothing, what teachers say, or how far the weights have moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from audition.arrays import Matrix
from audition.errors import InputError, UnknownNameError
from audition.extraction import SILENT, CacheLike, Watch
from audition.models.trust import Trust
from audition.tuning.network import Network
from audition.tuning.penalties import L2SP, BTuning, Distillation, Penalty
from audition.tuning.posteriors import fit_posterior, rows_of_labels
from audition.tuning.study import Study
from audition.tuning.teachers import Pooled, pooled_teachers

MethodName = Literal["plain", "b-tuning", "l2-sp", "distillation"]
TAUGHT = ("b-tuning", "distillation")
CALLED = {
    "plain": "fine-tuning",
    "b-tuning": "B-Tuning",
    "l2-sp": "fine-tuning near the weights it began with (L2-SP)",
    "distillation": "fine-tuning with knowledge distillation",
}


@dataclass(frozen=True, eq=False)
class Method:
    """How the loss is added to. teachers: of those that have some; tradeoff, temperature: see the penalties."""

    name: MethodName = "plain"
    teachers: Sequence[Any] = ()
    tradeoff: float = 100.0
    temperature: float = 0.1

    @property
    def called(self) -> str:
        """In words."""
        return CALLED[self.name]


@dataclass(frozen=True, eq=False)
class Means:
    """What teachers are run with."""

    cache: CacheLike = None
    device: str = "auto"
    trust: Trust = ()
    watch: Watch = field(default=SILENT)


def method_of(
    name: str | None, teachers: Sequence[Any], tradeoff: float, temperature: float
) -> Method:  # fmt: skip
    """The method that is meant: B-Tuning where there are teachers, else plain.

    Raises UnknownNameError, and InputError for a method whose teachers are missing, or that has none.
    """
    chosen = name or ("b-tuning" if teachers else "plain")
    if chosen not in get_args(MethodName):
        raise UnknownNameError("method", chosen, get_args(MethodName))
    if chosen in TAUGHT and not teachers:
        raise InputError(f"{CALLED[chosen]} needs teachers: name some, or give a ranking and how many.")
    if chosen not in TAUGHT and teachers:
        raise InputError(f"{CALLED[chosen]} has no teachers: leave them out, or choose another method.")
    return Method(chosen, tuple(teachers), tradeoff, temperature)  # type: ignore[arg-type]


def listened(method: Method, study: Study, means: Means) -> Pooled | None:
    """What the teachers of a method say of every view of the data; None without teachers."""
    if not method.teachers:
        return None
    return pooled_teachers(
        method.teachers,
        study.seen,
        study.labels,
        study.parts.train,
        temperature=method.temperature,
        cache=means.cache,
        device=means.device,
        trust=means.trust,
        watch=means.watch,
    )


def penalty_of(
    method: Method, study: Study, network: Network, features: Matrix, pooled: Pooled | None
) -> Penalty | None:
    """The penalty of a network that is as it was before it is tuned.

    features: of the training rows [n, D], whole. pooled: what `listened` gave.
    """
    device = network.body.model.device
    if method.name == "l2-sp":
        return L2SP.of(network)
    if pooled is None:
        return None
    if method.name == "distillation":
        return Distillation.of(pooled, study.answers.task, device=device)
    body = network.body
    known, rows = rows_of_labels(study.labels, study.parts.train), np.arange(len(study.parts.train))
    student = fit_posterior(features, known, rows, name=body.name, layer=body.layer)
    return BTuning.of(student, pooled, tradeoff=method.tradeoff, device=device)
