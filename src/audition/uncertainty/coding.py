"""What a coding rate owes to its rows: the leverage of each in the Gram matrix of its cluster."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import solve_triangular
from scipy.linalg.blas import dgemm, dsyrk
from scipy.linalg.lapack import dpotrf, dpotrs, dtrtri

from audition.arrays import BLOCK_ELEMENTS, Float64
from audition.metrics.coding_rate import Cluster, Rows
from audition.spectrum import EPSILON
from audition.uncertainty.pairs import Index

LEAST = 1e-12  # of 1 − leverage: rounding beyond it


@dataclass(frozen=True, eq=False)
class Coded:
    """The rate ½ ln det(I + ZᵀZ/f) of a cluster, and of some of its rows what it would be without them.

    rate: NaN where rounding in ZᵀZ would show, or where it could not be factored as it is.
    free: I − Z(ZᵀZ + fI)⁻¹Zᵀ of these rows [n, n]. pull: (ZᵀZ + fI)⁻¹Zᵀr [D], r the roots of the shares.
    explained: tr (ZᵀZ + fI)⁻¹ZᵀZ.
    """

    rate: float
    free: Float64
    pull: Float64
    explained: float

    def centred(self, direction: Float64) -> Coded:
        """The same where the rows are less their mean, which moves: their part [n] of the unit vector
        that Zᵀ takes to 0."""
        return replace(self, free=self.free - np.outer(direction, direction))

    @property
    def lost(self) -> Float64:
        """What the rate loses without each of the rows [n], up to a constant."""
        return np.asarray(-np.log(np.maximum(np.diag(self.free), LEAST)) / 2)

    def together(self, first: Index, second: Index) -> Float64:
        """The rate, less those without one row each, plus that without both [P], up to a constant."""
        own, between = np.maximum(np.diag(self.free), LEAST), self.free[first, second]
        share = 1 - between**2 / (own[first] * own[second])
        return np.asarray(np.log(np.maximum(share, LEAST)) / 2)


def coded_cluster(
    rows: Rows, cluster: Cluster, some: Index, floor: float, *, pull: bool = True, trace: bool = False
) -> Coded:
    """Of a cluster of rows; some: places in the cluster [n]. Otherwise as `coded`."""
    if len(cluster.index) > rows.matrix.shape[1]:
        gram, taken = rows.gram(cluster), None
    else:  # the rows are taken once for all that needs them
        taken = rows.take(cluster)
        gram = np.asarray(dsyrk(1.0, taken.T, trans=1, lower=1))
    return coded(rows, cluster, gram, some, floor, taken=taken, pull=pull, trace=trace)


def coded(
    rows: Rows,
    cluster: Cluster,
    gram: Float64,
    some: Index,
    floor: float,
    *,
    taken: Float64 | None = None,
    pull: bool = True,
    trace: bool = False,
) -> Coded:
    """Of a cluster and its Gram matrix; some: places of rows in the cluster [n].

    floor: f. taken: Z where the matrix is ZZᵀ, not ZᵀZ. pull, trace: whether these are wanted; `explained` takes
    as long as the rest.
    """
    rounding = EPSILON * float(np.linalg.norm(np.diag(gram)))
    factor, ridge = _factored(gram, floor, rounding)
    diagonal = np.diag(factor)
    rate = float(np.log(diagonal).sum() - len(diagonal) * np.log(floor) / 2)
    sure = ridge == floor and rounding * float((1 / diagonal**2).sum()) <= 1e-9 * rate
    seen = Cluster(cluster.index[some], None if cluster.shares is None else cluster.shares[some])
    right = rows.take(seen).T if taken is None else _units(len(gram), some)
    half = solve_triangular(factor, right, lower=True, check_finite=False)
    inner = np.asarray(dgemm(1.0, half, half, trans_a=1))
    return Coded(
        rate if sure else float("nan"),
        np.eye(len(some)) - inner if taken is None else ridge * inner,
        _pull(rows, cluster, factor, taken) if pull else np.zeros(rows.matrix.shape[1]),
        len(factor) - ridge * float((np.tril(dtrtri(factor, lower=1)[0]) ** 2).sum()) if trace else 0.0,
    )


def _units(size: int, places: Index) -> Float64:
    units = np.zeros((size, len(places)), order="F")
    units[places, np.arange(len(places))] = 1.0
    return units


def _factored(gram: Float64, floor: float, rounding: float) -> tuple[Float64, float]:
    """The Cholesky factor of gram + ridge I, and the ridge: the floor, or what rounding needs."""
    ridge, before = floor, 0.0
    for _ in range(40):
        gram[np.diag_indices_from(gram)] += ridge - before
        factor, failed = dpotrf(gram, lower=1, clean=0)
        if not failed:
            return factor, ridge
        before, ridge = ridge, max(2 * ridge, rounding)
    raise np.linalg.LinAlgError("a Gram matrix cannot be factored")


def _pull(rows: Rows, cluster: Cluster, factor: Float64, taken: Float64 | None) -> Float64:
    """(ZᵀZ + fI)⁻¹Zᵀr, from whichever side was factored."""
    roots = np.ones(len(cluster.index)) if cluster.shares is None else np.sqrt(cluster.shares)
    if taken is not None:
        return np.asarray(dpotrs(factor, roots, lower=1)[0] @ taken)
    pull = np.zeros(rows.matrix.shape[1])
    step = max(1, BLOCK_ELEMENTS // len(pull))
    for start in range(0, len(roots), step):
        part = slice(start, start + step)
        pull += roots[part] @ rows.take(cluster, part)
    return np.asarray(dpotrs(factor, pull, lower=1)[0])
