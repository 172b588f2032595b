"""What a score owes to each row: its influence, and from it the replicates of the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64
from audition.uncertainty.pairs import Pairs
from audition.uncertainty.resamples import Resamples

MOST = 1.0  # of the interaction beside the jackknife's variance


@dataclass(frozen=True, eq=False)
class Influence:
    """A score, and N times what it would lose without a row, by row [n]; any constant may be added.

    interaction: the variance of the score that is due to pairs of rows; 0 where it is a sum over rows.
    """

    score: float
    rows: Float64
    interaction: float = 0.0


def interaction_of(differences: Float64, pairs: Pairs, units: int) -> float:
    """The variance due to pairs of units, from second differences of some pairs [P].

    A second difference is score − (score without i) − (score without j) + (score without both). What it is
    on average for two units of one class, or of two classes, does not vary, as the classes keep their sizes.
    """
    total = 0.0
    for kind in (pairs.same, ~pairs.same):
        if kind.any():
            own, weights = differences[kind], pairs.weights[kind]
            total += float(weights @ (own - own.mean()) ** 2)
    return total * units * (units - 1) / 2


def replicates_of(influence: Influence, resamples: Resamples) -> Float64:
    """The score as each resample would have it, [R].

    The jackknife's variance Σ k·V_k counts the part V_k that is due to k rows together k times (Efron and
    Stein, 1981), and the second differences measure V₂ + 3V₃ + 6V₄ + ... Where the parts fall like a
    geometric series, the true variance Σ V_k is jackknife²/(jackknife + interaction).
    """
    deviations = resamples.deviations(influence.rows)
    return np.asarray(influence.score + deviations / np.sqrt(1 + overcount(influence, resamples)))


def overcount(influence: Influence, resamples: Resamples) -> float:
    """What the jackknife's variance has too much, as a share of the true variance; in [0, 1].

    At most the half of it can be too much where no more than two rows act together.
    """
    jackknife = resamples.variance(influence.rows)
    return min(influence.interaction / jackknife, MOST) if jackknife > 0 else 0.0
