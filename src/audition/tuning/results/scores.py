"""How well predictions agree with what is true, for many resamples of the rows at once.

Each function takes weights [B, N], how often each of N rows is in each of B resamples, and gives values [B];
one row of ones gives the score itself. A value that a resample does not define is NaN.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Array, Float64

BINS = 15
ROUNDING = 1e-12  # of the squares: a smaller spread is none
LEAST = np.finfo(np.float64).tiny

Index = NDArray[np.intp]
Weighted = Callable[[Float64], Float64]


def mean_of(values: Float64, weights: Float64) -> Float64:
    """The mean of a value [N] over the rows of each resample."""
    return np.asarray(weights @ values / weights.sum(1))


def accuracy(probabilities: Float64, codes: Index, weights: Float64) -> Float64:
    """The share of rows whose likeliest class is the true one."""
    return mean_of((probabilities.argmax(1) == codes).astype(np.float64), weights)


def balanced_accuracy(probabilities: Float64, codes: Index, weights: Float64) -> Float64:
    """The mean over true classes of the share of their rows that are found."""
    right, true, _ = _counts(probabilities, codes, weights)
    return _mean_where(right, true, true > 0)


def macro_f1(probabilities: Float64, codes: Index, weights: Float64) -> Float64:
    """The mean of F1 over the classes that are true or predicted of any row."""
    right, true, predicted = _counts(probabilities, codes, weights)
    return _mean_where(2 * right, true + predicted, true + predicted > 0)


def log_loss(probabilities: Float64, codes: Index, weights: Float64) -> Float64:
    """The mean of minus the logarithm of the true class's probability."""
    given = probabilities[np.arange(len(codes)), codes]
    return mean_of(-np.log(np.maximum(given, LEAST)), weights)


def calibration_error(probabilities: Float64, codes: Index, weights: Float64) -> Float64:
    """The mean distance of confidence and accuracy over 15 bins of equal width (Guo et al., 2017)."""
    confidence = probabilities.max(1)
    excess = confidence - (probabilities.argmax(1) == codes)
    places = np.minimum((np.ceil(confidence * BINS) - 1).astype(np.intp).clip(0), BINS - 1)
    by_bin = weights @ (one_hot(places, BINS) * excess[:, None])
    return np.asarray(np.abs(by_bin).sum(1) / weights.sum(1))


def r_squared(predicted: Float64, targets: Float64, weights: Float64) -> Float64:
    """1 less the squared error over the spread of the targets; the mean over several targets [N, K]."""
    total = weights.sum(1, keepdims=True)
    shifted = targets - targets.mean(0)
    squares = weights @ shifted**2
    spread = squares - (weights @ shifted) ** 2 / total
    error = weights @ (predicted - targets) ** 2
    return _mean_where(spread - error, spread, spread > squares * ROUNDING)


def absolute_error(predicted: Float64, targets: Float64, weights: Float64) -> Float64:
    """The mean absolute error, over several targets too."""
    return mean_of(np.abs(predicted - targets).mean(1), weights)


def root_error(predicted: Float64, targets: Float64, weights: Float64) -> Float64:
    """The root of the mean squared error; the mean over several targets."""
    return np.asarray(np.sqrt(weights @ (predicted - targets) ** 2 / weights.sum(1, keepdims=True)).mean(1))


def roc_auc(values: Float64, truth: Array, weights: Float64) -> Float64:
    """The share of pairs of a row with the label and one without that values [N] put in order."""
    have, without = _by_threshold(values, truth, weights)
    above = np.cumsum(have, 1) - have / 2  # of equal values, half
    pairs = have.sum(1) * without.sum(1)
    return _ratio((above * without).sum(1), pairs)


def average_precision(values: Float64, truth: Array, weights: Float64) -> Float64:
    """The mean precision over the rows with the label, from the highest value [N] down."""
    have, without = _by_threshold(values, truth, weights)
    found = np.cumsum(have, 1)
    seen = found + np.cumsum(without, 1)
    precision = np.divide(found, seen, out=np.zeros_like(found), where=seen > 0)
    return _ratio((precision * have).sum(1), have.sum(1))


def over_labels(
    one: Callable[[Float64, Array, Float64], Float64], values: Float64, truth: Array, weights: Float64
) -> Float64:
    """The mean of a score over the labels [N, K] that define it."""
    each = np.stack([one(values[:, k], truth[:, k], weights) for k in range(truth.shape[1])], axis=1)
    defined = ~np.isnan(each)
    return _mean_where(np.where(defined, each, 0.0), np.ones_like(each), defined)


def one_hot(codes: Index, number: int) -> Float64:
    """Codes [N] as rows of 0 and 1, [N, number]."""
    return np.asarray(np.eye(number)[codes])


def _counts(probabilities: Float64, codes: Index, weights: Float64) -> tuple[Float64, Float64, Float64]:
    """Rows of each class that are found, that are there, and that are predicted; [B, C] each."""
    number = probabilities.shape[1]
    true, predicted = one_hot(codes, number), one_hot(probabilities.argmax(1), number)
    return weights @ (true * predicted), weights @ true, weights @ predicted


def _by_threshold(values: Float64, truth: Array, weights: Float64) -> tuple[Float64, Float64]:
    """Weights with and without the label at each distinct value, the highest first; [B, U] each."""
    levels, places = np.unique(-values, return_inverse=True)
    order = np.argsort(places, kind="stable")
    starts = np.searchsorted(places[order], np.arange(len(levels)))
    has = truth[order] > 0
    sorted_weights = weights[:, order]
    have = np.add.reduceat(sorted_weights * has, starts, axis=1)
    return have, np.add.reduceat(sorted_weights * ~has, starts, axis=1)


def _ratio(above: Float64, below: Float64) -> Float64:
    return np.asarray(np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0))


def _mean_where(above: Float64, below: Float64, defined: NDArray[np.bool_]) -> Float64:
    """The mean over the columns that are defined of above / below; NaN where none is."""
    shares = np.divide(above, below, out=np.zeros_like(below), where=defined)
    return _ratio(shares.sum(1), defined.sum(1).astype(np.float64))
