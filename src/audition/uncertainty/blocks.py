"""The influence of blocks of rows on any measure: it is computed again without each."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from audition.errors import AuditionWarning
from audition.labels import MultiLabels
from audition.metrics.measure import Metric
from audition.metrics.subsample import rows_of
from audition.sample import Sample
from audition.uncertainty.influence import Influence, interaction_of
from audition.uncertainty.pairs import Index, Pairs
from audition.uncertainty.resamples import Resamples


def block_influence(sample: Sample, metric: Metric, score: float, resamples: Resamples) -> Influence:
    """K times what a score would lose without a block, shared by the block's rows.

    For K blocks, and for K/2 pairs of them, the score is computed again.
    """
    blocks = resamples.blocks
    assert blocks is not None
    number = int(blocks.max()) + 1

    def without(*gone: int) -> float:
        return metric(some_rows(sample, np.flatnonzero(~np.isin(blocks, gone))))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AuditionWarning)
        one = np.array([without(block) for block in range(number)])
        pairs = _pairs_of_blocks(number)
        two = [without(a, b) for a, b in zip(pairs.first, pairs.second, strict=True)]
    second = score - one[pairs.first] - one[pairs.second] + two
    lost = (score - one) * resamples.count * (number - 1) / number
    return Influence(score, (lost / np.bincount(blocks))[blocks], interaction_of(second, pairs, number))


def _pairs_of_blocks(number: int) -> Pairs:
    """The first block with the second, the third with the fourth ..."""
    first = np.arange(0, number - 1, 2)
    return Pairs(first, first + 1, np.zeros(len(first), dtype=bool), np.full(len(first), 1 / len(first)))


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
