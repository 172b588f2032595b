"""LogME's posterior means: what a linear model makes of a network's features, fitted on the training rows."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from audition.arrays import Float64, as_features, float64_rows
from audition.errors import InputError, ModelError
from audition.labels import ClassLabels, Labels, MultiLabels, Targets
from audition.metrics.logme import fit_evidence, modes_of, target_products
from audition.sample import Sample
from audition.statistics import Statistics
from audition.tuning.rows.some_rows import Rows, SomeRows


@dataclass(frozen=True, eq=False)
class Posterior:
    """The linear model that LogME fits to features of the training rows.

    name, layer: of what network. score: the log evidence per row, the mean over classes (columns of the targets).
    weights: posterior means float64 [K, D], without intercept; zeros for a class that no training row has.
    noise: the variance of the targets about them that the evidence found, its mean over classes.
    """

    name: str
    layer: str
    score: float
    weights: Float64
    noise: float

    def outputs(self, features: Any) -> Float64:
        """W φ(x) of features [N, D], float64 [N, K], block by block; raises InputError for another width."""
        matrix = as_features(features)
        width = self.weights.shape[1]
        if matrix.shape[1] != width:
            raise InputError(f"{self.name}: {matrix.shape[1]} columns where its posterior has {width}.")
        given = np.empty((matrix.shape[0], len(self.weights)))
        for rows, block in float64_rows(matrix, np.zeros(width)):
            given[rows] = block @ self.weights.T
        return given


def fit_posterior(
    features: Any,
    labels: Labels,
    rows: Rows,
    *,
    name: str = "the network",
    layer: str = "features",
    kept: Statistics | None = None,
) -> Posterior:
    """LogME's posterior (the fixed point of the JMLR paper) of features [N, D], of some rows alone.

    labels: of all N rows: classes (a 0/1 target each), several labels a row, or targets, which are put in
    units of their mean and spread over `rows`. rows: the training rows; no other is read.
    kept: the statistics of exactly these rows with these labels, where they are at hand: then no row is read.
    Cost: one pass and O(D³), or O(n² D) where the n rows are fewer than columns.

    Raises ModelError where all rows of the features are equal, and for an evidence that is not finite.

    >>> from audition.labels import as_labels
    >>> labels = as_labels(["a", "a", "b", "b"])
    >>> fitted = fit_posterior([[0.0, 1], [0, 2], [1, 0], [2, 0]], labels, np.arange(4))
    >>> fitted.outputs([[3.0, 0.0], [0.0, 5.0]]).argmax(axis=1).tolist()
    [1, 0]
    """
    trained = rows_of_labels(labels, rows)
    if kept is None:
        sample = Sample(SomeRows(as_features(features), np.sort(rows)), trained)
    else:
        sample = Sample(None, None, _in_units(kept))
    if _is_constant(sample):
        raise ModelError(
            f"{name}: its features (layer {layer!r}) are equal in all {len(rows)} training rows, so they say "
            "nothing of the labels: leave it out, or name another layer."
        )
    return _posterior(sample, trained, name, layer)


def _posterior(sample: Sample, labels: Labels, name: str, layer: str) -> Posterior:
    """Of a sample that holds the training rows, or their statistics."""
    rotated = sample.rotated
    statistics = rotated.statistics
    fit = fit_evidence(modes_of(statistics), "jmlr")
    score = float(fit.evidence.mean())
    if not np.isfinite(score):
        raise ModelError(
            f"{name}: the evidence of its features (layer {layer!r}) is {score}, which is no number to weigh it "
            "by: leave it out, or name another layer."
        )
    spectrum = statistics.gram_spectrum
    products = spectrum.vectors.T @ target_products(statistics)[0]
    along = products / (spectrum.values[:, None] + fit.ratio)
    if rotated is sample:
        found = spectrum.vectors @ along
    else:
        found = _unrotated(sample, rotated, spectrum.vectors @ (along / spectrum.values[:, None]))
    return Posterior(
        name, layer, score, _all_columns(found.T, statistics, labels), float((1 / fit.beta).mean())
    )


def _unrotated(sample: Sample, rotated: Sample, scaled: Float64) -> Float64:
    """Weights [D, K] of the features from those of the rows in their own span, which are R = F Q.

    An axis v of R with FᵀF's eigenvalue σ is Fᵀ R v / σ; `scaled` [r, K] sums such axes, each over its σ.
    """
    coordinates, _ = rotated.need_rows("LogME")
    held = (coordinates - rotated.zero) @ scaled
    features, _ = sample.need_rows("LogME")
    width = features.shape[1]
    total = np.zeros((width, scaled.shape[1]))
    for rows, block in float64_rows(features, np.zeros(width)):
        total += block.T @ held[rows]
    return total


def _all_columns(weights: Float64, statistics: Statistics, labels: Labels) -> Float64:
    """Weights [K, D] for every class, from those that occur in the statistics: the others' mean is zero."""
    if isinstance(labels, Targets):
        return weights
    known, every = _occurring(statistics), _names(labels)
    place = {each: i for i, each in enumerate(every)}
    complete = np.zeros((len(every), weights.shape[1]))
    complete[[place[each] for each in known]] = weights
    return complete


def _occurring(statistics: Statistics) -> tuple[Hashable, ...]:
    """The classes, or labels, that `target_products` has a column for."""
    if statistics.groups is not None:
        return statistics.groups.classes
    targets = statistics.need_targets()
    squares = np.diag(targets.scatter) + statistics.count * targets.mean**2
    return tuple(name for name, square in zip(targets.names or (), squares, strict=True) if square > 0)


def _names(labels: ClassLabels | MultiLabels) -> tuple[Hashable, ...]:
    return labels.classes if isinstance(labels, ClassLabels) else labels.names


def rows_of_labels(labels: Labels, rows: Rows) -> Labels:
    """The labels of some rows in their order; targets in units of their mean and spread over these rows."""
    index = np.sort(rows)
    if isinstance(labels, ClassLabels):
        return ClassLabels(labels.codes[index], labels.classes)
    if isinstance(labels, MultiLabels):
        return MultiLabels(labels.values[index], labels.names)
    taken = labels.values[index]
    return Targets((taken - taken.mean(axis=0)) / spread_of(taken.std(axis=0)))


def spread_of(deviation: Float64) -> Float64:
    """What targets are divided by, [K]: their standard deviation, or 1 where it is nothing."""
    return np.where(deviation > 0, deviation, 1.0)


def _in_units(statistics: Statistics) -> Statistics:
    """Statistics of targets in units of their mean and spread; those of labels as they are."""
    targets = statistics.targets
    if targets is None or targets.names is not None:
        return statistics
    spread = spread_of(np.sqrt(np.diag(targets.scatter) / statistics.count))
    plain = replace(
        targets,
        mean=np.zeros_like(targets.mean),
        scatter=targets.scatter / np.outer(spread, spread),
        cross=targets.cross / spread,
    )
    return Statistics(statistics.moments, statistics.groups, plain)


def _is_constant(sample: Sample) -> bool:
    if sample.features is None:
        return not sample.statistics.scatter.any()
    first = sample.features[:1]
    return all(
        bool((block == first).all()) for _, block in float64_rows(sample.features, np.zeros(first.size))
    )
