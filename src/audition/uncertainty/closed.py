"""Which measures have an influence in closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from audition.metrics.linear_probe import linear_probe_right
from audition.metrics.measure import Metric
from audition.metrics.neighbours import knn_parts
from audition.sample import Sample
from audition.uncertainty.distances import concept_influence, interclass_influence
from audition.uncertainty.evidence import logme_influence
from audition.uncertainty.h_scores import h_score_influence, regularized_h_score_influence
from audition.uncertainty.heads import leep_influence, nce_influence, nleep_influence
from audition.uncertainty.influence import Influence
from audition.uncertainty.kernels import lfc_influence
from audition.uncertainty.observed import Observed
from audition.uncertainty.rates import transrate_influence
from audition.uncertainty.regression import r2_influence
from audition.uncertainty.resamples import Resamples

# Each row of the probe is placed by a model that a part of the others made: simulations show the variance of
# the rows' own results too small by up to a third, and this much larger it covers.
LEARNT = float(np.sqrt(7 / 5))

Closed = Callable[[Sample, Metric, Resamples, Callable[[], Observed]], Influence]


def has_closed_form(metric: Metric) -> bool:
    """Whether the influence of rows on a metric needs no second computation of the score."""
    return metric.measure.name in CLOSED and not metric.moved


def closed_influence(
    sample: Sample, metric: Metric, resamples: Resamples, seen: Callable[[], Observed]
) -> Influence:
    """The score of a sample, and the influence of the rows that the resamples look at.

    seen: gives these rows, the same ones for all metrics.
    """
    return CLOSED[metric.measure.name](sample, metric, resamples, seen)


def _neighbours(sample: Sample, resamples: Resamples) -> Influence:
    """A row's own result, and of what its votes do to others the third that one of three voters decides."""
    right, credit = knn_parts(sample)
    return Influence(float(right.sum()) / len(right), (right + credit / 3)[resamples.rows])


def _probe(sample: Sample, resamples: Resamples) -> Influence:
    if sample.task == "regression":
        return r2_influence(sample, LEARNT, resamples)
    right = linear_probe_right(sample)
    return Influence(int(right.sum()) / len(right), np.where(right[resamples.rows], LEARNT, 0.0))


CLOSED: Mapping[str, Closed] = {
    "logme": lambda sample, metric, draws, seen: logme_influence(
        seen(), metric.variant or "jmlr", draws.pairs
    ),
    "h_score": lambda sample, metric, draws, seen: h_score_influence(seen(), metric(sample), draws.pairs),
    "regularized_h_score": lambda sample, metric, draws, seen: regularized_h_score_influence(
        seen(), draws.pairs
    ),
    "transrate": lambda sample, metric, draws, seen: transrate_influence(sample, metric, draws),
    "lfc": lambda sample, metric, draws, seen: lfc_influence(seen(), metric(sample)),
    "normalized_interclass_distance": lambda sample, metric, draws, seen: interclass_influence(sample, draws),
    "concept_variance": lambda sample, metric, draws, seen: concept_influence(sample, draws),
    "nleep": lambda sample, metric, draws, seen: nleep_influence(sample, metric, draws),
    "leep": lambda sample, metric, draws, seen: leep_influence(sample, draws),
    "nce": lambda sample, metric, draws, seen: nce_influence(sample, draws),
    "knn_accuracy": lambda sample, metric, draws, seen: _neighbours(sample, draws),
    "linear_probe": lambda sample, metric, draws, seen: _probe(sample, draws),
    "number_of_parameters": lambda sample, metric, draws, seen: Influence(
        metric(sample), np.zeros(len(draws.rows))
    ),
}
