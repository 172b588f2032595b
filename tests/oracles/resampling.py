"""Scores of weighted rows, from their definitions, and what leaving rows out does to any score."""

from __future__ import annotations

import numpy as np


def log_evidence(features, target, alpha, beta):
    """Of one target: its log density under N(0, I/beta + F Fᵀ/alpha)."""
    covariance = np.eye(len(features)) / beta + features @ features.T / alpha
    _, log_det = np.linalg.slogdet(2 * np.pi * covariance)
    return -(log_det + target @ np.linalg.solve(covariance, target)) / 2


def leep(probabilities, labels, weights):
    joint = {c: weights[labels == c] @ probabilities[labels == c] for c in set(labels.tolist())}
    total = weights @ probabilities
    likelihood = np.array(
        [
            sum(p * joint[c][z] / total[z] for z, p in enumerate(row) if p > 0)
            for row, c in zip(probabilities, labels.tolist())
        ]
    )
    return weights @ np.log(likelihood) / weights.sum()


def nce(probabilities, labels, weights):
    z = probabilities.argmax(axis=1)
    of = [weights[(labels == y) & (z == s)].sum() / weights[z == s].sum() for y, s in zip(labels, z)]
    return weights @ np.log(of) / weights.sum()


def slopes(score, number, step=1e-5):
    """The derivative of a score of weights [N] by each of them, where all are 1."""
    ones, steps = np.ones(number), step * np.eye(number)
    return np.array([(score(ones + one) - score(ones - one)) / (2 * step) for one in steps])


def without_each(score, number):
    """A score of row numbers, without each of them in turn."""
    rows = np.arange(number)
    return np.array([score(np.delete(rows, i)) for i in rows])


def second_differences(score, number, first, second):
    rows = np.arange(number)
    whole, one = score(rows), without_each(score, number)
    return np.array([whole - one[i] - one[j] + score(np.delete(rows, [i, j])) for i, j in zip(first, second)])


def stratified_variance(values, strata):
    """Of the mean of values [N], drawn within strata."""
    variance = 0.0
    for stratum in set(strata.tolist()):
        own = values[strata == stratum]
        variance += len(own) * own.var(ddof=1)
    return variance / len(values) ** 2
