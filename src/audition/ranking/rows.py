"""The rows of one candidate: its features, or the statistics of them, scored layer by layer; or why there are none."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from audition.data.features import Features
from audition.errors import AuditionError, InputError
from audition.extraction import (
    Decoded,
    Layers,
    Streamed,
    Summary,
    Watch,
    choose_layers,
    keep_statistics,
    run_model,
)
from audition.extraction.streamed import Places
from audition.labels import Labels, as_groups, as_labels
from audition.metrics.measure import Metric
from audition.metrics.subsample import rows_of as rows_of_labels
from audition.ranking.candidates import Candidate
from audition.ranking.layer_row import Certainty, row_of
from audition.ranking.standings import Row
from audition.ranking.table import number
from audition.sample import Sample
from audition.statistics import Statistics
from audition.uncertainty import Resamples, has_closed_form, make_resamples

_log = logging.getLogger("audition")


@dataclass(frozen=True, eq=False)
class Target:
    """The data that every candidate is scored on, past the door once for all of them.

    labels_digest: what tells these labels from others in a cache; None without one.
    resamples: the draws of rows that all candidates share; None where no interval is asked for, or there are
    too few rows to draw from.
    """

    decoded: Decoded
    labels: Labels
    groups: NDArray[np.intp] | None
    labels_digest: str | None = None
    resamples: Resamples | None = None

    @property
    def watched(self) -> Places | None:
        """The places of the rows that the resamples look at."""
        return self.resamples.rows if self.resamples else None


@dataclass(frozen=True)
class Asked:
    """What is asked of every candidate.

    rows: whether the features themselves are wanted, whatever the measures need.
    """

    metrics: tuple[Metric, ...]
    layers: Layers = None
    batch_size: int | None = None
    resamples: int = 0
    rows: bool = False

    @property
    def statistics(self) -> bool:
        """Whether statistics are enough for all of the measures and their intervals, so that no features
        need be kept."""
        return not self.rows and all(_by_statistics(metric, bool(self.resamples)) for metric in self.metrics)


def _by_statistics(metric: Metric, intervals: bool) -> bool:
    measure = metric.measure
    enough = measure.needs in ("statistics", "network") and not (metric.moved and measure.higher_moments)
    return enough and (not intervals or has_closed_form(metric))


def target_of(decoded: Decoded, labels_digest: str | None = None, resamples: int = 0) -> Target:
    """Decoded data with their labels encoded, and so many resamples of their rows."""
    labels = as_labels(list(decoded.labels), task=decoded.task)
    return _target(decoded, labels, labels_digest, resamples)


def part_of(whole: Target, decoded: Decoded, rows: Places, resamples: int = 0) -> Target:
    """Some rows of the data, in the order given; decoded: these alone."""
    return _target(decoded, rows_of_labels(whole.labels, rows), None, resamples)


def _target(decoded: Decoded, labels: Labels, labels_digest: str | None, resamples: int) -> Target:
    groups = None if decoded.groups is None else as_groups(list(decoded.groups), len(labels))
    drawn = None
    if resamples:
        with suppress(InputError):  # too few rows to draw from
            drawn = make_resamples(labels, groups, number=resamples)
    return Target(decoded, labels, groups, labels_digest, drawn)


class Runner(Protocol):
    """Runs the networks of candidates in place of this process."""

    def features(self, candidate: Candidate, watch: Watch) -> Features:
        """The features of a candidate whose network is to be run; raises AuditionError where it fails."""
        ...


def rows_of(
    candidate: Candidate, target: Target, asked: Asked, watch: Watch, runner: Runner | None = None
) -> list[Row]:
    """A row a layer of one candidate, or one row that says why it failed."""
    try:
        return scored(candidate, features_of(candidate, target, asked, watch, runner), target, asked)
    except AuditionError as error:
        return [Row(candidate.name, "", error=str(error))]


def scored(
    candidate: Candidate,
    features: Features,
    target: Target,
    asked: Asked,
    sums: Mapping[str, Statistics] | None = None,
) -> list[Row]:
    """A row a layer; sums: the statistics of layers where they are made already."""
    rows = []
    for layer, sample in samples_of(features, target, sums or {}):
        certainty = Certainty(target.labels, target.resamples, features.layers[layer])
        rows.append(row_of(features, layer, sample, asked.metrics, certainty))
        if candidate.entry and asked.statistics and target.labels_digest:
            keep_statistics(candidate.entry, target.labels_digest, layer, sample.statistics)
    return rows


def features_of(
    candidate: Candidate, target: Target, asked: Asked, watch: Watch, runner: Runner | None
) -> Features:
    """What is kept of a candidate, or what comes out of it now; raises AuditionError where it fails."""
    if candidate.kept is not None:
        watch.begins(candidate.name, 0)
        _log.info("%s: layers %s are in the cache", candidate.name, ", ".join(candidate.kept.layers))
        return candidate.kept.features(target.decoded, target.watched)
    if runner is not None and candidate.wants is not None:
        return runner.features(candidate, watch)
    model = candidate.network()
    layers = choose_layers(model, asked.layers)
    return run_model(
        model,
        target.decoded,
        batch_size=asked.batch_size,
        layers=layers,
        entry=candidate.entry,
        sink=sink_of(layers, target, asked),
        watch=watch,
    )


def sink_of(layers: Sequence[str], target: Target, asked: Asked) -> Streamed | None:
    """Where rows go that no cache keeps: into statistics where those are enough; None where rows are needed."""
    return Streamed(layers, target.labels, target.watched) if asked.statistics else None


def samples_of(
    features: Features, target: Target, sums: Mapping[str, Statistics]
) -> Iterator[tuple[str, Sample]]:
    """Each layer with what the measures are computed from."""
    for layer, given in features.layers.items():
        if isinstance(given, Summary):
            yield layer, Sample(None, None, given.statistics, parameters=features.parameters)
        else:
            yield (
                layer,
                Sample(
                    given,
                    target.labels,
                    sums.get(layer),
                    source_probabilities=features.source_probabilities,
                    groups=target.groups,
                    parameters=features.parameters,
                ),
            )


def said_of(rows: Sequence[Row], seconds: float, called: Mapping[str, str]) -> str:
    """The line for a candidate that has finished: its best scores, or why it failed."""
    (first, *others) = rows
    name = called.get(first.model, first.model)
    if first.error is not None:
        return f"{name}: failed: {first.error}"
    if others:
        return f"{name}: {len(rows)} layers, {seconds:.1f} s"
    known = [f"{metric} {number(score)}" for metric, score in first.scores.items() if score is not None]
    return f"{name}: {', '.join(known)}, {seconds:.1f} s"
