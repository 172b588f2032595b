"""LogME on made-up data: noise is added to features that say all, for classes and for a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import audition
from benchmarks.claims.claim import LOGME, Claim, of_rule, shown

Float64 = NDArray[np.float64]
Codes = NDArray[np.integer[Any]]
Draw = Callable[[np.random.Generator], tuple[Float64, NDArray[Any]]]
LEVELS = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6)
DRAWS, ROWS = 20, 1000
SOURCE = "`python -m benchmarks.claims toys`"


def run() -> tuple[Claim, ...]:
    return classes(), regression()


def classes() -> Claim:
    """Four clusters in a plane, farther and farther blurred."""
    return _claim("classes (four clusters in the plane, spread 0.1, centres 1 from the origin)", _clusters)


def regression() -> Claim:
    """A number whose only feature is itself, farther and farther blurred."""
    return _claim("regression (the feature is the target, uniform in 0..1)", _line)


def _claim(what: str, draw: Draw) -> Claim:
    scores = np.array([_curve(draw, seed) for seed in range(DRAWS)])
    means, falls = scores.mean(axis=0), (np.diff(scores, axis=1) < 0).all(axis=1)
    measured = (
        f"Noise of standard deviation {', '.join(f'{level:g}' for level in LEVELS)}: mean LogME "
        f"{shown(means)}. It falls at every step in {falls.sum()} of {DRAWS} draws of {ROWS} rows."
    )
    return Claim(
        LOGME,
        f"As features lose what they say of the labels to noise, LogME falls: {what}",
        measured,
        of_rule(bool(falls.all()), bool((np.diff(means) < 0).all())),
        SOURCE,
        {"means": means.tolist(), "falling": float(falls.sum())},
    )


def _curve(draw: Draw, seed: int) -> list[float]:
    rng = np.random.default_rng(seed)
    features, labels = draw(rng)
    noise = rng.standard_normal(features.shape)
    return [audition.logme(features + level * noise, labels) for level in LEVELS]


def _clusters(rng: np.random.Generator) -> tuple[Float64, NDArray[Any]]:
    codes = np.arange(ROWS) % 4
    centres = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    return centres[codes] + 0.1 * rng.standard_normal((ROWS, 2)), np.array(list("abcd"))[codes]


def _line(rng: np.random.Generator) -> tuple[Float64, Float64]:
    target = rng.uniform(size=ROWS)
    return target[:, None], target
