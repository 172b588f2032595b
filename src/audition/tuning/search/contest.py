"""What a search is made of: runs, rounds, contenders that stand, and what all runs share."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from audition.models.registry import open_model
from audition.ranking.standings import Row
from audition.tuning.job import Done, Job, Prepared
from audition.tuning.rows.study import Study
from audition.tuning.runs.rate import Tried
from audition.tuning.runs.settings import Settings
from audition.tuning.teachers.method import Means

NO_TIME = "no time was left to try it"

Merit = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """One contender in a round. score: on the held-out rows, None where it was not run; note: then why, or how.

    steps: of the run that gave the score.
    """

    model: str
    steps: int
    score: float | None
    seconds: float
    note: str = ""


@dataclass(frozen=True)
class Round:
    """What was run. called: what the round is for."""

    called: str
    runs: tuple[Run, ...]

    @property
    def untried(self) -> tuple[str, ...]:
        """The models for which no time was left."""
        return tuple(run.model for run in self.runs if run.note == NO_TIME)


@dataclass(frozen=True, eq=False)
class Standing:
    """A contender: how far it came, at which rate, and how long a step takes.

    merit: higher is better: the score, and among equals the loss. tried: the rates that short runs were made at, and
    short: the run as those had it; none where the rate was given.
    """

    row: Row
    ready: Prepared
    merit: Merit
    step_seconds: float
    tried: tuple[Tried, ...] = ()
    short: Prepared | None = None

    @property
    def full(self) -> int:
        """How many steps tuning it to the end takes."""
        assert self.ready.settings.steps is not None
        return self.ready.settings.steps

    def seconds(self, steps: int) -> float:
        """How long so many steps take."""
        return steps * self.step_seconds


@dataclass(frozen=True, eq=False)
class Runner:
    """What all runs share. deadline: by `time.perf_counter`, or None.

    known: what the user gave for a name in the ranking, such as a Model; others are opened by their name.
    """

    study: Study
    settings: Settings
    means: Means
    deadline: float | None = None
    progress: bool = False
    known: Mapping[str, Any] = field(default_factory=dict)

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return float("inf") if self.deadline is None else self.deadline - time.perf_counter()

    def job(self, row: Row) -> Job:
        """The job of tuning a row of the ranking."""
        named = self.known.get(row.model, row.model)
        model = open_model(named, trust=self.means.trust, device=self.means.device)
        return Job(self.study, model, settings=self.settings, means=self.means, progress=self.progress)


def merit_of(done: Done) -> Merit:
    """How good a run was on the held-out rows."""
    best = done.fitted.curve.best
    return (float("-inf"), 0.0) if best is None else best.merit


def shorter(ready: Prepared, steps: int) -> Prepared:
    """The same for fewer steps."""
    full = ready.settings.steps or steps
    return replace(ready, settings=replace(ready.settings, steps=min(steps, full)))
