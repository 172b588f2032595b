"""The influence of a row on LFC: the derivative of the score by the row's weight."""

from __future__ import annotations

import numpy as np

from audition.arrays import Float64
from audition.uncertainty.influence import Influence
from audition.uncertainty.observed import Observed


def lfc_influence(seen: Observed, score: float) -> Influence:
    """Of LFC = p/√(f l): N times its derivative by the weight of each row. It is smooth, and no optimum."""
    statistics, z = seen.statistics, seen.centred
    mean, n = statistics.mean, statistics.count
    turned = statistics.scatter @ mean
    norm = float((statistics.scatter**2).sum() + 2 * n * (mean @ turned))
    own = ((z @ statistics.scatter) * z).sum(axis=1)
    norm_slope = 2 * own + 2 * (mean @ turned) + 4 * (z @ turned) + 2 * n * (z @ mean) ** 2
    slopes = _of_classes(seen) if statistics.groups else _of_targets(seen)
    product_slope, labels, labels_slope = slopes
    if norm <= 0 or labels <= 0:
        return Influence(score, np.zeros(len(z)))
    size = np.sqrt(norm * labels)
    return Influence(
        score, n * (product_slope / size - score * (norm_slope / norm + labels_slope / labels) / 2)
    )


def _of_classes(seen: Observed) -> tuple[Float64, float, Float64]:
    """p = 2 Σ_c ‖v_c‖² + 2 n_c v_c·μ with v_c = n_c (mean_c − μ), l = N² − (2 Σ n_c² − N²)²/N²; their slopes."""
    groups, mean, n = seen.statistics.need_groups(), seen.statistics.mean, float(seen.statistics.count)
    z, codes, counts = seen.centred, seen.codes, groups.counts.astype(np.float64)
    v = counts[:, None] * (groups.means - mean)
    own = (v[codes] * z).sum(axis=1) + v[codes] @ mean + (counts[codes] - (counts**2).sum() / n) * (z @ mean)
    total = 2 * float((counts**2).sum()) - n**2
    total_slope = 4 * counts[codes] - 2 * n
    labels_slope = 2 * n - 2 * total * total_slope / n**2 + 2 * total**2 / n**3
    return 4 * own, n**2 - total**2 / n**2, labels_slope


def _of_targets(seen: Observed) -> tuple[Float64, float, Float64]:
    """p = ‖Zᵀỹ‖², l = ‖ỹᵀỹ‖² of standardised targets ỹ; their slopes."""
    targets, n = seen.statistics.need_targets(), seen.statistics.count
    scale = np.sqrt(np.diag(targets.scatter) / n)
    scale[scale == 0] = np.inf
    y = (seen.targets - targets.mean) / scale
    cross, kernel = targets.cross / scale, targets.scatter / np.outer(scale, scale)
    wider = (y**2 - (scale < np.inf)) / n  # of the variance of each target, relative
    product_slope = 2 * ((seen.centred @ cross) * y).sum(axis=1) - wider @ (cross**2).sum(axis=0)
    labels_slope = 2 * ((y @ kernel) * y).sum(axis=1) - 2 * wider @ (kernel**2).sum(axis=0)
    return product_slope, float((kernel**2).sum()), labels_slope
