"""Replicates of any measure, by blocks of rows: it is computed again without each."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from audition.arrays import Float64
from audition.errors import AuditionWarning
from audition.labels import MultiLabels
from audition.metrics.subsample import rows_of
from audition.sample import Sample
from audition.uncertainty.deal import Blocks
from audition.uncertainty.pairs import Index

MOST = 0.5  # of what two blocks do together is taken off: six pairs know little of it

Compute = Callable[[Sample], tuple[float, ...]]


def replicates_by_blocks(
    sample: Sample, compute: Compute, scores: tuple[float, ...], blocks: Blocks
) -> Float64:
    """The P numbers of a measure as each resample of the blocks would have them [R, P].

    They are computed again without each of the K blocks, and without K/2 pairs of them: what two blocks
    do together is taken off as in `replicates_of`, up to a third. Raises what computing them raises.
    """
    number, whole = blocks.number, np.array(scores)

    def without(*gone: int) -> Float64:
        return np.array(compute(some_rows(sample, np.flatnonzero(~np.isin(blocks.of_rows, gone)))))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AuditionWarning)
        one = np.array([without(block) for block in range(number)])
        pairs = np.arange(number // 2 * 2).reshape(-1, 2)
        two = np.array([without(*pair) for pair in pairs])
    owed = (whole - one) * (number - 1) / number
    second = whole - one[pairs].sum(axis=1) + two
    return np.asarray(whole + blocks.deviations(owed) / np.sqrt(1 + _overcount(owed, second, blocks)))


def _overcount(owed: Float64, second: Float64, blocks: Blocks) -> Float64:
    """What the jackknife's variance has too much, as a share of the true one, of each number [P]."""
    interaction = second.var(axis=0) * blocks.number * (blocks.number - 1) / 2
    jackknife = blocks.variance(owed)
    return np.asarray(np.minimum(interaction / np.where(jackknife > 0, jackknife, np.inf), MOST))


def some_rows(sample: Sample, kept: Index) -> Sample:
    """The sample of some of the rows."""
    matrix, labels = sample.need_rows("An interval")
    rest = (
        MultiLabels(labels.values[kept], labels.names)
        if isinstance(labels, MultiLabels)
        else rows_of(labels, kept)
    )
    groups, probabilities = sample.groups, sample.source_probabilities
    return replace(
        sample,
        features=matrix[kept],
        labels=rest,
        groups=None if groups is None else np.unique(groups[kept], return_inverse=True)[1].astype(np.intp),
        source_probabilities=None if probabilities is None else probabilities[kept],
    )
