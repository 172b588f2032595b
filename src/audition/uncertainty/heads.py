"""The influence of a row on LEEP and NCE: its log likelihood, and what it does to the table of classes."""

from __future__ import annotations

import numpy as np

from audition.arrays import Float64, float64_rows, take_rows
from audition.metrics.leep import class_sums, most_probable, nce_of_classes, need_labels, need_probabilities
from audition.sample import Sample, need_classes
from audition.uncertainty.influence import Influence
from audition.uncertainty.resamples import Resamples


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


def nce_influence(sample: Sample, resamples: Resamples) -> Influence:
    """Of NCE: ln P(y|z) of each row; what a row does to P(y|z) cancels."""
    source = most_probable(need_probabilities(sample))
    labels = need_classes(need_labels(sample), "nce")
    joint = np.zeros((len(labels.classes), len(source.classes)))
    np.add.at(joint, (labels.codes, source.codes), 1.0)
    y, z = labels.codes[resamples.rows], source.codes[resamples.rows]
    return Influence(nce_of_classes(source, labels), np.log(joint[y, z] / joint.sum(axis=0)[z]))
