"""Contenders against each other in rounds: each longer than the last, and with a third of them at most."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from audition.errors import AuditionError, InputError, ModelError
from audition.ranking.standings import Row
from audition.tuning.job import Done, Prepared, finished, prepared
from audition.tuning.runs.rate import RateChoice, ladder_of
from audition.tuning.runs.schedule import LOOKS as EVERY
from audition.tuning.search.contenders import Contenders
from audition.tuning.search.contest import NO_TIME, Round, Run, Runner, Standing, apart, merit_of, shorter
from audition.tuning.teachers.method import Method, listened

THIRD = 3
LEAST = 30  # steps that a run is worth making for
PROBED = 4  # steps that tell how long one takes
FEWEST, USUAL = 5, 20  # steps that a rate is tried for where time is short, and that it is tried for at least
SHARE = 1 / 4  # of the time that is left, for the rates of one contender
LOOKS = 1  # at the held-out rows: more would cost more than the steps of a short run
CLEARLY = 1.645  # standard deviations that one is behind another where 95 of 100 draws of rows say so


def rounds_of(runner: Runner, contenders: Contenders) -> tuple[list[Round], list[Standing]]:
    """The rounds up to the last contender, and all that can be tuned to the end, the best first.

    Of a round the better third goes on, without those that are clearly behind. A round of one, or that there is no
    time for, is left out. Raises InputError where none of them can be tuned.
    """
    first, order = _first_round(runner, contenders.chosen)
    rows = len(runner.study.parts.held_out)
    rounds, playing = [first], _near(order[: _third(len(order))], rows)
    while playing > 1 and _fits(runner, order[:playing]):
        played, again = _round(runner, order[:playing])
        rounds.append(played)
        again = _best_first(again)
        order, playing = again + order[playing:], _near(again[: _third(len(again))], rows)
    if not order:
        raise InputError(f"None of the candidates can be tuned: {rounds[-1].runs[0].note}")
    return rounds, order


def _third(number: int) -> int:
    return -(-number // THIRD)


def _near(order: Sequence[Standing], rows: int) -> int:
    """How many of some, the best first, are not clearly behind the best by a score on so many rows.

    Two accuracies on n rows differ by draws with a deviation of sqrt(1 / 2n) at most; scores of other tasks are
    taken as accuracies are.
    """
    least = order[0].merit[0] - CLEARLY * (2 * rows) ** -0.5 if order else 0.0
    return sum(each.merit[0] >= least for each in order)


def _best_first(standing: Sequence[Standing]) -> list[Standing]:
    return sorted(standing, key=lambda each: each.merit, reverse=True)


def _fits(runner: Runner, playing: Sequence[Standing]) -> bool:
    """Whether there is time for a round, and to tune the best to the end after it."""
    round_seconds = sum(each.seconds(_part(each)) for each in playing)
    return round_seconds + playing[0].seconds(playing[0].full) <= runner.left


def _part(each: Standing) -> int:
    return max(LEAST, each.full // THIRD)


def _first_round(runner: Runner, rows: Sequence[Row]) -> tuple[Round, list[Standing]]:
    """Short runs: the first contender's choose a rate, from which the others begin."""
    runs, standing, longest = [], list[Standing](), 0.0
    for row in rows:
        to_the_end = max((each.seconds(each.full) for each in standing), default=0.0)
        if standing and runner.left < longest + to_the_end:
            runs.append(Run(row.model, 0, None, 0.0, NO_TIME))
            continue
        began = time.perf_counter()
        try:
            found, steps = _tried(runner, row, standing[0].place if standing else None)
        except AuditionError as error:
            runs.append(Run(row.model, 0, None, time.perf_counter() - began, str(error)))
            continue
        standing.append(found)
        seconds = time.perf_counter() - began
        longest = max(longest, seconds)
        runs.append(Run(row.model, steps, found.merit[0], seconds, f"rate {found.ready.settings.rate:g}"))
    return Round("short runs", tuple(runs)), _best_first(standing)


def _tried(runner: Runner, row: Row, place: int | None) -> tuple[Standing, int]:
    """A contender after its short runs, and the steps of each of them. place: of the rate on its ladder."""
    ready = prepared(runner.job(row))
    if ready.settings.rate is not None:
        done = finished(apart(shorter(ready, LEAST)), looks=LOOKS)
        steps = done.settings.steps or LEAST
        return Standing(row, ready, merit_of(done), done.seconds / steps), steps
    ladder = ladder_of(ready.network(), ready.settings)
    few = _few_enough(runner, ready, ladder)
    began = time.perf_counter()
    rates = _rates(few := apart(few), ladder, place)
    able = [one for one in rates.tried if not one.diverged]
    step_seconds = (time.perf_counter() - began) / (rates.steps * len(able))
    ready = replace(ready, settings=replace(ready.settings, rate=rates.rate))
    merit = max(one.merit for one in able)
    return Standing(row, ready, merit, step_seconds, rates.tried, few, ladder), rates.steps


def _rates(few: Prepared, ladder: Sequence[float], place: int | None) -> RateChoice:
    """At the place on the ladder that suited another, below it where that diverges; else at the two middle ones."""
    if place is None:
        return few.rates(ladder[1:-1], looks=LOOKS)
    try:
        return few.rates(ladder[place : place + 1], looks=LOOKS)
    except ModelError:
        if not place:
            raise
        return few.rates(ladder[:place], looks=LOOKS)


def _at_best_rate(runner: Runner, last: Standing) -> Standing:
    """The winner at a rate that is better than those beside it on the ladder, where there is time to try them."""
    while last.short is not None and (beside := last.beside):
        rest = last.seconds(len(beside) * ((last.short.settings.steps or 0) // 6 + USUAL))
        if runner.left < rest + last.seconds(last.full):
            break
        ladder = [*(one.rate for one in last.tried), *beside]
        rates = last.short.rates(ladder, known=last.tried, looks=LOOKS)
        ready = replace(last.ready, settings=replace(last.ready.settings, rate=rates.rate))
        last = replace(last, ready=ready, tried=rates.tried)
    return last


def _few_enough(runner: Runner, ready: Prepared, ladder: Sequence[float]) -> Prepared:
    """The same for so few steps that trying the rates takes no more than its share of the time."""
    if runner.deadline is None:
        return ready
    job, settings = replace(ready.job, folder=None, resume=False), replace(ready.settings, rate=ladder[0])
    probe = finished(shorter(replace(ready, job=job, settings=settings), PROBED))
    seconds = probe.seconds / (probe.settings.steps or PROBED)
    steps = max(FEWEST, int(SHARE * max(runner.left, 0) / (len(ladder[1:-1]) * seconds)))
    # A rate is tried for a sixth of the steps, but for 20 of them at least where there are as many.
    return shorter(ready, steps if steps <= USUAL else 6 * steps)


def _round(runner: Runner, standing: Sequence[Standing]) -> tuple[Round, list[Standing]]:
    """A third of the way for each that is left, without those that fail on it."""
    runs, again = list[Run](), []
    for each in standing:
        done = _played(runs, each.row, shorter(each.ready, _part(each)), looks=LOOKS)
        if done is not None:
            again.append(replace(each, merit=merit_of(done)))
    return Round("a third of the way", tuple(runs)), again


def _played(runs: list[Run], row: Row, ready: Prepared, how: str = "", *, looks: int = EVERY) -> Done | None:
    """A run, which is added to those of its round; None where it failed."""
    began = time.perf_counter()
    try:
        done = finished(apart(ready), looks=looks)
    except AuditionError as error:
        runs.append(_failed(row, error, time.perf_counter() - began, how))
        return None
    runs.append(Run(row.model, done.settings.steps or 0, done.fitted.held_out, done.seconds, how))
    return done


def _failed(row: Row, error: AuditionError, seconds: float, how: str) -> Run:
    return Run(row.model, 0, None, seconds, f"{how}: {error}" if how else str(error))


def to_the_end(
    runner: Runner, order: Sequence[Standing], taught: Callable[[Row], Method | None]
) -> tuple[Round, Prepared, Done]:
    """The winner tuned to the end, plainly, and with teachers where there are some and time for it.

    The one that held-out rows prefer is kept, the plain one of equals. Where the winner fails the next one is taken.
    taught: how one is taught by others. Raises InputError where all fail.
    """
    runs = list[Run]()
    for standing in order:
        last = _at_best_rate(runner, standing)
        plain = shorter(last.ready, _affordable(runner, last))
        done = _played(runs, last.row, plain, "alone")
        if done is None:
            continue
        best, method = (plain, done), taught(last.row)
        other = None if method is None else _by_teachers(runs, runner, last.row, plain, done, method)
        if other is not None and merit_of(other[1]) > merit_of(done):
            best = other
        return Round("to the end", tuple(runs)), *best
    raise InputError(f"None of the candidates can be tuned to the end: {runs[0].note}")


def _by_teachers(
    runs: list[Run], runner: Runner, row: Row, plain: Prepared, done: Done, method: Method
) -> tuple[Prepared, Done] | None:
    """The same run with teachers; None where it fails or time is too short for it."""
    how, began = "with teachers", time.perf_counter()
    if runner.left >= done.seconds:
        try:
            pooled = listened(method, runner.study, runner.means)
        except AuditionError as error:
            runs.append(_failed(row, error, time.perf_counter() - began, how))
            return None
    if runner.left < done.seconds:
        runs.append(Run(row.model, 0, None, time.perf_counter() - began, f"{how}: no time was left"))
        return None
    ready = replace(plain, job=replace(plain.job, method=method), pooled=pooled)
    other = _played(runs, row, ready, how)
    return None if other is None else (ready, other)


def _affordable(runner: Runner, last: Standing) -> int:
    """As many steps as time is left for."""
    if runner.deadline is None:
        return last.full
    return max(LEAST, min(last.full, int(runner.left / max(last.step_seconds, 1e-9))))
