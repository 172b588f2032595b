"""The influence of a row on LFC: what it would be without the row, in closed form."""

from __future__ import annotations

import numpy as np

from audition.arrays import Float64
from audition.uncertainty.influence import Influence
from audition.uncertainty.observed import Observed


def lfc_influence(seen: Observed, score: float) -> Influence:
    """Of LFC = p/√(f l), exact: its three parts are polynomials of what a row takes from the statistics."""
    n = seen.statistics.count
    norm = _norm_without_one(seen)
    product, labels = _of_classes(seen) if seen.statistics.groups else _of_targets(seen)
    defined = (norm > 0) & (labels > 0)
    without = np.where(defined, product / np.sqrt(np.where(defined, norm * labels, 1.0)), 0.0)
    return Influence(score, (1 - n) * without)


def _norm_without_one(seen: Observed) -> Float64:
    """f = ‖S‖² + 2 N μᵀSμ without each row [n]; S loses k zzᵀ, k = N/(N − 1), and μ loses z/(N − 1)."""
    z, mean, scatter = seen.centred, seen.statistics.mean, seen.statistics.scatter
    n = seen.statistics.count - 1
    k = seen.statistics.count / n
    turned = scatter @ mean
    squares, own = np.einsum("ij,ij->i", z, z), np.einsum("ij,ij->i", z @ scatter, z)
    along = z @ mean - squares / n
    spread = mean @ turned - 2 * (z @ turned) / n + own / n**2 - k * along**2
    return np.asarray(float((scatter**2).sum()) - 2 * k * own + k**2 * squares**2 + 2 * n * spread)


def _of_classes(seen: Observed) -> tuple[Float64, Float64]:
    """p = 2 Σ_c ‖v_c‖² + 2 n_c v_c·μ with v_c = n_c (mean_c − μ), and l = N² − (2 Σ n_c² − N²)²/N²."""
    groups, mean, n = seen.statistics.need_groups(), seen.statistics.mean, seen.statistics.count - 1
    z, codes, counts = seen.centred, seen.codes, groups.counts.astype(np.float64)
    v = counts[:, None] * (groups.means - mean)
    weighted = counts @ v - v[codes]  # Σ n_c v_c, where the row's own class has one row less
    left, pairs = (
        counts[codes] - 1,
        (counts**2).sum() - 2 * counts[codes] + 1,
    )  # n_y and Σ n_c² without the row
    squares = np.einsum("ij,ij->i", z, z)
    # Without the row v_c moves by s_c z, s_c = n_c/(N − 1), less 1 for its own class.
    moved = np.einsum("ij,ij->i", z, weighted / n - v[codes])
    norms = (v**2).sum() + 2 * moved + squares * (pairs / n**2 - 2 * left / n + 1)
    along = weighted @ mean - np.einsum("ij,ij->i", weighted, z) / n
    along = along + (pairs / n - left) * (z @ mean - squares / n)
    total = 2 * pairs - n**2
    return np.asarray(2 * norms + 4 * along), np.asarray(n**2 - total**2 / n**2)


def _of_targets(seen: Observed) -> tuple[Float64, Float64]:
    """p = ‖Zᵀỹ‖² and l = ‖ỹᵀỹ‖² of targets ỹ that are standardised anew without each row."""
    targets, n = seen.statistics.need_targets(), seen.statistics.count - 1
    k = seen.statistics.count / n
    z, y = seen.centred, seen.targets - targets.mean
    scatter = targets.scatter - k * y[:, :, None] * y[:, None, :]  # [n, K, K]
    scale = np.sqrt(np.maximum(np.einsum("ijj->ij", scatter), 0.0) / n)
    scale[scale <= 0] = np.inf
    squares = np.einsum("ij,ij->i", z, z)[:, None]
    crosses = (targets.cross**2).sum(axis=0) - 2 * k * y * (z @ targets.cross) + k**2 * y**2 * squares
    kernel = scatter / (scale[:, :, None] * scale[:, None, :])
    return np.asarray((crosses / scale**2).sum(axis=1)), np.asarray((kernel**2).sum(axis=(1, 2)))
