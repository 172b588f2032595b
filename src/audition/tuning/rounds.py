"""Contenders against each other in rounds: each round longer than the last, and with a third of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from audition.errors import AuditionError, InputError
from audition.models.registry import open_model
from audition.ranking.standings import Row
from audition.tuning.contenders import Contenders
from audition.tuning.job import Done, Job, Prepared, finished, prepared
from audition.tuning.method import Means, Method
from audition.tuning.settings import Settings
from audition.tuning.study import Study

THIRD = 3
LEAST = 30  # steps that a run is worth making for


@dataclass(frozen=True)
class Run:
    """One contender in a round. score: on the held-out rows, None where it was not run; note: then why, or how."""

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


@dataclass(frozen=True, eq=False)
class Standing:
    """A contender that is still in it: how far it came, at which rate, and how long a step takes."""

    row: Row
    ready: Prepared
    score: float
    step_seconds: float

    @property
    def full(self) -> int:
        """How many steps tuning it to the end takes."""
        assert self.ready.settings.steps is not None
        return self.ready.settings.steps


@dataclass(frozen=True, eq=False)
class Runner:
    """What all runs share. deadline: by `time.perf_counter`, or None."""

    study: Study
    settings: Settings
    means: Means
    deadline: float | None = None
    progress: bool = False

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return float("inf") if self.deadline is None else self.deadline - time.perf_counter()

    def job(self, row: Row, method: Method | None = None) -> Job:
        """The job of tuning a row of the ranking."""
        model = open_model(row.model, trust=self.means.trust, device=self.means.device)
        return Job(
            self.study,
            model,
            None,
            "drop",
            method or Method(),
            self.settings,
            self.means,
            progress=self.progress,
        )


def rounds_of(runner: Runner, contenders: Contenders) -> tuple[list[Round], Standing]:
    """The rounds up to the last contender, which is still to be tuned to the end.

    Raises InputError where none of them can be tuned.
    """
    first, standing = _first_round(runner, contenders.chosen)
    rounds = [first]
    if not standing:
        raise InputError(f"None of the candidates can be tuned: {first.runs[0].note}")
    while len(standing) > 1:
        standing = sorted(standing, key=lambda each: -each.score)[: -(-len(standing) // THIRD)]
        if len(standing) == 1:
            break
        played, standing = _round(runner, standing)
        rounds.append(played)
    return rounds, standing[0]


def _first_round(runner: Runner, rows: Sequence[Row]) -> tuple[Round, list[Standing]]:
    """The short runs by which rates are chosen."""
    runs, standing = [], list[Standing]()
    for row in rows:
        slowest = max((each.full * each.step_seconds for each in standing), default=0.0)
        if standing and runner.left < 2 * slowest:
            runs.append(Run(row.model, 0, None, 0.0, "no time was left to try it"))
            continue
        began = time.perf_counter()
        try:
            found = _tried(runner, row)
        except AuditionError as error:
            runs.append(Run(row.model, 0, None, time.perf_counter() - began, str(error)))
            continue
        standing.append(found)
        seconds = time.perf_counter() - began
        rate = f"rate {found.ready.settings.rate:g}"
        runs.append(Run(row.model, LEAST, found.score, seconds, rate))
    return Round("short runs at four rates each", tuple(runs)), standing


def _tried(runner: Runner, row: Row) -> Standing:
    ready = prepared(runner.job(row))
    began = time.perf_counter()
    if ready.settings.rate is not None:
        done = finished(_shorter(ready, LEAST))
        score, made = done.fitted.held_out, LEAST
    else:
        rates = ready.rates()
        ready = replace(ready, settings=replace(ready.settings, rate=rates.rate))
        score = max(one.merit for one in rates.tried if not one.diverged)[0]
        made = rates.steps * len(rates.tried)
    return Standing(row, ready, score, (time.perf_counter() - began) / made)


def _round(runner: Runner, standing: Sequence[Standing]) -> tuple[Round, list[Standing]]:
    """A third of the way for each that is left."""
    runs, again = [], []
    for each in standing:
        steps = max(LEAST, each.full // THIRD)
        done = finished(_shorter(each.ready, steps))
        runs.append(Run(each.row.model, steps, done.fitted.held_out, done.seconds))
        again.append(replace(each, score=done.fitted.held_out))
    return Round("a third of the way", tuple(runs)), again


def to_the_end(runner: Runner, last: Standing, taught: Method | None) -> tuple[Round, Prepared, Done]:
    """The winner tuned to the end, plainly, and with teachers where there are some and time for it.

    The one that held-out rows prefer is kept, the plain one of equals.
    """
    plain = _shorter(last.ready, _affordable(runner, last, runs=1 + (taught is not None)))
    done = finished(plain)
    runs = [Run(last.row.model, plain.settings.steps or 0, done.fitted.held_out, done.seconds, "alone")]
    best = plain, done
    if taught is not None and runner.left > 0:
        ready = prepared(replace(plain.job, method=taught))
        ready = replace(ready, settings=plain.settings)
        other = finished(ready)
        runs.append(
            Run(
                last.row.model,
                plain.settings.steps or 0,
                other.fitted.held_out,
                other.seconds,
                "with teachers",
            )
        )
        if _merit(other) > _merit(done):
            best = ready, other
    return Round("to the end", tuple(runs)), *best


def _merit(done: Done) -> tuple[float, float]:
    best = done.fitted.curve.best
    return (float("-inf"), 0.0) if best is None else best.merit


def _affordable(runner: Runner, last: Standing, runs: int) -> int:
    """As many steps as time is left for."""
    if runner.deadline is None:
        return last.full
    return max(LEAST, min(last.full, int(runner.left / runs / max(last.step_seconds, 1e-9))))


def _shorter(ready: Prepared, steps: int) -> Prepared:
    """The same for fewer steps."""
    full = ready.settings.steps or steps
    return replace(ready, settings=replace(ready.settings, steps=min(steps, full)))
