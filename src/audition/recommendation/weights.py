"""How much each measure counts: weights that are not negative, learned from lessons, and how far to trust them.

The point is non-negative least squares with a half-normal prior. The posterior is a Bayesian bootstrap over
lessons (each counts as a draw of a Dirichlet distribution says), so it knows that eight targets are eight, not
eighty models. How well scores tell accuracies is measured on each lesson with weights from all the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64
from audition.recommendation.lessons import Lesson, joined

SCALE = 0.5  # of the half-normal prior of a weight
DRAWS = 200
MOST = 0.95  # of the variance that scores may be said to explain


@dataclass(frozen=True, eq=False)
class Weights:
    """For K measures: the weights [K], draws of their posterior [B, K], and how far scores are to be trusted.

    explained: the share of the variance of accuracies that the weighted sum tells on a target it was not
    learned from. surprise: [T], how many times larger than usual its errors were, squared, on each lesson:
    some data sets go by their scores, some do not.
    """

    measures: tuple[str, ...]
    point: Float64
    draws: Float64
    explained: float
    surprise: Float64


def weights_of(lessons: Sequence[Lesson], measures: Sequence[str], *, seed: int = 0) -> Weights:
    """The weights of measures; zeros where no lesson has any of them, or where scores told nothing."""
    names = tuple(measures)
    useful = [lesson for lesson in lessons if set(names) & set(lesson.measures)]
    if not useful:
        return Weights(names, np.zeros(len(names)), np.zeros((1, len(names))), 0.0, np.ones(1))
    moments = np.array([joined(lesson, names) for lesson in useful])
    rows = sum(lesson.models for lesson in useful)
    explained, shrunk, errors = _on_others(moments, rows)
    drawn = np.random.default_rng(seed).dirichlet(np.ones(len(useful)), DRAWS)
    draws = np.array([_fit(np.tensordot(share, moments, 1), rows) for share in drawn])
    point = _fit(moments.mean(axis=0), rows)
    return Weights(names, shrunk * point, shrunk * draws, explained, errors / errors.mean())


def _on_others(moments: Float64, rows: int) -> tuple[float, float, Float64]:
    """Leave one lesson out: the share explained, the factor that makes sums right on average, squared errors."""
    fitted = np.array([_fit(part, rows) for part in _others(moments)])
    agree = np.einsum("tk,tk->t", fitted, moments[:, 0, 1:])
    square = np.einsum("tj,tjk,tk->t", fitted, moments[:, 1:, 1:], fitted)
    if square.mean() == 0 or agree.mean() <= 0:
        return 0.0, 0.0, np.ones(len(moments))
    shrunk = agree.mean() / square.mean()
    explained = min(float(agree.mean() * shrunk), MOST)
    return explained, float(shrunk), 1 - 2 * shrunk * agree + shrunk**2 * square


def _others(moments: Float64) -> Float64:
    """The mean moments without each lesson in turn; of a single lesson its own."""
    number = len(moments)
    return moments if number == 1 else (moments.sum(axis=0) - moments) / (number - 1)


def _fit(moments: Float64, rows: int) -> Float64:
    """The w ≥ 0 that makes E(y − w·x)² + |w|²/(SCALE² rows) least, from the moments of y and x."""
    from scipy.optimize import nnls

    values, vectors = np.linalg.eigh(moments[1:, 1:] + np.eye(len(moments) - 1) / (SCALE**2 * rows))
    root = np.sqrt(values)
    return np.asarray(nnls(root[:, None] * vectors.T, vectors.T @ moments[1:, 0] / root)[0])
