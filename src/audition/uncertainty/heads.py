"""The influence of a row on LEEP and NCE: its log likelihood, and what it does to the table of classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from audition.arrays import Float64, float64_rows, take_rows
from audition.labels import ClassLabels, as_bins
from audition.metrics.leep import class_sums, most_probable, nce_of_classes, need_labels, need_probabilities
from audition.metrics.measure import Metric
from audition.metrics.nleep import COVARIANCES, _number, _posteriors, _reduced
from audition.metrics.subsample import own_order
from audition.sample import Sample, need_classes
from audition.uncertainty.influence import Influence
from audition.uncertainty.pairs import Index
from audition.uncertainty.resamples import Resamples

BINS, VARIANCE, PER_CLASS = 10, 0.8, 5  # as NLEEP has them
ONE_MORE = 0.5  # rows of no known class in each cluster, so that nothing is impossible


def leep_influence(sample: Sample, resamples: Resamples) -> Influence:
    """Of LEEP: the derivative by the weight of each row, through its own likelihood and through P(y|z)."""
    probabilities = need_probabilities(sample)
    labels = need_classes(need_labels(sample), "leep")
    zero = np.zeros(probabilities.shape[1])
    joint: Float64 = np.zeros((len(labels.classes), len(zero)))
    for rows, block in float64_rows(probabilities, zero):
        joint += class_sums(labels[rows], block)
    totals = joint.sum(axis=0)
    safe = np.where(totals > 0, totals, 1.0)
    conditional = joint / safe
    pull, logarithms = np.zeros_like(joint), np.empty(len(labels))
    for rows, block in float64_rows(probabilities, zero):
        likelihood = np.einsum("ij,ij->i", block, conditional[labels.codes[rows]])
        with np.errstate(divide="ignore"):
            logarithms[rows] = np.log(likelihood)
        pull += class_sums(labels[rows], block, 1 / np.where(likelihood > 0, likelihood, np.inf))
    slope = (pull - (pull * conditional).sum(axis=0)) / safe
    own, codes = take_rows(probabilities, resamples.rows, zero), labels.codes[resamples.rows]
    through = np.einsum("ij,ij->i", own, slope[codes])
    return Influence(float(logarithms.sum()) / len(labels), logarithms[resamples.rows] + through)


def nleep_influence(sample: Sample, metric: Metric, resamples: Resamples) -> Influence:
    """Of NLEEP: that of LEEP on the clusters as they are.

    The clusters follow the rows, so that slopes by weights are too small, and likelihoods without the row
    too large: the half way between is taken.
    """
    matrix, given = sample.need_rows("nleep")
    labels = need_classes(as_bins(given, BINS), "nleep")
    order = own_order(matrix, labels)
    covariance: Any = metric.variant if metric.variant in COVARIANCES else "full"
    number = _number(labels, PER_CLASS)
    posteriors = _posteriors(_reduced(sample, VARIANCE)[order], number, covariance, 0)
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    clustered = replace(sample, source_probabilities=posteriors[back], labels=labels)
    found = leep_influence(clustered, resamples)
    return replace(found, rows=found.rows + _without_itself(clustered, labels, resamples.rows) / 2)


def _without_itself(sample: Sample, labels: ClassLabels, some: Index) -> Float64:
    """How much less likely the label of each of some rows [n] is where P(y|z) is made without the row."""
    probabilities, own = need_probabilities(sample), labels.codes[some]
    zero = np.zeros(probabilities.shape[1])
    joint: Float64 = np.zeros((len(labels.classes), len(zero)))
    for rows, block in float64_rows(probabilities, zero):
        joint += class_sums(labels[rows], block)
    p, totals = take_rows(probabilities, some, zero), joint.sum(axis=0)
    rest = (joint[own] - p + ONE_MORE / len(joint)) / (totals - p + ONE_MORE)
    known = joint[own] / np.where(totals > 0, totals, 1.0)
    return np.asarray(np.log((p * rest).sum(axis=1) / (p * known).sum(axis=1)))


def nce_influence(sample: Sample, resamples: Resamples) -> Influence:
    """Of NCE: ln P(y|z) of each row; what a row does to P(y|z) cancels."""
    source = most_probable(need_probabilities(sample))
    labels = need_classes(need_labels(sample), "nce")
    joint = np.zeros((len(labels.classes), len(source.classes)))
    np.add.at(joint, (labels.codes, source.codes), 1.0)
    y, z = labels.codes[resamples.rows], source.codes[resamples.rows]
    return Influence(nce_of_classes(source, labels), np.log(joint[y, z] / joint.sum(axis=0)[z]))
