"""The influence of a row on TransRate: how much of it the others of its cluster do not tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64, float64_rows
from audition.labels import ClassLabels, Labels, MultiLabels, as_bins
from audition.metrics.coding_rate import Cluster, Rows, clusters_of
from audition.metrics.measure import Metric
from audition.sample import Sample
from audition.uncertainty.coding import Coded, coded, coded_cluster
from audition.uncertainty.influence import Influence, interaction_of
from audition.uncertainty.pairs import Index
from audition.uncertainty.resamples import Resamples

DISTORTION, BINS = 1e-4, 10  # as TransRate has them


@dataclass(frozen=True, eq=False)
class _Part:
    """A cluster: which of the rows that are looked at lie in it, and what of their rates is known.

    rows: their places among those that are looked at [n]. shares: of each [n]. weight: of its rate in TransRate.
    """

    code: Coded
    rows: Index
    shares: Float64
    mass: float
    weight: float


def transrate_influence(sample: Sample, metric: Metric, resamples: Resamples) -> Influence:
    """Of TransRate. What a row's leverage does to each rate is exact, and what it does to the mean has its slope.

    "normalized" takes the lengths and the mean of the unit rows as they are.
    """
    variant = metric.variant or "paper"
    _, labels = sample.rotated.need_rows("transrate")
    classes, n = as_bins(labels, BINS), len(labels)
    rows, gram, taken, flat = _whole(sample, variant)
    floor = DISTORTION * (float(np.trace(gram)) / n if variant == "normalized" else 1.0)
    everything = Cluster(np.arange(n))
    whole = coded(rows, everything, gram, resamples.rows, n * floor, taken=taken, pull=False)
    whole = whole.centred(flat[resamples.rows])
    clusters = list(clusters_of(classes if isinstance(classes, MultiLabels) else _as_classes(classes)))
    masses = np.array([cluster.mass for cluster in clusters])
    weights = np.full(len(masses), 1 / len(masses)) if variant == "appendix" else masses / masses.sum()
    vary = isinstance(classes, MultiLabels) or sample.groups is not None
    parts = [
        _part(rows, cluster, float(weight), resamples.rows, floor, vary)
        for cluster, weight in zip(clusters, weights, strict=True)
    ]
    rate = whole.rate - float(weights @ [part.code.rate for part in parts])
    score, unit = rate, 1.0
    if variant == "normalized" or np.isnan(rate):
        score = metric(sample)
        unit = score / rate if variant == "normalized" and rate else 1.0
    owed = _owed(whole, parts, _pulled(rows, parts, resamples.rows), n, variant)
    if labels is not classes:  # bins keep their sizes, whatever the rows
        owed -= _bin_means(owed, classes, resamples.rows)
    second = unit * _together(whole, parts, resamples)
    return Influence(score, unit * owed, interaction_of(second, resamples.pairs, n))


def _as_classes(labels: Labels) -> ClassLabels:
    from audition.sample import need_classes

    return need_classes(labels, "transrate")


def _unit(rows: Float64) -> Float64:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0))


def _whole(sample: Sample, variant: str) -> tuple[Rows, Float64, Float64 | None, Float64]:
    """The rows as the variant has them, the Gram matrix of all, they themselves where it is of rows by rows,
    and the unit vector [N] by which they sum to 0."""
    matrix, labels = sample.rotated.need_rows("transrate")
    if variant != "normalized":
        mean, scatter = sample.rotated.mean_and_scatter()
        return Rows(matrix, mean), scatter, None, np.full(len(labels), len(labels) ** -0.5)
    n, zero = matrix.shape[0], sample.rotated.zero
    mean = sum(_unit(block).sum(axis=0) for _, block in float64_rows(matrix, zero)) / n
    rows = Rows(matrix, zero, lambda block: _unit(_unit(block) - mean))
    lengths = [np.linalg.norm(_unit(block) - mean, axis=1) for _, block in float64_rows(matrix, zero)]
    flat = np.concatenate(lengths)
    everything = Cluster(np.arange(n))
    gram, taken = rows.gram(everything), rows.take(everything) if n <= matrix.shape[1] else None
    return rows, gram, taken, flat / max(float(np.linalg.norm(flat)), 1e-300)


def _part(rows: Rows, cluster: Cluster, weight: float, looked: Index, floor: float, trace: bool) -> _Part:
    some = np.flatnonzero(np.isin(cluster.index, looked))
    code = coded_cluster(rows, cluster, some, cluster.mass * floor, trace=trace)
    shares = np.ones(len(some)) if cluster.shares is None else cluster.shares[some]
    return _Part(code, np.searchsorted(looked, cluster.index[some]), shares, cluster.mass, weight)


def _pulled(rows: Rows, parts: Sequence[_Part], looked: Index) -> Float64:
    """What the rates of the clusters lose by the mean, which each row moves [n]."""
    pull = np.sum([part.weight * part.code.pull for part in parts], axis=0)
    return np.asarray(rows.take(Cluster(looked)) @ pull)


def _owed(whole: Coded, parts: Sequence[_Part], pulled: Float64, n: int, variant: str) -> Float64:
    owed = n * whole.lost + pulled
    for part in parts:
        own = 0.0 if variant == "appendix" else part.shares  # what the weight of the cluster loses
        lost = part.code.lost - part.shares * part.code.explained / (2 * part.mass)
        owed[part.rows] -= (n * part.weight - own) * lost
        if part.code.explained:
            owed[part.rows] -= own * part.code.rate
    return np.asarray(owed)


def _bin_means(owed: Float64, bins: Labels, looked: Index) -> Float64:
    if not isinstance(bins, ClassLabels):
        return np.zeros(len(owed))
    codes = bins.codes[looked]
    means = np.bincount(codes, owed) / np.maximum(np.bincount(codes), 1)
    return np.asarray(means[codes])


def _together(whole: Coded, parts: Sequence[_Part], resamples: Resamples) -> Float64:
    """The second differences of TransRate for the pairs."""
    first, second = resamples.pairs.first, resamples.pairs.second
    found = whole.together(first, second)
    place = np.empty(len(resamples.rows), dtype=np.intp)
    for part in parts:
        place[:] = -1
        place[part.rows] = np.arange(len(part.rows))
        both = np.flatnonzero((place[first] >= 0) & (place[second] >= 0))
        found[both] -= part.weight * part.code.together(place[first[both]], place[second[both]])
    return found
