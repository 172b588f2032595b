"""Several measures of one sample, each as every resample of the rows would have it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError
from audition.metrics.measure import Metric, Pool
from audition.sample import Sample
from audition.scoring import check_suits, numbers_of, share
from audition.uncertainty.blocks import replicates_by_blocks
from audition.uncertainty.closed import closed_influence, has_closed_form
from audition.uncertainty.deal import BLOCKS
from audition.uncertainty.influence import Influence, overcount, replicates_of
from audition.uncertainty.observed import Observed, observed
from audition.uncertainty.resamples import NUMBER, Resamples, make_resamples


@dataclass(frozen=True, eq=False)
class Resampled:
    """A score, and what it would be for each resample [R], the same ones for every candidate.

    score: NaN of a measure that exists among candidates only.
    replicates: None where there is no interval; `reason` says why. degrees: of freedom, which the spread
    of the replicates rests on.
    coarse: the same by blocks of rows, as measures have it that must be computed again; those are coarse
    themselves and have None. parts: of a measure of candidates, what each resample takes from this one [R, P].
    """

    score: float
    replicates: Float64 | None
    degrees: int = 0
    reason: str = ""
    coarse: Resampled | None = None
    parts: Float64 | None = None


def resamples_for(
    sample: Sample, *, number: int = NUMBER, seed: int = 0, recompute: bool = True
) -> Resamples:
    """Resamples that suit a sample of rows; every candidate takes these same ones.

    recompute: whether a measure without a closed form may be computed 18 times more; False leaves it
    without an interval.
    """
    _, labels = sample.need_rows("An interval")
    blocks = BLOCKS if recompute else 0
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
    return {str(metric): resampled(sample, metric, resamples, seen)[1] for metric in metrics}


def resampled(
    sample: Sample, metric: Metric, resamples: Resamples, seen: Callable[[], Observed]
) -> tuple[tuple[float, ...], Resampled]:
    """The numbers of one metric as `numbers_of` has them, and the score with its replicates.

    seen: gives the rows that the resamples look at, when they are needed. Raises what scoring alone would.
    """
    if has_closed_form(metric):
        check_suits(metric, sample)
        try:
            found = resampled_of(closed_influence(sample, metric, resamples, seen), resamples)
        except (InputError, MemoryError, np.linalg.LinAlgError) as error:
            found = Resampled(metric(sample), None, 0, str(error) or "not enough memory")
        return (found.score,), found
    numbers = numbers_of(sample, metric)
    return numbers, _by_blocks(sample, metric, numbers, resamples)


def resampled_of(influence: Influence, resamples: Resamples) -> Resampled:
    """The replicates of an influence; none where it is not finite."""
    score = influence.score
    if not np.isfinite(score) or not np.isfinite(influence.rows).all():
        return Resampled(score, None, 0, "the score, or what a row does to it, is not finite.")
    coarse = None
    if (blocks := resamples.blocks) is not None:
        owed = resamples.of_blocks(influence.rows) / np.sqrt(1 + overcount(influence, resamples))
        coarse = Resampled(score, score + blocks.deviations(owed), blocks.degrees)
    return Resampled(score, replicates_of(influence, resamples), resamples.degrees, coarse=coarse)


def _by_blocks(sample: Sample, metric: Metric, numbers: tuple[float, ...], resamples: Resamples) -> Resampled:
    """Of a measure that is computed again without some of the rows."""
    pool = metric.measure.pool is not None
    score, blocks = float("nan") if pool else numbers[0], resamples.blocks
    if blocks is None:
        return Resampled(score, None, 0, f"{metric} would have to be computed again without some rows.")
    if not np.isfinite(numbers).all():
        return Resampled(score, None, 0, "the score is not finite.")
    try:
        drawn = replicates_by_blocks(sample, lambda some: numbers_of(some, metric), numbers, blocks)
    except (InputError, MemoryError, np.linalg.LinAlgError) as error:
        return Resampled(score, None, 0, f"without some of the rows: {error}")
    if not np.isfinite(drawn).all():
        return Resampled(score, None, 0, "without some of the rows the score is not finite.")
    if pool:
        return Resampled(score, None, blocks.degrees, f"{metric} exists among candidates only.", parts=drawn)
    return Resampled(score, drawn[:, 0], blocks.degrees)


def resampled_among(
    pool: Pool, parts: Sequence[tuple[float, ...]], each: Sequence[Resampled]
) -> list[Resampled]:
    """The scores of a measure of candidates with their replicates, from what each candidate gave.

    Without replicates for all where one has none: each score depends on all candidates.
    """
    scores = pool.combine(np.array(parts))
    drawn = [one.parts for one in each]
    if any(one is None for one in drawn):
        reason = next(one.reason for one in each if one.parts is None)
        return [Resampled(float(score), None, 0, reason) for score in scores]
    tables = np.stack([one for one in drawn if one is not None], axis=1)
    replicates = np.array([pool.combine(table) for table in tables])
    degrees = min(one.degrees for one in each)
    return [Resampled(float(score), replicates[:, i], degrees) for i, score in enumerate(scores)]
