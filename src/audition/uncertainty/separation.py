"""What tr(M⁻¹B) is without some rows, in closed form: the algebra of the H-Scores' influences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg.blas import dgemm

from audition.arrays import Float64
from audition.labels import ClassLabels
from audition.metrics.h_score import explained
from audition.spectrum import eigendecompose
from audition.uncertainty.observed import Observed
from audition.uncertainty.pairs import Pairs
from audition.uncertainty.whitening import Whitener

LEAST = 1e-9  # of 1 − leverage: rounding beyond it


@dataclass(frozen=True, eq=False)
class Separation:
    """All that tr(M⁻¹B) and its change depend on; B is what the labels explain of the scatter S, M is S + ρI.

    rows: z, centred and whitened by M [n, r]. vectors, weights: B = Σ_c w_c v_c v_cᵀ, whitened, [C, r] and [C].
    expected: t, with which Σ_c t_ic v_c is what the labels of row i make of it [n, C].
    label_weights, label_floor: Σ_c t_ic t_jc weight_c + floor is the leverage of labels [C] and a number.
    slope: the derivative of the trace by ρ. count: N.
    """

    rows: Float64
    vectors: Float64
    weights: Float64
    expected: Float64
    label_weights: Float64
    label_floor: float
    slope: float
    count: int

    @property
    def total(self) -> float:
        """tr(M⁻¹B)."""
        return float(self.weights @ (self.vectors**2).sum(axis=1))

    @cached_property
    def along(self) -> Float64:
        """zᵀM⁻¹v [n, C]."""
        return np.asarray(dgemm(1.0, self.rows.T, self.vectors.T, trans_a=1))

    @cached_property
    def own(self) -> Float64:
        """zᵀM⁻¹z [n]."""
        return np.asarray(np.einsum("ij,ij->i", self.rows, self.rows))

    @cached_property
    def gains(self) -> Float64:
        """What leaving out each row adds to the trace, exactly [n].

        S loses k zzᵀ, k = N/(N − 1); what the labels leave of it loses eeᵀ/(1 − leverage) for the residual e.
        """
        k = self.count / (self.count - 1)
        fitted = (self.expected * self.along).sum(axis=1)
        among = self.expected @ (self.vectors @ self.vectors.T)
        residual = self.own - 2 * fitted + (among * self.expected).sum(axis=1)
        lost = self._lost()
        inner = self.along**2 @ self.weights - k * self.own**2 + lost * (self.own - fitted) ** 2
        return np.asarray(lost * residual - k * self.own + k * inner / np.maximum(1 - k * self.own, LEAST))

    def second_differences(self, pairs: Pairs) -> Float64:
        """The trace, less those without one row each, plus that without both, exactly [P]."""
        both = np.stack([pairs.first, pairs.second], axis=1)
        t, along = self.expected[both], self.along[both]
        products = np.einsum("ij,ij->i", self.rows[pairs.first], self.rows[pairs.second])
        own = _symmetric(self.own[pairs.first], products, self.own[pairs.second])
        fitted = t @ along.transpose(0, 2, 1)
        residual = own - fitted - fitted.transpose(0, 2, 1)
        residual = residual + t @ (self.vectors @ self.vectors.T) @ t.transpose(0, 2, 1)
        of_rows = _freed(np.full((1, 2, 2), 1 / self.count))
        of_labels = _freed(t @ (t * self.label_weights).transpose(0, 2, 1) + self.label_floor)
        explained = of_rows @ (along * self.weights) @ along.transpose(0, 2, 1) @ of_rows
        own, cross = of_rows @ own @ of_rows, of_labels @ (own - fitted) @ of_rows
        residual = of_labels @ residual @ of_labels
        gain = np.trace(residual - own, axis1=1, axis2=2)
        gain = gain + _trace_of_solution(own, explained - own @ own + cross.transpose(0, 2, 1) @ cross)
        return np.asarray(gain - self.gains[pairs.first] - self.gains[pairs.second])

    def _lost(self) -> Float64:
        """1/(1 − leverage); 0 for a row that is the only one of its label, which goes with it."""
        free = 1 - self.label_floor - self.expected**2 @ self.label_weights
        return np.where(free > LEAST, 1 / np.maximum(free, LEAST), 0.0)


def _freed(leverage: Float64) -> Float64:
    """(I − leverage)^−½ of pairs of rows [P, 2, 2], 0 along what the two fit alone."""
    values, vectors = np.linalg.eigh(np.eye(2) - leverage)
    roots = np.where(values > LEAST, 1 / np.sqrt(np.maximum(values, LEAST)), 0.0)
    return np.asarray((vectors * roots[:, None, :]) @ vectors.transpose(0, 2, 1))


def _symmetric(first: Float64, between: Float64, second: Float64) -> Float64:
    """Matrices [P, 2, 2]."""
    return np.stack([np.stack([first, between], axis=1), np.stack([between, second], axis=1)], axis=1)


def _trace_of_solution(own: Float64, inner: Float64) -> Float64:
    """tr((I − own)⁻¹ inner) for pairs of rows, both [P, 2, 2] and symmetric."""
    g, h, c = 1 - own[:, 0, 0], 1 - own[:, 1, 1], own[:, 0, 1]
    top = h * inner[:, 0, 0] + g * inner[:, 1, 1] + 2 * c * inner[:, 0, 1]
    return np.asarray(top / np.maximum(g * h - c**2, LEAST))


def separation_of(seen: Observed, whitener: Whitener) -> Separation:
    """The separation of rows in units of a matrix M [D', D']."""
    vectors, weights = explained(seen.statistics)
    white = whitener.forward(vectors)
    slope = -float(weights @ (whitener.back(white) ** 2).sum(axis=1))
    rows = whitener.forward(seen.centred)
    return Separation(rows, white, weights, *_by_labels(seen), slope, seen.statistics.count)


def _by_labels(seen: Observed) -> tuple[Float64, Float64, float]:
    """What the labels expect of each row, in units of the vectors of `explained`; and their leverage."""
    statistics = seen.statistics
    if isinstance(seen.labels, ClassLabels):
        return seen.targets, 1 / statistics.class_counts, 0.0
    targets = statistics.need_targets()
    spectrum = eigendecompose(targets.scatter.copy(order="F"))
    expected = (seen.targets - targets.mean) @ (spectrum.vectors / np.sqrt(spectrum.values))
    return expected, np.ones(expected.shape[1]), 1 / statistics.count
