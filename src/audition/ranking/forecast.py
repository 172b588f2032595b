"""What a ranking would do and about how long it would take, told by a first batch of each network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audition.data.subset import limited
from audition.errors import AuditionError
from audition.extraction import CacheLike, Decoded, Layers, Watch, decode, run_model, watching
from audition.models.base import Model
from audition.models.torch.library import AUTO
from audition.models.trust import Trust
from audition.ranking.candidates import Candidate, Opening
from audition.ranking.costs import Budget, limits_of
from audition.ranking.naming import short_names
from audition.ranking.plan import Metrics, Options, Plan, plan_models
from audition.ranking.racing.race import FROM
from audition.scoring import DEFAULT_METRICS

PROBED = 32  # items that are decoded and run to tell the rest by


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
class Forecast:
    """What a ranking would do.

    items: how many there are. probed: how many of them were run to tell the seconds by, on this machine.
    decoding_seconds: of all items; 0 where every feature is kept. The measures' own time is not in it.
    """

    candidates: tuple[Expected, ...]
    metrics: tuple[str, ...]
    data: str
    task: str
    items: int
    probed: int
    decoding_seconds: float

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
    layers: Layers = None,
    batch_size: int | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    progress: bool = False,
) -> Forecast:
    """What `rank` would do with these arguments and how long it would take, told by the first 32 items.

    Nothing is kept, and what is kept already is told by its name and not run.
    Raises InputError for what `rank` could not use.

    >>> import numpy as np
    >>> from audition import CallableModel
    >>> model = CallableModel("mine", lambda rows: rows, "rows")
    >>> expected = forecast([model], (np.eye(4), [0, 0, 1, 1]))
    >>> expected.items, expected.metrics, [each.layers for each in expected.candidates]
    (4, ('logme', 'regularized_h_score'), [('features',)])
    """
    opening = Opening(trust, device)
    limits = limits_of(budget)
    options = Options(metrics, order, layers, 0, batch_size, cache, opening, limits=limits)
    plan = plan_models(models, data, DEFAULT_METRICS, options)
    watch = watching(progress, len(plan.candidates))
    try:
        return _told(plan, skip_bad, watch)
    finally:
        watch.close()


def _told(plan: Plan, skip_bad: bool, watch: Watch) -> Forecast:
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
    yield f"{told.data}, {told.items} items for {told.task}; measures: {', '.join(told.metrics)}."
    yield ""
    width = max(len(name) for name in shown.values())
    for each in told.candidates:
        yield f"  {shown[each.model]:{width}}  {_about(each)}"
    yield ""
    kept = sum(each.seconds == 0 for each in told.candidates)
    note = f" {kept} of {len(told.candidates)} are kept and cost nothing." if kept else ""
    yield (
        f"About {duration(told.seconds)}: {duration(told.decoding_seconds)} to decode, the rest in the networks, "
        f"told by {told.probed} items.{note} Nothing was scored."
    )
    if len(told.candidates) - kept >= FROM:
        yield f"This is the most that it takes: {FROM} models and more are raced (--no-race runs all)."


def _about(each: Expected) -> str:
    if each.seconds is None:
        return f"would fail: {each.error}"
    layers = each.layers[0] if len(each.layers) == 1 else f"{len(each.layers)} layers"
    return f"{layers:12}  {'kept' if each.seconds == 0 else duration(each.seconds)}"


def duration(seconds: float) -> str:
    """Seconds as a person says them: 0.4 s, 35 s, 12 min, 3.5 h."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
