"""Two kinds of evidence joined: what is known of models, and what their features score on this data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64
from audition.recommendation.prior import Prior
from audition.recommendation.weights import Weights

DRAWS = 2000


@dataclass(frozen=True, eq=False)
class Posterior:
    """Of the standardised accuracies of M candidates.

    mean, sd: [M]. from_prior [M] and from_scores [M, K]: the terms of the mean. draws: [R, M], joint.
    """

    mean: Float64
    sd: Float64
    from_prior: Float64
    from_scores: Float64
    draws: Float64


def posterior_of(
    prior: Prior, weights: Weights, columns: Float64, replicates: Float64 | None = None, *, seed: int = 0
) -> Posterior:
    """The posterior given standard scores [M, K] (NaN where missing), and their replicates [R, M, K].

    The prior of a candidate is normal with mean m and variance s², in units of the candidates' expected
    spread. Scores that tell a share r² of the variance make an estimate f of mean 0 and variance r²; as
    evidence beside a prior they weigh 1/(1 − r²):

        mean = (m/s² + f/(1 − r²)) · V,    1/V = 1/s² + r²/(1 − r²)

    so a model that is well known is moved little by its scores, and one that nobody knows is placed by
    them alone. A draw takes weights, a replicate of the scores, how unruly the data set is, and noise.
    """
    total, known, rate = _joined(prior, weights, columns)
    terms = rate[:, None] * np.nan_to_num(columns) * weights.point
    return Posterior(
        known + terms.sum(axis=1),
        np.sqrt(total),
        known,
        terms,
        known + rate * _sums(weights, columns, replicates) + _noise(weights, total, seed),
    )


def means_of(prior: Prior, weights: Weights, columns: Float64, replicates: Float64) -> Float64:
    """What the order would rest on in each replicate of the scores [R, M]: the mean over the weights alone."""
    _, known, rate = _joined(prior, weights, columns)
    return np.asarray(known + rate * (np.nan_to_num(replicates) @ weights.draws.mean(axis=0)))


def _joined(prior: Prior, weights: Weights, columns: Float64) -> tuple[Float64, Float64, Float64]:
    """V, the prior's term of the mean, and what a weighted sum of scores is multiplied by, each [M]."""
    unit = prior.unit
    m, variance = (prior.mean - prior.mean.mean()) / unit, prior.inner / unit**2
    share = weights.explained * _known_share(columns, weights.point)
    total = 1 / (1 / variance + share / (1 - share))
    return total, np.asarray(total / variance * m), np.asarray(total / (1 - share))


def _known_share(columns: Float64, weights: Float64) -> Float64:
    """The share of the weights that stand on a score each candidate has [M]."""
    whole = weights.sum()
    return np.asarray(~np.isnan(columns) @ weights / whole if whole > 0 else np.zeros(len(columns)))


def _sums(weights: Weights, columns: Float64, replicates: Float64 | None) -> Float64:
    """Weighted sums of scores for each draw of weights and of scores [R, M]."""
    turn = np.arange(DRAWS)
    drawn = weights.draws[turn % len(weights.draws)]
    if replicates is None:
        return np.asarray(drawn @ np.nan_to_num(columns).T)
    return np.asarray(
        np.einsum("rk,rmk->rm", drawn, np.nan_to_num(replicates)[_other(turn, len(replicates))])
    )


def _other(turn: np.ndarray, number: int) -> np.ndarray:
    """Places of replicates that do not go in step with the draws of weights."""
    return np.asarray((turn * 7919 + turn // number) % number)


def _noise(weights: Weights, variance: Float64, seed: int) -> Float64:
    """What is not known [R, M]; the variances are about the candidates' mean, so each alone has a little more."""
    rng, number = np.random.default_rng(seed), len(variance)
    surprise = rng.choice(weights.surprise, size=(DRAWS, 1))
    alone = variance * number / max(number - 1, 1)
    return np.asarray(np.sqrt(surprise * alone) * rng.standard_normal((DRAWS, number)))
