"""What one block of rows adds to statistics: its moments, and those of its classes or targets."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from audition.arrays import Float64
from audition.labels import ClassLabels, MultiLabels, Targets
from audition.statistics.groups import ClassMoments, TargetMoments
from audition.statistics.moments import Moments

Product = Callable[[Float64, Float64], Float64]
"""aᵀ b of two matrices of as many rows."""


def moments_of(block: Float64) -> Moments:
    """Of a block [n, D], which is centred in place.

    All linear algebra here is numpy's, which lets other threads go on meanwhile; scipy's does not.
    """
    mean = centre(block)
    norms = np.einsum("ij,ij->i", block, block)
    return Moments(len(block), mean, product(block, block), norms @ block, float(norms @ norms))


def product(a: Float64, b: Float64) -> Float64:
    """aᵀ b; one triangle of it is computed, and copied, where b is a."""
    found: Float64 = np.matmul(a.T, b)
    return found


def centre(block: Float64) -> Float64:
    """The mean [D] of a block [n, D], which is taken from it in place."""
    mean: Float64 = block.mean(axis=0)
    block -= mean
    return mean


def class_moments(centred: Float64, mean: Float64, labels: ClassLabels) -> ClassMoments:
    """Of a block [n, D] centred by its mean [D]. Only classes that occur in it are kept."""
    order = np.argsort(labels.codes, kind="stable")
    occurring, starts = np.unique(labels.codes[order], return_index=True)
    counts = np.diff(starts, append=len(order)).astype(np.int64)
    means = np.empty((len(occurring), centred.shape[1]))
    squares = np.empty_like(means)
    # Class by class: the rows of one are gathered once and are in the processor's cache from then on.
    gathered = np.empty((counts.max(), centred.shape[1]))
    for i, index in enumerate(np.split(order, starts[1:])):
        rows = np.take(centred, index, axis=0, out=gathered[: counts[i]], mode="clip")
        np.add.reduce(rows, axis=0, out=means[i])
        means[i] /= counts[i]
        rows -= means[i]
        np.multiply(rows, rows, out=rows)
        np.add.reduce(rows, axis=0, out=squares[i])
    return ClassMoments(tuple(labels.classes[i] for i in occurring), counts, means + mean, squares)


def target_moments(centred: Float64, labels: MultiLabels | Targets, product: Product) -> TargetMoments:
    """Of a block of features centred by its mean, and its targets [n, K]."""
    mean = labels.values.mean(axis=0)
    spread = labels.values - mean
    names = labels.names if isinstance(labels, MultiLabels) else None
    return TargetMoments(mean, product(spread, spread), product(centred, spread), names)
