"""What LogME is compared with: the likelihood of the best linear fit, and the evidence as the journal code has it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.metrics.logme import fit_evidence, modes_of
from audition.sample import as_sample

FLOOR = 1e-6  # of the mean squared error: an exact fit has no likelihood


def maximum_likelihood(features: NDArray[Any], labels: NDArray[Any]) -> float:
    """Gaussian log likelihood a row of the least-squares fit to a 0/1 column a class, mean over classes.

    Where the fit is exact the error counts as FLOOR, so that the number is finite.
    """
    columns = (np.asarray(labels)[:, None] == np.unique(labels)).astype(float)
    weights = np.linalg.lstsq(features, columns, rcond=None)[0]
    errors = np.maximum(((columns - features @ weights) ** 2).mean(axis=0), FLOOR)
    return float(-0.5 * (1 + np.log(2 * np.pi * errors)).mean())


def without_term(features: NDArray[Any], labels: NDArray[Any]) -> float:
    """LogME without −(D − k)/2 ln α, as the journal paper's code has it."""
    modes = modes_of(as_sample(features, labels).rotated.statistics)
    fit = fit_evidence(modes, "jmlr")
    unused = max(features.shape[1] - len(modes.values), 0)
    return float((fit.evidence + unused * np.log(fit.alpha) / 2 / modes.rows).mean())
