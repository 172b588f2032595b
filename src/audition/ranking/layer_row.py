"""The row of one layer: its scores, and what each would be in the resamples of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import numpy as np

from audition.arrays import Matrix, row_blocks
from audition.data.features import Features
from audition.errors import InputError
from audition.extraction import Summary
from audition.labels import Labels
from audition.metrics.measure import Metric
from audition.ranking.standings import Row
from audition.sample import Sample
from audition.scoring import numbers_of, score_all
from audition.uncertainty import Resampled, Resamples, observed, observed_of, resampled
from audition.uncertainty.observed import Observed


class Certainty:
    """Scores one layer, and keeps what each score would be in the resamples of the rows.

    labels: of all rows. drawn: the resamples, or None where scores are all that is asked for. given: the features.
    """

    def __init__(self, labels: Labels, drawn: Resamples | None, given: Matrix | Summary) -> None:
        self._labels, self._drawn, self._given = labels, drawn, given
        self.resampled: dict[str, Resampled] = {}

    def __call__(self, sample: Sample, metric: Metric) -> tuple[float, ...]:
        """The numbers of a metric, as scoring wants them."""
        if self._drawn is None:
            return numbers_of(sample, metric)
        seen = cache(partial(self._seen, sample, self._drawn))
        numbers, self.resampled[str(metric)] = resampled(sample, metric, self._drawn, seen)
        return numbers

    def _seen(self, sample: Sample, drawn: Resamples) -> Observed:
        if not isinstance(self._given, Summary):
            return observed(sample, drawn)
        if self._given.rows is None:
            raise InputError("the features are not kept any more, and their statistics hold no rows.")
        rows = self._given.rows.astype(np.float64)
        return observed_of(rows, self._labels, self._given.statistics, drawn)


def row_of(
    features: Features, layer: str, sample: Sample, metrics: Sequence[Metric], certainty: Certainty
) -> Row:
    """The row of a layer of some features; one that says why where they say nothing of the labels."""
    if _is_constant(sample):
        constant = "all rows of its features are equal: they say nothing of the labels."
        return Row(features.model, layer, columns=sample.dimension, error=constant)
    scored = score_all(sample, metrics, certainty)
    return Row(
        model=features.model,
        layer=layer,
        scores=scored.scores,
        columns=sample.dimension,
        parameters=features.parameters,
        feature_seconds=features.seconds,
        scoring_seconds=scored.seconds,
        notes=(*features.notes, *scored.notes),
        parts=scored.parts,
        resampled=certainty.resampled,
        depth=list(features.layers).index(layer),
    )


def _is_constant(sample: Sample) -> bool:
    if sample.features is None:
        return not sample.statistics.scatter.any()
    first = sample.features[:1]
    return bool((sample.features[:2] == first).all()) and all(  # the look at two rows decides nearly always
        bool((block == first).all()) for _, block in row_blocks(sample.features)
    )
