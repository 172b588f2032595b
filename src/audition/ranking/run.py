"""Ranks models, or the layers of one, on a data set: one decode an item, one forward pass a model."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from audition.errors import InputError
from audition.executors import check_executor
from audition.extraction import CacheLike, Decoded, Layers, Watch, decoding, watching
from audition.heap import kept_memory
from audition.models.base import Model
from audition.models.torch.library import AUTO
from audition.models.trust import Trust
from audition.ranking.candidates import Opening
from audition.ranking.costs import Budget, limits_of, seconds_of
from audition.ranking.elsewhere import UnreadableError, running, undecoded
from audition.ranking.naming import short_names
from audition.ranking.plan import Metrics, Options, Plan, plan_layers, plan_models
from audition.ranking.racing.race import Course, check_race, is_race, raced
from audition.ranking.ranked import ranking_of
from audition.ranking.rows import rows_of, said_of, target_of
from audition.ranking.standings import Row
from audition.ranking.value import Ranking
from audition.scoring import DEFAULT_METRICS, LAYER_METRICS
from audition.truth import Truth
from audition.uncertainty.resamples import NUMBER


def rank(
    models: str | Model | Sequence[str | Model],
    data: Any,
    *,
    metrics: Metrics = None,
    order: str | None = None,
    history: Truth | None = None,
    budget: Budget = (),
    race: bool | None = None,
    layers: Layers = None,
    resamples: int = NUMBER,
    batch_size: int | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    executor: Executor | None = None,
    progress: bool = False,
) -> Ranking:
    """A ranking of pre-trained models by how well their features suit the data, best first.

    models: names such as "zoo:resnet-mnist", patterns such as "zoo:*", or Model objects.
    data: an image folder CLASS/*.png, "sklearn:digits", a pair (images or rows, labels), or a Dataset.
    metrics: names of measures, a list or separated by commas; by default a few that suit the task.
    order: a metric to order by, or "mean place" over all of them; by default "consensus", which joins the measures
    with what is known of the candidates: published results, and your own as `history` (see `read_truth`). One
    metric alone, metrics of which nothing has been learned, and layers have no consensus by default.
    budget: what a candidate may cost, "20M params", "80MB" of weights (four bytes a parameter) or "5ms" a sample,
    one or several; one that is beyond keeps a row that says so. "10m" or "1h 30m" is the time for all of it, after
    which the answer is the best so far.
    race: all candidates on a part of the rows, then more rows for those that may still come first, by the resamples;
    what was dropped, when, and with which chance is in `Ranking.race`. None races from 20 candidates on, or for a
    time; False runs everything.
    layers: None for each model's last layer, "all", or names.
    resamples: draws of the rows, shared by all candidates, from which places and scores have their intervals;
    0 for none. Measures that would have to be computed again for that have none.
    batch_size: items a forward pass; by default as many as 16 MiB hold, at most 256. Where memory runs out it
    is halved.
    skip_bad: go on without items that cannot be read. progress: bars on standard error.
    cache: a folder (or `Cache`) where features are kept: what is there is not computed again, and a run
    that was stopped goes on where it was. None keeps nothing.
    trust: names of models whose own Python code may run; no other's does. device: where torch networks
    compute: "auto" is the GPU where there is one; or "cpu", "cuda:1".
    executor: who runs the networks in place of this process, any `concurrent.futures.Executor`: those of
    `audition.executors` for processes, Ray and Dask. The items are read where the workers are. Scores are the
    same to the last bit for any number of workers. It is not shut down.

    A model that fails keeps a row with its reason in `error`; the others go on.
    Raises InputError for data, names or options that cannot be used, before anything is run.
    """
    check_executor(executor)
    check_race(race, resamples)
    opening = Opening(trust, device)
    seconds = seconds_of(budget)
    options = Options(
        metrics,
        order,
        layers,
        resamples,
        batch_size,
        cache,
        opening,
        history,
        limits_of(budget),
        elsewhere=executor is not None,
        until=math.inf if seconds is None else time.monotonic() + seconds,
    )
    plan = plan_models(models, data, DEFAULT_METRICS, options)
    if not (racing := is_race(race, plan, seconds)) and seconds is None:
        return carried_out(plan, skip_bad, progress, executor)
    return raced(plan, Course(executor, progress, options.until, all_rows=not racing), skip_bad=skip_bad)


def rank_layers(
    model: str | Model,
    data: Any,
    *,
    metrics: Metrics = None,
    order: str | None = None,
    layers: Layers = "all",
    resamples: int = NUMBER,
    batch_size: int | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    executor: Executor | None = None,
    progress: bool = False,
) -> Ranking:
    """A ranking of the layers of one model, all from one forward pass; best first.

    Options and errors as in `rank`; a model that cannot be opened raises here.
    """
    check_executor(executor)
    options = Options(metrics, order, layers, resamples, batch_size, cache, Opening(trust, device))
    plan = plan_layers(model, data, LAYER_METRICS, options)
    return carried_out(plan, skip_bad, progress, executor)


@kept_memory()
def carried_out(plan: Plan, skip_bad: bool, progress: bool, executor: Executor | None = None) -> Ranking:
    """The ranking that a plan leads to."""
    watch = watching(progress, len(plan.candidates))
    rows: list[Row] = []
    try:
        with _decoded(plan, skip_bad, executor, watch) as decoded:
            plan = plan.readable(decoded.skipped)
            target = target_of(decoded, plan.kept.labels if plan.kept else None, plan.asked.resamples)
            called = short_names({candidate.name for candidate in plan.candidates})
            with running(plan, target, executor) as runner:
                for candidate in plan.candidates:
                    began = time.perf_counter()
                    found = rows_of(candidate, target, plan.asked, watch, runner)
                    watch.ends(said_of(found, time.perf_counter() - began, called))
                    rows += found
            seconds = decoded.seconds + (runner.decoding_seconds if runner else 0.0)
    except UnreadableError as error:
        raise InputError(str(error)) from None
    finally:
        watch.close()
    return ranking_of(plan, rows, decoded, seconds)


def _decoded(
    plan: Plan, skip_bad: bool, executor: Executor | None, watch: Watch
) -> AbstractContextManager[Decoded]:
    """The data, decoded in this process where no executor is given."""
    if executor is not None:
        return nullcontext(undecoded(plan.data, skip_bad, executor))
    ahead = plan.computes_elsewhere
    return decoding(plan.data, plan.wants, skip_bad=skip_bad, ahead=ahead, watch=watch)
