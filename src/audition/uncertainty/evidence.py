"""The influence of a row on LogME: how probable its label is, given all the others."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg.blas import dgemm

from audition.arrays import Float64
from audition.metrics.logme import fit_evidence, modes_of, target_products
from audition.uncertainty.influence import Influence, interaction_of
from audition.uncertainty.observed import Observed
from audition.uncertainty.pairs import Pairs

TINY = float(np.finfo(np.float64).tiny)


def logme_influence(seen: Observed, variant: Any, pairs: Pairs) -> Influence:
    """Of LogME. At fixed precisions the evidence without a row is exact in closed form.

    The evidence less that without row i is its leave-one-out predictive log density,
    ½ ln(β g/2π) − ½ β r²/g with the residual r = y − f·m and g = 1 − β f·A⁻¹f. The precisions are at
    their optimum, so that a change of theirs matters to second order only. Two rows together have
    the joint density of their pair.
    """
    statistics, n = seen.statistics, seen.statistics.count
    modes = modes_of(statistics)
    fit = fit_evidence(modes, variant)
    spectrum = statistics.gram_spectrum
    axes = spectrum.vectors / np.sqrt(spectrum.values)
    left = np.asarray(dgemm(1.0, seen.rows.T, axes, trans_a=1))  # rows of U, [n, k]
    rest = fit.ratio / (spectrum.values[:, None] + fit.ratio)  # what the prior takes of each direction [k, K]
    along = spectrum.vectors.T @ target_products(statistics)[0] / np.sqrt(spectrum.values)[:, None]
    # What U does not reach is apart, and exactly nothing where it spans all rows: β may be huge there.
    apart = 0.0 if modes.spanning else 1.0
    residuals = left @ (rest * along) + apart * (_targets(seen) - left @ along)
    unreached = apart * np.maximum(1 - (left**2).sum(axis=1, keepdims=True), 0.0)
    free = np.maximum(left**2 @ rest + unreached, TINY)
    alone = _log_density(residuals, free, fit.beta)
    i, j = pairs.first, pairs.second
    common = left[i] * left[j]
    bound = common @ rest - apart * common.sum(axis=1, keepdims=True)
    together = _pair_log_density(residuals[i], residuals[j], free[i], free[j], bound, fit.beta)
    second = (alone[i] + alone[j] - together).mean(axis=1) / n
    return Influence(float(fit.evidence.mean()), alone.mean(axis=1), interaction_of(second, pairs, n))


def _targets(seen: Observed) -> Float64:
    """As LogME takes them: a label that no row has does not exist."""
    moments = seen.statistics.targets
    if moments is None or moments.names is None:
        return seen.targets
    occurring = np.diag(moments.scatter) + seen.statistics.count * moments.mean**2 > 0
    return seen.targets[:, occurring]


def _log_density(residual: Float64, free: Float64, beta: Float64) -> Float64:
    return np.asarray((np.log(beta / (2 * np.pi)) + np.log(free) - beta * residual**2 / free) / 2)


def _pair_log_density(a: Float64, b: Float64, g: Float64, h: Float64, c: Float64, beta: Float64) -> Float64:
    """Of two residuals with the precision β (I − H)⁻¹ between them, I − H = [[g, c], [c, h]]."""
    share = np.maximum(1 - (c / g) * (c / h), 1e-12)
    square = (a**2 / g - 2 * (a / g) * (b / h) * c + b**2 / h) / share
    return np.asarray(
        np.log(beta / (2 * np.pi)) + (np.log(g) + np.log(h) + np.log(share) - beta * square) / 2
    )
