"""Moments of the features alone, centred, with their merge (Chan, Golub and LeVeque 1979)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64

Higher = tuple[Float64 | None, float | None]
"""The cubic [D] and the quartic moment, both None where they are not known."""


@dataclass(frozen=True, eq=False)
class Moments:
    """Count, mean and centred moments of N rows, with z = x − mean.

    scatter: Σ z zᵀ, [D, D]. cubic: Σ ‖z‖² z, [D]. quartic: Σ ‖z‖⁴. The last two are what the
    Ledoit–Wolf shrinkage asks of the data beyond its covariance; both are None where they are not
    known, as after a motion of the classes. While they are summed on a device they are torch tensors.
    """

    count: int
    mean: Float64
    scatter: Float64
    cubic: Float64 | None
    quartic: float | None

    @classmethod
    def empty(cls, dimension: int = 0) -> Moments:
        d = dimension
        return cls(0, np.zeros(d), np.zeros((d, d), order="F"), np.zeros(d), 0.0)

    def __add__(self, other: Moments) -> Moments:
        n, m = self.count, other.count
        delta = other.mean - self.mean
        mean = self.mean + delta * (m / (n + m))
        higher = _added(self.shifted(mean - self.mean), other.shifted(mean - other.mean))
        scatter = self.scatter + other.scatter
        scatter += (n * m / (n + m)) * (delta[:, None] * delta)
        return Moments(n + m, mean, scatter, *higher)

    def shifted(self, d: Float64) -> Higher:
        """The cubic and quartic moments about mean + d."""
        if self.cubic is None or self.quartic is None:
            return None, None
        return shift_higher_moments(
            self.count, self.scatter @ d, float(self.scatter.trace()), self.cubic, self.quartic, d
        )


def _added(a: Higher, b: Higher) -> Higher:
    """Not known where either is not."""
    if a[0] is None or a[1] is None or b[0] is None or b[1] is None:
        return None, None
    return a[0] + b[0], a[1] + b[1]


def shift_higher_moments(
    count: int, scatter_d: Float64, trace: float, cubic: Float64, quartic: float, d: Float64
) -> tuple[Float64, float]:
    """Σ ‖z−d‖² (z−d) and Σ ‖z−d‖⁴ of `count` rows z with Σ z = 0, expanded; scatter_d is (Σ z zᵀ) d."""
    square = float(d @ d)
    moved_cubic = cubic - (trace + count * square) * d - 2 * scatter_d
    moved_quartic = (
        quartic + 4 * float(d @ scatter_d) + count * square**2 - 4 * float(d @ cubic) + 2 * square * trace
    )
    return moved_cubic, moved_quartic
