"""The rows of one candidate: its features scored, layer by layer, or the reason why there are none."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audition.data.features import Features
from audition.errors import AuditionError
from audition.extraction import Decoded, Layers, Streamed, Watch, choose_layers, keep_statistics, run_model
from audition.labels import Labels, as_groups, as_labels
from audition.metrics.measure import Metric
from audition.ranking.candidates import Candidate
from audition.ranking.standings import Row
from audition.sample import Sample
from audition.scoring import score_all
from audition.statistics import Statistics

_log = logging.getLogger("audition")


@dataclass(frozen=True, eq=False)
class Target:
    """The data that every candidate is scored on, past the door once for all of them.

    labels_digest: what tells these labels from others in a cache; None without one.
    """

    decoded: Decoded
    labels: Labels
    groups: NDArray[np.intp] | None
    labels_digest: str | None = None


@dataclass(frozen=True)
class Asked:
    """What is asked of every candidate."""

    metrics: tuple[Metric, ...]
    layers: Layers = None
    batch_size: int | None = None

    @property
    def statistics(self) -> bool:
        """Whether statistics are enough for all of the measures, so that no features need be kept."""
        return all(_by_statistics(metric) for metric in self.metrics)


def _by_statistics(metric: Metric) -> bool:
    measure = metric.measure
    return measure.needs in ("statistics", "network") and not (metric.moved and measure.higher_moments)


def target_of(decoded: Decoded, labels_digest: str | None = None) -> Target:
    """Decoded data with their labels encoded."""
    labels = as_labels(list(decoded.labels), task=decoded.task)
    groups = None if decoded.groups is None else as_groups(list(decoded.groups), len(labels))
    return Target(decoded, labels, groups, labels_digest)


def rows_of(candidate: Candidate, target: Target, asked: Asked, watch: Watch) -> list[Row]:
    """A row a layer of one candidate, or one row that says why it failed."""
    try:
        features = _features_of(candidate, target, asked, watch)
    except AuditionError as error:
        return [Row(candidate.name, "", error=str(error))]
    rows = []
    for layer, sample in samples_of(features, target):
        rows.append(_row(features, layer, sample, asked.metrics))
        if candidate.entry and asked.statistics and target.labels_digest and not target.decoded.skipped:
            keep_statistics(candidate.entry, target.labels_digest, layer, sample.statistics)
    return rows


def _features_of(candidate: Candidate, target: Target, asked: Asked, watch: Watch) -> Features:
    """What is kept of a candidate, or what comes out of it now; raises AuditionError where it fails."""
    if candidate.kept is not None:
        watch.begins(candidate.name, 0)
        _log.info("%s: layers %s are in the cache", candidate.name, ", ".join(candidate.kept.layers))
        return candidate.kept.features(target.decoded)
    model = candidate.network()
    layers = choose_layers(model, asked.layers)
    return run_model(
        model,
        target.decoded,
        batch_size=asked.batch_size,
        layers=layers,
        entry=candidate.entry,
        sink=Streamed(layers, target.labels) if asked.statistics else None,
        watch=watch,
    )


def samples_of(features: Features, target: Target) -> Iterator[tuple[str, Sample]]:
    """Each layer with what the measures are computed from."""
    for layer, given in features.layers.items():
        if isinstance(given, Statistics):
            yield layer, Sample(None, None, given, parameters=features.parameters)
        else:
            yield (
                layer,
                Sample(
                    given,
                    target.labels,
                    source_probabilities=features.source_probabilities,
                    groups=target.groups,
                    parameters=features.parameters,
                ),
            )


def _row(features: Features, layer: str, sample: Sample, metrics: Sequence[Metric]) -> Row:
    scored = score_all(sample, metrics)
    return Row(
        model=features.model,
        layer=layer,
        scores=scored.scores,
        columns=sample.dimension,
        feature_seconds=features.seconds,
        scoring_seconds=scored.seconds,
        notes=(*features.notes, *scored.notes),
        parts=scored.parts,
    )


def said_of(rows: Sequence[Row], seconds: float, called: Mapping[str, str]) -> str:
    """The line for a candidate that has finished: its best scores, or why it failed."""
    (first, *others) = rows
    name = called.get(first.model, first.model)
    if first.error is not None:
        return f"{name}: failed: {first.error}"
    if others:
        return f"{name}: {len(rows)} layers, {seconds:.1f} s"
    known = [f"{metric} {score:.4g}" for metric, score in first.scores.items() if score is not None]
    return f"{name}: {', '.join(known)}, {seconds:.1f} s"
