"""Rows in units of a covariance-like matrix, dependent columns left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.linalg.blas import dtrmm

from audition.arrays import Float64
from audition.spectrum import _pivoted_cholesky


@dataclass(frozen=True, eq=False)
class Whitener:
    """A Cholesky factor [r, r] of a matrix [D, D] in the unit of each column.

    chosen: the r columns that it takes, the others depend on them. scale: their units [r]. dimension: D.
    """

    factor: Float64
    chosen: NDArray[np.intp]
    scale: Float64
    dimension: int

    def forward(self, rows: Float64) -> Float64:
        """Coordinates [n, r] of rows [n, D] whose inner products are xᵀM⁺y, for rows in the range of M."""
        columns = rows[:, self.chosen] / self.scale
        return np.asarray(solve_triangular(self.factor, columns.T, lower=True, check_finite=False)).T

    def square(self, rows: Float64) -> Float64:
        """xᵀMx of rows [n, D] that are nothing along columns that are left out [n]."""
        columns = np.asfortranarray((rows[:, self.chosen] * self.scale).T)
        turned = dtrmm(1.0, self.factor, columns, lower=1, trans_a=1, overwrite_b=1)
        return np.asarray(np.einsum("ij,ij->j", turned, turned))

    def back(self, coordinates: Float64) -> Float64:
        """M⁻¹x of rows [n, D] whose coordinates [n, r] these are, for an M of full rank."""
        solved = solve_triangular(self.factor, coordinates.T, lower=True, trans=1, check_finite=False).T
        rows = np.zeros((len(coordinates), self.dimension))
        rows[:, self.chosen] = solved / self.scale
        return rows


def whitener_of(matrix: Float64) -> Whitener:
    """Of a positive semi-definite matrix [D, D]."""
    scale = np.sqrt(np.diag(matrix))
    varying = np.flatnonzero(scale > 0)
    if not len(varying):
        return Whitener(np.zeros((0, 0)), varying, np.zeros(0), len(matrix))
    whole = len(varying) == len(scale)
    part = matrix if whole else matrix[np.ix_(varying, varying)]
    factor, order = _pivoted_cholesky(part, scale[varying])
    chosen = varying[order[: factor.shape[1]]]
    return Whitener(factor[: len(chosen)], chosen, scale[chosen], len(matrix))
