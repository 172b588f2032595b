"""What a search is made of: runs, rounds, contenders that stand, and what all runs share."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
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

    merit: higher is better: the score, and among equals the loss. tried: the rates of its ladder that short runs were
    made at, and short: the run as those had it; none where the rate was given.
    """

    row: Row
    ready: Prepared
    merit: Merit
    step_seconds: float
    tried: tuple[Tried, ...] = ()
    short: Prepared | None = None
    ladder: tuple[float, ...] = ()

    @property
    def place(self) -> int | None:
        """Of its rate on its ladder."""
        return self.ladder.index(self.ready.settings.rate) if self.ladder else None

    @property
    def beside(self) -> list[float]:
        """The rates next to its own on the ladder that were not tried."""
        if self.place is None:
            return []
        known = {one.rate for one in self.tried}
        return [rate for rate in self.ladder[max(self.place - 1, 0) : self.place + 2] if rate not in known]

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

    known: what the user gave for a name in the ranking, such as a Model; others are opened by their name. place: where
    all runs are kept until the search is over; those that are there already are not made again.
    """

    study: Study
    settings: Settings
    means: Means
    deadline: float | None = None
    progress: bool = False
    known: Mapping[str, Any] = field(default_factory=dict)
    place: Path | None = None

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return float("inf") if self.deadline is None else self.deadline - time.perf_counter()

    def job(self, row: Row) -> Job:
        """The job of tuning a row of the ranking."""
        named = self.known.get(row.model, row.model)
        model = open_model(named, trust=self.means.trust, device=self.means.device)
        folder = None if self.place is None else self.place / _plain(f"{row.model} {row.layer}")
        return Job(
            self.study, model, settings=self.settings, means=self.means, folder=folder, resume=folder is not None,
            progress=self.progress,
        )  # fmt: skip


def apart(ready: Prepared) -> Prepared:
    """The same, kept in a folder by itself among the runs of its contender, if it is kept at all."""
    job, settings = ready.job, ready.settings
    if job.folder is None:
        return ready
    name = f"{settings.steps}-{settings.rate}-{job.method.name}"
    return replace(ready, job=replace(job, folder=job.folder / name))


def _plain(name: str) -> str:
    """A short name of a folder for any name."""
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


def merit_of(done: Done) -> Merit:
    """How good a run was on the held-out rows."""
    best = done.fitted.curve.best
    return (float("-inf"), 0.0) if best is None else best.merit


def shorter(ready: Prepared, steps: int) -> Prepared:
    """The same for fewer steps."""
    full = ready.settings.steps or steps
    return replace(ready, settings=replace(ready.settings, steps=min(steps, full)))
