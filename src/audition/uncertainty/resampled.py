"""Several measures of one sample, each as every resample of the rows would have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError
from audition.metrics.measure import Metric
from audition.sample import Sample
from audition.scoring import check_suits, share
from audition.uncertainty.blocks import block_influence
from audition.uncertainty.closed import closed_influence, has_closed_form
from audition.uncertainty.influence import Influence, replicates_of
from audition.uncertainty.observed import Observed, observed
from audition.uncertainty.resamples import BLOCKS, NUMBER, Resamples, make_resamples


@dataclass(frozen=True, eq=False)
class Resampled:
    """A score, and what it would be for each resample [R], the same ones for every candidate.

    score: NaN of a measure that exists among candidates only.
    replicates: None where there is no interval; `reason` says why. degrees: of freedom, which the spread
    of the replicates rests on.
    """

    score: float
    replicates: Float64 | None
    degrees: int = 0
    reason: str = ""


def resamples_for(
    sample: Sample,
    metrics: Sequence[Metric],
    *,
    number: int = NUMBER,
    seed: int = 0,
    recompute: bool = True,
) -> Resamples:
    """Resamples that suit a sample of rows and the metrics; every candidate takes these same ones.

    recompute: where one of the metrics has no closed form, blocks of rows are drawn for all of them, so that
    what they say together belongs together; such a metric is then computed 20 times. False draws rows, and
    leaves that metric without an interval.
    """
    _, labels = sample.need_rows("An interval")
    costly = [m for m in metrics if m.measure.pool is None and not has_closed_form(m, sample.task)]
    blocks = BLOCKS if costly and recompute else None
    return make_resamples(labels, sample.groups, number=number, seed=seed, blocks=blocks)


def score_resampled(
    sample: Sample, metrics: Sequence[Metric], resamples: Resamples, kept: Observed | None = None
) -> dict[str, Resampled]:
    """The scores of a sample by metric, with their replicates; raises what scoring alone would raise.

    kept: the rows to look at where the sample is of statistics alone. Where a metric has no replicates,
    it says why.
    """
    share(sample, metrics)
    seen = cache(partial(observed, sample, resamples)) if kept is None else lambda: kept
    return {str(metric): resampled(sample, metric, resamples, seen) for metric in metrics}


def resampled(
    sample: Sample, metric: Metric, resamples: Resamples, seen: Callable[[], Observed]
) -> Resampled:
    """One score of a sample with its replicates; raises what scoring alone would raise.

    seen: gives the rows that the resamples look at, when they are needed.
    """
    check_suits(metric, sample)
    if metric.measure.pool is not None:
        return Resampled(float("nan"), None, 0, f"{metric} exists among candidates only.")
    try:
        influence = _influence(sample, metric, resamples, seen)
    except (InputError, MemoryError, np.linalg.LinAlgError) as error:
        return Resampled(metric(sample), None, 0, str(error) or "not enough memory")
    return resampled_of(influence, resamples)


def resampled_of(influence: Influence, resamples: Resamples) -> Resampled:
    """The replicates of an influence; none where it is not finite."""
    if not np.isfinite(influence.score) or not np.isfinite(influence.rows).all():
        return Resampled(influence.score, None, 0, "the score, or what a row does to it, is not finite.")
    return Resampled(influence.score, replicates_of(influence, resamples), resamples.degrees)


def _influence(
    sample: Sample, metric: Metric, resamples: Resamples, seen: Callable[[], Observed]
) -> Influence:
    if has_closed_form(metric, sample.task):
        return closed_influence(sample, metric, resamples, seen)
    if resamples.blocks is None:
        raise InputError(
            f"{metric} has no interval from rows: draw blocks, make_resamples(..., blocks={BLOCKS})."
        )
    return block_influence(sample, metric, metric(sample), resamples)
