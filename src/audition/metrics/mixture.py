"""A Gaussian mixture with full covariances, as scikit-learn fits it, for many components in many dimensions.

scikit-learn factors one D × D covariance a component, and passes all N rows through each. Here a row
takes part only in components that its responsibility for is not zero (in many dimensions that is one),
and a covariance of m < D rows is kept as m axes and a constant beside them. The steps, the start and the
stop are scikit-learn's, and so is the result to rounding; at N = 10,000, D = 500 and 500 components it
takes seconds in place of minutes.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import eigh, svd
from scipy.linalg.blas import dgemm, dsyrk
from scipy.special import logsumexp

from audition.arrays import BLOCK_ELEMENTS, Float64

TOLERANCE = 1e-3  # of the mean log likelihood between two rounds, as in scikit-learn
ROUNDS = 100
FLOOR = 1e-6  # added to the diagonal of every covariance
FAINT = 1e-10  # of a variance beside the largest: below it axes by a Gram matrix are not at right angles
CANCELLED = 1e-3  # of a squared distance: where less is left of it, it is computed from differences


@dataclass(frozen=True, eq=False)
class Fit:
    """responsibilities: [N, K], sparse, rows sum to 1. converged: whether the rounds sufficed."""

    responsibilities: sp.csr_array
    converged: bool


@dataclass(frozen=True, eq=False)
class Ellipsoid:
    """One Gaussian: Σ⁻¹ = Σ_j inverses_j a_jᵀa_j along the axes a [r, D], orthonormal, and `rest` beside them.

    rest is 0 where the axes span all D dimensions, else the inverse of the floor. log_det: of Σ.
    """

    weight: float
    mean: Float64
    axes: Float64
    inverses: Float64
    rest: float
    log_det: float


def fit_mixture(rows: Float64, number: int, seed: int) -> Fit:
    """Expectation and maximisation from a k-means start, for rows [N, D] and K components."""
    responsibilities = _k_means_start(rows, number, seed)
    previous = -np.inf
    for _ in range(ROUNDS):
        mixture = maximised(rows, responsibilities)
        responsibilities, likelihood = expected(rows, mixture)
        if abs(likelihood - previous) < TOLERANCE:
            break
        previous = likelihood
    converged = abs(likelihood - previous) < TOLERANCE
    mixture = maximised(rows, responsibilities)
    return Fit(expected(rows, mixture)[0], converged)


def _k_means_start(rows: Float64, number: int, seed: int) -> sp.csr_array:
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        # Fewer distinct rows than clusters: some stay empty, which the mixture bears.
        warnings.simplefilter("ignore", ConvergenceWarning)
        own = KMeans(number, n_init=1, random_state=np.random.RandomState(seed)).fit(rows).labels_
    n = len(rows)
    return sp.csr_array((np.ones(n), (np.arange(n), own)), shape=(n, number))


def maximised(rows: Float64, responsibilities: sp.csr_array) -> list[Ellipsoid]:
    """The mixture that fits rows [N, D] best, given what each component has of them."""
    from threadpoolctl import threadpool_limits  # which scikit-learn brings

    columns = responsibilities.tocsc()
    members = np.split(columns.indices, columns.indptr[1:-1])
    shares = np.split(columns.data, columns.indptr[1:-1])
    with threadpool_limits(1, "blas"):  # so many small matrices are slower by ten on several threads
        found = [_ellipsoid(rows[index], share) for index, share in zip(members, shares, strict=True)]
    total = sum(one.weight for one in found)
    return [_with_weight(one, one.weight / total) for one in found]


def _with_weight(one: Ellipsoid, weight: float) -> Ellipsoid:
    return Ellipsoid(weight, one.mean, one.axes, one.inverses, one.rest, one.log_det)


def _ellipsoid(rows: Float64, shares: Float64) -> Ellipsoid:
    """The Gaussian of rows [m, D] that belong to it by shares [m]."""
    dimensions = rows.shape[1]
    weight = float(shares.sum()) + 10 * float(np.finfo(np.float64).eps)
    mean = shares @ rows / weight
    axes, variances = _axes(np.sqrt(shares / weight)[:, None] * (rows - mean))
    missing = dimensions - len(axes)
    log_det = float(np.log(variances + FLOOR).sum()) + missing * float(np.log(FLOOR))
    rest = 1 / FLOOR if missing else 0.0
    return Ellipsoid(weight, mean, axes, 1 / (variances + FLOOR), rest, log_det)


def _axes(deviations: Float64) -> tuple[Float64, Float64]:
    """Principal axes of rows [m, D], and the sums of squares along them: min(m, D) of them at most."""
    m, dimensions = deviations.shape
    if m <= dimensions:
        return _axes_of_few(deviations)
    scatter = dsyrk(1.0, deviations.T, lower=1)
    values, vectors = eigh(scatter, lower=True, overwrite_a=True, check_finite=False)
    return np.ascontiguousarray(vectors.T), np.maximum(values, 0.0)


def _axes_of_few(deviations: Float64) -> tuple[Float64, Float64]:
    """The same on the m × m side, where it is precise enough: directions that the floor hides are left out."""
    if not len(deviations):  # scipy below 1.14 has no answer for no rows
        return deviations, np.zeros(0)
    _, turn = eigh(deviations @ deviations.T, check_finite=False)
    along = turn.T @ deviations
    variances = np.einsum("ij,ij->i", along, along)
    clear = variances > FAINT * variances.max(initial=0.0)
    if variances[~clear].sum() > FAINT * FLOOR:
        _, singular, axes = svd(deviations, full_matrices=False, check_finite=False)
        return axes, singular**2
    return along[clear] / np.sqrt(variances[clear])[:, None], variances[clear]


def expected(rows: Float64, mixture: list[Ellipsoid]) -> tuple[sp.csr_array, float]:
    """What each component has of each row, [N, K], and the mean log likelihood of the rows."""
    stack = _Stack.of(mixture)
    step = max(16, BLOCK_ELEMENTS // max(len(stack.axes), len(mixture)))
    parts, likelihood = [], 0.0
    for start in range(0, len(rows), step):
        logs = stack.log_densities(rows[start : start + step])
        of_rows = logsumexp(logs, axis=1, keepdims=True)
        likelihood += float(of_rows.sum())
        parts.append(sp.csr_array(np.exp(logs - of_rows)))
    return sp.vstack(parts, format="csr"), likelihood / len(rows)


@dataclass(frozen=True, eq=False)
class _Stack:
    """Gaussians one under another, so that rows meet all axes [R, D] in one product.

    A squared distance is rest ‖x−μ‖² + Σ_j (inverses_j − rest) (a_j (x−μ))², over axes from `starts` on.
    """

    mixture: list[Ellipsoid]
    means: Float64
    axes: Float64
    scales: Float64
    offsets: Float64
    starts: NDArray[np.intp]
    rest: Float64
    constants: Float64

    @classmethod
    def of(cls, mixture: list[Ellipsoid]) -> _Stack:
        dimensions = len(mixture[0].mean)
        # An axis of zeros after each, so that no component is without any.
        zero, none = np.zeros((1, dimensions)), np.zeros(1)
        axes = np.vstack([part for one in mixture for part in (one.axes, zero)])
        offsets = np.concatenate([part for one in mixture for part in (one.axes @ one.mean, none)])
        lengths = [len(one.axes) + 1 for one in mixture]
        logs = [np.log(one.weight) - one.log_det / 2 for one in mixture]
        return cls(
            mixture,
            np.array([one.mean for one in mixture]),
            axes,
            np.concatenate([part for one in mixture for part in (one.inverses - one.rest, none)]),
            offsets,
            np.cumsum([0, *lengths[:-1]]),
            np.array([one.rest for one in mixture]),
            np.array(logs) - dimensions * np.log(2 * np.pi) / 2,
        )

    def log_densities(self, rows: Float64) -> Float64:
        """ln of weight times density, [n, K]."""
        along = dgemm(1.0, self.axes.T, rows.T, trans_a=True).T
        along -= self.offsets
        along *= along
        along *= self.scales
        squares = np.add.reduceat(along, self.starts, axis=1)
        if self.rest.any():
            lengths = (rows**2).sum(axis=1)[:, None] + (self.means**2).sum(axis=1)
            squares += self.rest * (lengths - 2 * dgemm(1.0, self.means.T, rows.T, trans_a=True).T)
            self._repair(squares, lengths, rows)
        return self.constants - squares / 2

    def _repair(self, squares: Float64, lengths: Float64, rows: Float64) -> None:
        """Measure again, from differences, the rows that lie so near that most digits have cancelled."""
        near = squares < CANCELLED * self.rest * lengths
        for k in np.flatnonzero(near.any(axis=0)):
            one, index = self.mixture[k], np.flatnonzero(near[:, k])
            beside = rows[index] - one.mean
            along = beside @ one.axes.T
            beside -= along @ one.axes
            squares[index, k] = one.rest * (beside**2).sum(axis=1) + along**2 @ one.inverses
