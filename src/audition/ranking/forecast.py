"""What a ranking would do and about how long it would take, told by a first batch of each network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audition.data.subset import limited
from audition.errors import AuditionError, InputError
from audition.extraction import CacheLike, Decoded, Layers, Watch, decode, run_model, watching
from audition.models.base import Model
from audition.models.torch.library import AUTO
from audition.models.trust import Trust
from audition.ranking.candidates import Candidate, Opening
from audition.ranking.costs import Budget, limits_of, seconds_of
from audition.ranking.elsewhere import undecoded
from audition.ranking.naming import short_names
from audition.ranking.plan import Metrics, Options, Plan, plan_models
from audition.ranking.racing.race import check_race, is_race, laps_for
from audition.scoring import DEFAULT_METRICS
from audition.uncertainty.resamples import NUMBER

PROBED = 32  # items that are decoded and run to tell the rest by
SHORT = 0.05  # seconds: less rounds to 0.0


@dataclass(frozen=True)
class Expected:
    """One candidate of a forecast.

    layers: those that would be scored. seconds: of its forward passes, 0 where its features are kept;
    None where it would fail, for the reason in `error`.
    """

    model: str
    layers: tuple[str, ...]
    seconds: float | None
    error: str | None = None


@dataclass(frozen=True)
class Manner:
    """How a ranking would be run: as a race, by how many workers (None: those of a cluster), for how long."""

    raced: bool
    workers: int | None
    seconds: float | None


@dataclass(frozen=True)
class Forecast:
    """What a ranking would do.

    items: how many there are. probed: how many of them were run to tell the seconds by, on this machine.
    decoding_seconds: of all items; 0 where every feature is kept. The measures' own time is not in it.
    raced: whether the candidates would be raced, which takes less; where rows are few, all see all of them.
    workers: how many processes would share the work, None for as many as a cluster has; the seconds are those of
    this process alone. stops_after: seconds after which the run would stop with what it has, or None.
    """

    candidates: tuple[Expected, ...]
    metrics: tuple[str, ...]
    data: str
    task: str
    items: int
    probed: int
    decoding_seconds: float
    raced: bool = False
    workers: int | None = 1
    stops_after: float | None = None

    @property
    def seconds(self) -> float:
        """Of decoding and all forward passes."""
        return self.decoding_seconds + sum(candidate.seconds or 0.0 for candidate in self.candidates)

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def to_json(self) -> str:
        """The same as JSON, one object."""
        return json.dumps(asdict(self) | {"seconds": self.seconds}, indent=2, ensure_ascii=False)


def forecast(
    models: str | Model | Sequence[str | Model],
    data: Any,
    *,
    metrics: Metrics = None,
    order: str | None = None,
    budget: Budget = (),
    race: bool | None = None,
    layers: Layers = None,
    resamples: int = NUMBER,
    batch_size: int | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    workers: int | None = 1,
    progress: bool = False,
) -> Forecast:
    """What `rank` would do with these arguments and how long it would take, told by the first 32 items.

    Nothing is kept, and what is kept already is told by its name and not run. workers: how many processes are to
    run the networks; None for as many as a cluster has.
    Raises InputError for what `rank` could not use.

    >>> import numpy as np
    >>> from audition import CallableModel
    >>> model = CallableModel("mine", lambda rows: rows, "rows")
    >>> expected = forecast([model], (np.eye(4), [0, 0, 1, 1]))
    >>> expected.items, expected.metrics, [each.layers for each in expected.candidates]
    (4, ('logme', 'regularized_h_score'), [('features',)])
    """
    _check_workers(workers)
    check_race(race, resamples)
    opening = Opening(trust, device)
    limits, seconds = limits_of(budget), seconds_of(budget)
    options = Options(metrics, order, layers, resamples, batch_size, cache, opening, limits=limits)
    plan = plan_models(models, data, DEFAULT_METRICS, options)
    manner = Manner(is_race(race, plan, seconds) and _in_laps(plan), workers, seconds)
    watch = watching(progress, len(plan.candidates))
    try:
        return _told(plan, manner, skip_bad, watch)
    finally:
        watch.close()


def _check_workers(workers: Any) -> None:
    if workers is not None and (type(workers) is not int or workers < 1):
        raise InputError(f"The number of workers must be a positive whole number; got {workers!r}.")


def _in_laps(plan: Plan) -> bool:
    """Whether a race could leave anybody behind: few rows, and a single candidate, are one lap."""
    return len(laps_for(plan, undecoded(plan.data, False, None))) > 1


def _told(plan: Plan, manner: Manner, skip_bad: bool, watch: Watch) -> Forecast:
    total = len(plan.data)
    some = decode(limited(plan.data, PROBED), plan.wants, skip_bad=skip_bad, watch=watch)
    times = total / min(PROBED, total)
    rows = []
    for candidate in plan.candidates:
        rows.append(_expected(candidate, plan, some, times, watch))
        watch.ends("")
    return Forecast(
        candidates=tuple(rows),
        metrics=plan.metrics,
        data=plan.data.name,
        task=plan.data.task,
        items=total,
        probed=min(PROBED, total),
        decoding_seconds=some.seconds * times if plan.wants else 0.0,
        raced=manner.raced,
        workers=manner.workers,
        stops_after=manner.seconds,
    )


def _expected(candidate: Candidate, plan: Plan, some: Decoded, times: float, watch: Watch) -> Expected:
    """One candidate: run over a few items twice, because the first time a network also warms up."""
    if candidate.error is not None:
        return Expected(candidate.name, (), None, candidate.error)
    if candidate.kept is not None:
        watch.begins(candidate.name, 0)
        return Expected(candidate.name, candidate.layers, 0.0)
    try:
        model = candidate.network()
        run_model(model, some, batch_size=plan.asked.batch_size, layers=candidate.layers)
        done = run_model(model, some, batch_size=plan.asked.batch_size, layers=candidate.layers, watch=watch)
    except AuditionError as error:
        return Expected(candidate.name, candidate.layers, None, str(error))
    return Expected(candidate.name, candidate.layers, done.seconds * times)


def _lines(told: Forecast) -> Iterator[str]:
    """The forecast in words, a line a candidate."""
    shown = short_names({each.model for each in told.candidates})
    yield f"{told.data}, {told.items:,} items for {told.task}; measures: {', '.join(told.metrics)}."
    yield ""
    width = max(len(name) for name in shown.values())
    for each in told.candidates:
        yield f"  {shown[each.model]:{width}}  {_about(each)}"
    yield ""
    kept = sum(each.seconds == 0 for each in told.candidates)
    note = f" {kept} of {len(told.candidates)} are kept and cost nothing." if kept else ""
    yield f"{_in_all(told)}, told by {told.probed} items.{note} Nothing was scored."
    yield from _how(told)


def _in_all(told: Forecast) -> str:
    """What all of it takes, and how much of that decoding does."""
    if told.seconds < SHORT:
        return "Less than 0.1 s"
    decoding = duration(told.decoding_seconds) if told.decoding_seconds else "nothing"
    return f"About {duration(told.seconds)}: {decoding} to decode, the rest in the networks"


def _how(told: Forecast) -> Iterator[str]:
    """What changes how long it takes: a race, a time, workers."""
    if told.raced:
        yield "This is the most that it takes: models that cannot come first stop early in a race (--no-race runs all)."
    if told.stops_after is not None:
        yield f"It stops after {duration(told.stops_after)} with the best so far."
    if told.workers != 1:
        who = "The workers of the cluster" if told.workers is None else f"{told.workers} workers"
        yield f"{who} share it: these are the seconds of one process."


def _about(each: Expected) -> str:
    if each.seconds is None:
        return f"would fail: {each.error}"
    layers = each.layers[0] if len(each.layers) == 1 else f"{len(each.layers)} layers"
    return f"{layers:12}  {'kept' if each.seconds == 0 else duration(each.seconds)}"


def duration(seconds: float) -> str:
    """Seconds as a person says them: less than 0.1 s, 0.4 s, 35 s, 12 min, 3.5 h."""
    if seconds < SHORT:
        return "less than 0.1 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
