"""What a ranking is going to do: the data, the candidates that can take them, and what is asked of each."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from audition.data.base import Dataset
from audition.data.open import open_dataset
from audition.data.subset import without
from audition.errors import InputError
from audition.extraction import CacheLike, Keeping, Layers, check_batch_size, keeping, stored
from audition.metrics.measure import Metric
from audition.metrics.registry import parse_metrics
from audition.models.base import Model, Preprocess
from audition.models.torch.library import check_device
from audition.models.trust import check_trust
from audition.ranking.candidates import (
    HELD,
    Candidate,
    Opening,
    check_any,
    closed_beyond,
    fitted,
    names_of,
    open_candidate,
)
from audition.ranking.costs import affordable
from audition.ranking.order import CONSENSUS, MEAN_PLACE, check_order
from audition.ranking.rows import Asked
from audition.recommendation import learned
from audition.recommendation.cost import Limit
from audition.scoring import check_task
from audition.truth import Truth

_log = logging.getLogger("audition")

Metrics = str | Sequence[str] | None
MOST_RESAMPLES = 10_000  # of which a share is known to half a per cent; all of them are in memory at once


@dataclass(frozen=True, eq=False)
class Options:
    """What may be asked of a ranking, as `rank` says it.

    elsewhere: whether other processes run the networks, so that none stays open in this one. until: when to end, on the
    clock of time.monotonic.
    """

    metrics: Metrics = None
    order: str | None = None
    layers: Layers = None
    resamples: int = 0
    batch_size: int | None = None
    cache: CacheLike = None
    opening: Opening = field(default_factory=Opening)
    history: Truth | None = None
    limits: tuple[Limit, ...] = ()
    elsewhere: bool = False
    until: float = math.inf


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything of a ranking that is settled before anything is decoded or run.

    kept: where features are kept, or None.
    """

    data: Dataset
    candidates: tuple[Candidate, ...]
    asked: Asked
    order: str
    kept: Keeping | None = None
    options: Options = field(default_factory=Options)

    def readable(self, skipped: Sequence[str]) -> Plan:
        """The same of the items that could be read: features are kept of these, and may be kept already."""
        if not skipped or self.options.cache is None:
            return self
        kept = keeping(self.options.cache, without(self.data, skipped), self.options.opening.trust)
        candidates = tuple(kept_anew(candidate, kept, self.asked) for candidate in self.candidates)
        return replace(self, candidates=candidates, kept=kept)

    def on(self, data: Dataset, candidates: Sequence[Candidate]) -> Plan:
        """The same of some candidates on a part of the data, which is kept by itself."""
        kept = keeping(self.options.cache, data, self.options.opening.trust)
        renewed = tuple(kept_anew(candidate, kept, self.asked) for candidate in candidates)
        return replace(self, data=data, candidates=renewed, kept=kept)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the measures."""
        return _names(self.asked.metrics)

    @property
    def computes_elsewhere(self) -> bool:
        """Whether the first network to be run leaves the cores free, because it runs on another device."""
        models = (candidate.model for candidate in self.candidates if candidate.model)
        device = getattr(next(models, None), "device", None)
        return getattr(device, "type", "cpu") != "cpu"

    @property
    def wants(self) -> set[Preprocess]:
        """What the candidates that are to be run want of the data."""
        return {want for candidate in self.candidates if (want := candidate.wants)}


def plan_models(
    models: str | Model | Sequence[str | Model],
    data: Any,
    defaults: Mapping[str, tuple[str, ...]],
    options: Options,
) -> Plan:
    """The plan of a ranking of models; raises InputError for what cannot be used."""
    dataset, asked, kept = _settled(data, defaults, options)
    order = check_order(options.order, _names(asked.metrics), _usual(asked.metrics, dataset.task, options))
    layers, opening = options.layers, options.opening
    names = names_of(models)
    check_trust(opening.trust, names)
    found = (
        open_candidate(name, layers, kept, opening=opening, statistics=asked.statistics, until=options.until)
        for name in names
    )
    fitting = (affordable(fitted(candidate, dataset, layers), options.limits) for candidate in found)
    candidates = closed_beyond(fitting, 0 if options.elsewhere else HELD)
    if any(len(candidate.layers) > 1 for candidate in candidates):
        check_layered(asked.metrics)
    check_any(candidates)
    return Plan(dataset, candidates, asked, order, kept, options)


def plan_layers(
    model: str | Model,
    data: Any,
    defaults: Mapping[str, tuple[str, ...]],
    options: Options,
) -> Plan:
    """The plan of a ranking of one model's layers; a model that cannot be opened raises here."""
    dataset, asked, kept = _settled(data, defaults, options)
    order = check_order(options.order, _names(asked.metrics))
    layers, opening = options.layers, options.opening
    check_layered(asked.metrics)
    if order == CONSENSUS:
        raise InputError("Nothing is known of layers beside their scores: order them by a measure.")
    check_trust(opening.trust, [model])
    opened = open_candidate(model, layers, kept, opening=opening, statistics=asked.statistics)
    candidate = fitted(opened, dataset, layers)
    if candidate.failure is not None:
        raise candidate.failure
    return Plan(dataset, (candidate,), asked, order, kept, options)


def kept_anew(candidate: Candidate, kept: Keeping | None, asked: Asked) -> Candidate:
    """A candidate that is to be run, with what is kept of it on other data."""
    if candidate.wants is None:
        return candidate
    model = candidate.model or candidate.name
    if found := stored(kept, model, asked.layers, statistics=asked.statistics):
        return Candidate(candidate.name, None, layers=found.layers, kept=found, entry=found.entry)
    return replace(candidate, entry=kept.entry(candidate.name) or kept.entry(model) if kept else None)


def _names(metrics: Sequence[Metric]) -> tuple[str, ...]:
    return tuple(map(str, metrics))


def _usual(metrics: Sequence[Metric], task: str, options: Options) -> str:
    """The order of models where none is asked for: the consensus, unless it could add nothing.

    A measure that was asked for alone is an order of its own; of layers nothing is known beside their scores.
    """
    alone = len(metrics) == 1 and options.history is None
    if alone or options.layers is not None or not learned().teaches(_names(metrics), task):
        return MEAN_PLACE
    return CONSENSUS


def _settled(
    data: Any, defaults: Mapping[str, tuple[str, ...]], options: Options
) -> tuple[Dataset, Asked, Keeping | None]:
    check_batch_size(options.batch_size)
    check_device(options.opening.device)
    _check_resamples(options.resamples)
    dataset = open_dataset(data)
    wanted = parse_metrics(defaults[dataset.task] if options.metrics is None else options.metrics)
    for metric in wanted:
        check_task(metric, dataset.task)
    kept = keeping(options.cache, dataset, options.opening.trust)
    _log.info(
        "%s: %d items, %s; measures %s", dataset.name, len(dataset), dataset.task, ", ".join(map(str, wanted))
    )
    _log.info("features are kept in %s", kept.cache.path if kept else "memory alone")
    asked = Asked(wanted, options.layers, options.batch_size, options.resamples)
    return dataset, asked, kept


def _check_resamples(number: Any) -> None:
    """Raises InputError for a number of resamples that is none."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 0 or number == 1:
        raise InputError(f"The 'resamples' parameter must be 0, or 2 and more. Got {number!r} instead.")
    if number > MOST_RESAMPLES:
        most = f"{MOST_RESAMPLES:,}, as shares of more are no surer"
        raise InputError(f"The 'resamples' parameter must be at most {most}. Got {number!r} instead.")


def check_layered(metrics: Sequence[Metric]) -> None:
    """Raises InputError for a measure that cannot tell one layer of a model from another."""
    for metric in metrics:
        if metric.measure.needs_head:
            raise InputError(
                f"{metric} looks at the model's head, which is the same for every layer: leave it out."
            )
        if not metric.measure.layers:
            raise InputError(f"{metric} is the same for every layer of a model: leave it out.")
