"""A race: all candidates on a part of the rows, then more rows for those that may still come first."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace

from audition.data.subset import without
from audition.errors import AuditionError, InputError, UnknownNameError
from audition.extraction import Decoded, Stored, Watch, decoding, watching
from audition.extraction.watch import Timed, TimeUp
from audition.heap import kept_memory
from audition.ranking.candidates import HELD, Candidate, closed_beyond, fitted, open_candidate
from audition.ranking.costs import affordable
from audition.ranking.elsewhere import Elsewhere, UnreadableError, running, undecoded
from audition.ranking.plan import Plan
from audition.ranking.racing.carried import Key
from audition.ranking.racing.chances import by_model
from audition.ranking.racing.field import Entrant, Field
from audition.ranking.racing.laps import Lap, lap_of_all, laps_of
from audition.ranking.racing.value import Dropped, Race, RaceLap
from audition.ranking.ranked import ranking_of
from audition.ranking.rows import Asked, Target, features_of, part_of
from audition.ranking.value import Ranking

_log = logging.getLogger("audition")

FROM = 20  # candidates: so many are raced unless the user says otherwise


def check_race(asked: bool | None, resamples: int) -> None:
    """Raises InputError, before any model is opened, for a race that nothing could be dropped by."""
    if asked and resamples == 0:
        raise InputError(
            "A race drops candidates by the resamples of the rows: leave resamples=0 out (--resamples)."
        )


def is_race(asked: bool | None, plan: Plan, seconds: float | None) -> bool:
    """Whether a ranking is to be a race: as the user says, else for a time or from 20 networks to be run."""
    if asked is not None:
        return asked
    to_run = [candidate for candidate in plan.candidates if candidate.wants is not None]
    return (len(to_run) >= FROM or seconds is not None) and bool(plan.asked.resamples)


def laps_for(plan: Plan, whole: Decoded) -> tuple[Lap, ...]:
    """What a race of the plan's candidates looks at; all rows at once where there is nobody to be told from.

    whole: the labels of all items of the plan's data.
    """
    alone = sum(candidate.error is None for candidate in plan.candidates) < 2
    return (lap_of_all(plan.data, whole),) if alone else laps_of(plan.data, whole)


@dataclass(frozen=True, eq=False)
class Course:
    """Where a race is run, and for how long.

    executor: who runs the networks, None for this process. until: when to end, on the clock of time.monotonic.
    all_rows: in one lap, so that nobody is dropped.
    """

    executor: Executor | None
    progress: bool
    until: float
    all_rows: bool = False


@kept_memory()
def raced(plan: Plan, course: Course, *, skip_bad: bool) -> Ranking:
    """The ranking that a plan leads to, as far as it is needed to tell who comes first, and as time allows."""
    try:
        whole = undecoded(plan.data, skip_bad, course.executor)
        data = without(plan.data, whole.skipped)
        asked, kept = replace(plan.asked, rows=True), plan.readable(whole.skipped)
        held = 0 if plan.options.elsewhere else HELD
        candidates = closed_beyond((_with_rows(one, kept, asked) for one in kept.candidates), held)
        plan = replace(kept, data=data, asked=asked, candidates=candidates)
        laps = (lap_of_all(data, whole),) if course.all_rows else laps_for(plan, whole)
        return _Race(plan, laps, whole, course).run()
    except UnreadableError as error:
        raise InputError(str(error)) from None


def _with_rows(candidate: Candidate, plan: Plan, asked: Asked) -> Candidate:
    """The candidate, where its statistics are kept with its features; opened where those are gone."""
    kept = candidate.kept
    if not isinstance(kept, Stored) or not kept.statistics:
        return candidate
    try:
        for layer in kept.layers:
            kept.entry.matrix(layer)
        return replace(candidate, kept=replace(kept, statistics={}))
    except InputError:
        return _opened(candidate.name, plan, asked)


def _opened(name: str, plan: Plan, asked: Asked) -> Candidate:
    """The candidate of a name, or the reason why there is none; a model of the user's own has a name alone here."""
    options = plan.options
    try:
        opened = open_candidate(name, asked.layers, opening=options.opening, until=options.until)
    except UnknownNameError as error:
        why = "its features are gone from the cache, and a race needs them: leave it out, or rank without a race."
        return Candidate(name, None, why, failure=error)
    return affordable(fitted(opened, plan.data, asked.layers), options.limits)


class _Race:
    """The laps that were run so far, and who was left behind after each."""

    def __init__(self, plan: Plan, laps: Sequence[Lap], whole: Decoded, course: Course) -> None:
        self._plan, self._laps, self._whole, self._course = plan, laps, whole, course
        self._field = Field(plan, laps, whole)
        self._record: list[RaceLap] = []
        self._decoding, self._rows_run = 0.0, 0

    def run(self) -> Ranking:
        """Lap after lap until one is left, there are no more rows, or no more time."""
        chances: dict[Key, float] | None = None
        number, in_time = 0, True
        while number < len(self._laps) and in_time and not self._field.is_decided(number, chances):
            running = self._field.may_win(chances)
            if not running:
                break
            number += 1
            in_time = self._lap(number, running)
            chances = self._field.chances(number) if in_time else None
            self._leave_behind(number, running, chances)
        rows = self._field.rows(number)
        race = Race(tuple(self._record), len(self._field.able), self._passes(), not in_time)
        return ranking_of(self._plan, rows, self._whole, self._decoding, race)

    def _passes(self) -> float:
        """The share of all forward passes that were made."""
        return self._rows_run / max(len(self._whole.labels) * len(self._field.able), 1)

    def _lap(self, number: int, running: Sequence[str]) -> bool:
        """Everyone who may win runs as far as this lap, and is scored there; False where the time was up."""
        in_time = True
        try:
            for part in range(number):
                if behind := self._field.behind(running, part):
                    self._run(part, behind)
        except TimeUp:
            in_time = False
        for name in running:
            self._field.score(name)
        return in_time

    def _run(self, part: int, entrants: Sequence[Entrant]) -> None:
        """Some candidates over the items of one lap; raises TimeUp."""
        lap = self._laps[part]
        plan = self._plan.on(lap.data, [entrant.candidate for entrant in entrants])
        watch = Timed(watching(self._course.progress, len(entrants)), self._course.until)
        try:
            with self._decoded(plan, watch) as decoded:
                target = part_of(self._field.data, decoded, lap.rows)
                with running(plan, target, self._course.executor) as runner:
                    for candidate in plan.candidates:
                        self._run_one(candidate, lap, target, watch, runner)
                self._decoding += decoded.seconds + (runner.decoding_seconds if runner else 0.0)
        finally:
            watch.close()

    def _run_one(
        self, candidate: Candidate, lap: Lap, target: Target, watch: Watch, runner: Elsewhere | None
    ) -> None:
        try:
            if self._field.is_kept(candidate.name):
                part = self._field.kept(candidate.name, lap)
            else:
                part = features_of(candidate, target, self._plan.asked, watch, runner)
        except AuditionError as error:
            self._field.fails(candidate.name, str(error))
            watch.ends(f"{candidate.name}: failed: {error}")
            return
        self._field.ran(candidate.name, part)  # a full disk stops the race: it is no candidate's own
        self._rows_run += len(lap.rows)
        watch.ends("")

    def _decoded(self, plan: Plan, watch: Watch) -> AbstractContextManager[Decoded]:
        if self._course.executor is not None:
            return nullcontext(undecoded(plan.data, False, self._course.executor))
        ahead = plan.computes_elsewhere and self._course.until == math.inf  # a clock stops this thread alone
        return decoding(plan.data, plan.wants, ahead=ahead, watch=watch)

    def _leave_behind(self, number: int, running: Sequence[str], chances: dict[Key, float] | None) -> None:
        """Notes who runs no further, and with which chance."""
        dropped: list[Dropped] = []
        if chances is not None and number < len(self._laps):
            known, on = by_model(chances), set(self._field.may_win(chances))
            waiting = [name for name in running if name in known and name not in on]
            dropped = [Dropped(name, known[name]) for name in sorted(waiting, key=known.__getitem__)]
            for name in waiting:
                self._field.forget(name)
        ran = sum(self._field.entrants[name].laps == number for name in running)
        self._record.append(RaceLap(self._field.seen(number), ran, tuple(dropped)))
        _log.info(
            "after %d rows: %d models ran, %d are left behind", self._field.seen(number), ran, len(dropped)
        )
