"""The influence of a row on measures of the distances between all pairs of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64, Matrix, first_row, float64_rows, take_rows
from audition.metrics.occam import _between, _closeness, _distances, _ranges
from audition.sample import Sample, need_classes
from audition.uncertainty.influence import Influence
from audition.uncertainty.resamples import Resamples

LEAST = 1e-300  # of the weight of all the neighbours of a row


def interclass_influence(sample: Sample, resamples: Resamples) -> Influence:
    """Of the normalised distance between classes, exact: how far a row is from those of other classes."""
    matrix, labels = sample.rotated.need_rows("normalized_interclass_distance")
    classes = need_classes(labels, "normalized_interclass_distance")
    weights = 1 / classes.counts[classes.codes]
    away = np.zeros(len(weights))
    for rows, others, distance in _distances(matrix):
        distance[classes.codes[rows][:, None] == classes.codes[others]] = 0.0
        away[rows] += distance @ weights[others]
        if rows.start != others.start:
            away[others] += weights[rows] @ distance
    number = len(classes.classes)
    away /= number * (number - 1)
    some = resamples.rows
    rest = np.maximum(classes.counts[classes.codes[some]] - 1, 1)
    return Influence(float(weights @ away), 2 * len(weights) * away[some] / rest)


def concept_influence(sample: Sample, resamples: Resamples) -> Influence:
    """Of concept variance: a row's own neighbours, and what it is to others as their neighbour.

    The ranges of the columns are taken as they are.
    """
    matrix, labels = sample.need_rows("concept_variance")
    codes = need_classes(labels, "concept_variance").codes
    scale, some = _ranges(matrix), resamples.rows
    shares, total = _shares(matrix, codes, scale)
    owed = shares[some]
    first = first_row(matrix)
    looked = take_rows(matrix, some, first) / scale
    for rows, block in float64_rows(matrix, first):
        weight = _closeness(_between(looked, block / scale), float(np.sqrt(matrix.shape[1])))
        weight[np.arange(rows.start, rows.stop) == some[:, None]] = 0.0
        other = codes[some][:, None] != codes[rows]
        owed += (weight * (other - shares[rows]) / np.maximum(total[rows] - weight, LEAST)).sum(axis=1)
    return Influence(-float(np.mean(shares)), -owed)


def _shares(matrix: Matrix, codes: NDArray[np.intp], scale: Float64) -> tuple[Float64, Float64]:
    """The share of each row's neighbours that have another label, and the weight of them all; [N] each."""
    number, largest = len(codes), float(np.sqrt(matrix.shape[1]))
    differing, total = np.zeros(number), np.zeros(number)
    for rows, others, distance in _distances(matrix, scale):
        weight = _closeness(distance, largest)
        same = codes[rows][:, None] == codes[others]
        if rows.start == others.start:
            np.fill_diagonal(weight, 0.0)
        for here, block, equal in ((rows, weight, same), (others, weight.T, same.T)):
            total[here] += block.sum(axis=1)
            differing[here] += np.where(equal, 0.0, block).sum(axis=1)
            if rows.start == others.start:
                break
    alone = total == 0  # as far as can be from every other: all of them are neighbours of equal weight
    differing[alone], total[alone] = number - np.bincount(codes)[codes[alone]], number - 1
    return differing / total, total
