"""The rate that suits a network and its data: short runs over a ladder of rates, judged by held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Any

from torch import nn

from audition.errors import InputError, ModelError
from audition.tuning.rows.examples import Examples
from audition.tuning.runs.faults import DivergedError
from audition.tuning.runs.loop import SILENT, fit
from audition.tuning.runs.objective import Objective
from audition.tuning.runs.progress import TuningWatch
from audition.tuning.runs.schedule import LOOKS
from audition.tuning.runs.settings import Settings
from audition.tuning.teachers.penalties import Penalty

SHARE, LEAST, MOST = 1 / 6, 20, 300  # of the steps, and steps, that a rate is tried for
SGD, ADAMW = (0.003, 0.01, 0.03, 0.1), (3e-5, 1e-4, 3e-4, 1e-3)
TABLES = (1e-3, 3e-3, 1e-2, 3e-2)  # of AdamW where the body is a table of vectors and nothing else


@dataclass(frozen=True)
class Tried:
    """What a short run at a rate gave: the best score and its loss on held-out rows; nan where it diverged."""

    rate: float
    held_out: float
    held_out_loss: float

    @property
    def diverged(self) -> bool:
        """Whether the loss was no number, so that the rate cannot be used."""
        return isnan(self.held_out_loss)

    @property
    def merit(self) -> tuple[float, float]:
        """Higher is better: by the score, and among equals by the loss."""
        return (-float("inf") if isnan(self.held_out) else self.held_out, -self.held_out_loss)


@dataclass(frozen=True)
class RateChoice:
    """The rate that did best. tried: every rate of the ladder, rising. steps: that each was tried for."""

    rate: float
    tried: tuple[Tried, ...]
    steps: int
    score_name: str

    def __str__(self) -> str:
        return "\n".join(f"rate {one.rate:g}: {self._said(one)}" for one in self.tried)

    def _said(self, one: Tried) -> str:
        if one.diverged:
            return "diverged"
        chosen = ", chosen" if one.rate == self.rate else ""
        return f"{self.score_name} {one.held_out:.3f}, loss {one.held_out_loss:.3f}{chosen}"


def choose_rate(
    make_network: Callable[[], Any], examples: Examples, objective: Objective, settings: Settings, *,
    penalty: Penalty | None = None, ladder: Sequence[float] | None = None,
    watch_of: Callable[[float], TuningWatch] = lambda rate: SILENT,
    kept: Sequence[Tried] = (), keep: Callable[[Tried], None] = lambda one: None, looks: int = LOOKS,
) -> RateChoice:  # fmt: skip
    """The rate of a ladder that does best on the held-out rows in runs of a sixth of the steps, 20 to 300.

    make_network: gives a fresh one each time. settings: from `completed`; a rate in them is not looked at.
    ladder: by default four rates that suit the optimiser. watch_of: what is told of the run at a rate.
    kept: what an earlier search gave for some of the rates, which are not tried again; keep: is told of the others.
    looks: at the held-out rows in a run, at least.
    Always the same choice for one seed; of equal ones the lowest.

    Raises InputError where there are no held-out rows to judge by, ModelError where every rate diverges.
    """
    if not len(examples.parts.held_out):
        raise InputError("A rate is chosen by held-out rows, and there are none: give the rate (--lr).")
    assert settings.steps is not None
    steps = min(settings.steps, MOST, max(LEAST, round(SHARE * settings.steps)))
    short = replace(settings, steps=steps, patience=None)
    network, known = make_network(), {one.rate: one for one in kept}
    tried = []
    for rate in sorted(ladder or ladder_of(network, settings)):
        if rate not in known:
            at_rate = replace(short, rate=rate)
            known[rate] = _tried(
                network or make_network(), examples, objective, at_rate, penalty, watch_of(rate), looks
            )
            keep(known[rate])
            network = None
        tried.append(known[rate])
    able = [one for one in tried if not one.diverged]
    if not able:
        lowest = tried[0].rate
        raise ModelError(
            f"Every rate from {lowest:g} on diverged: give a lower one (--lr), or tune the head alone."
        )
    best = max(able, key=lambda one: one.merit)
    return RateChoice(best.rate, tuple(tried), steps, objective.score_name)


def _tried(
    network: Any, examples: Examples, objective: Objective, settings: Settings, penalty: Penalty | None,
    watch: TuningWatch, looks: int,
) -> Tried:  # fmt: skip
    """A short run at the rate of the settings; one that ends in no number has diverged, however it began."""
    assert settings.rate is not None
    try:
        fitted = fit(network, examples, objective, settings, penalty=penalty, watch=watch, looks=looks)
    except DivergedError:
        return Tried(settings.rate, nan, nan)
    best = fitted.curve.best
    if fitted.diverged or best is None:
        return Tried(settings.rate, nan, nan)
    return Tried(settings.rate, best.held_out_score, best.held_out_loss)


def ladder_of(network: Any, settings: Settings) -> tuple[float, ...]:
    """Four rates of the body that suit the optimiser and the network; the head's are `head_factor` times them."""
    if settings.optimiser == "sgd":
        return SGD
    return TABLES if _is_a_table(network.body) else ADAMW


def _is_a_table(body: nn.Module) -> bool:
    """Whether all weights are vectors that are looked up."""
    tables = (nn.Embedding, nn.EmbeddingBag)
    looked_up = {id(part.weight) for part in body.modules() if isinstance(part, tables)}
    weights = [weight for weight in body.parameters() if weight.requires_grad]
    return bool(weights) and all(id(weight) in looked_up for weight in weights)
