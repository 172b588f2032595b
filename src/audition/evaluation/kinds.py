"""The coefficients of an evaluation: their names, and which way is better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError
from audition.evaluation import choice
from audition.evaluation.coefficients import check_rank, kendall, pearson, spearman, tau_w

WEIGHTED_TAU = "weighted_tau"


@dataclass(frozen=True)
class Coefficient:
    """One way to judge scores of M models by their true results.

    of(truth [M], scores [M]) -> float. resampled(truth, scores, counts [B, M]) -> [B], or None where
    drawing models again makes no sense: the best of a pool is no average over its members, and a pool
    with members drawn twice has another best.
    """

    name: str
    symbol: str
    of: Callable[[Float64, Float64], float]
    resampled: Callable[[Float64, Float64, Float64], Float64] | None = None
    higher_is_better: bool = True


def coefficients(k: Sequence[int], rank: bool | None) -> tuple[Coefficient, ...]:
    """τ_w, τ, ρ, r, then rel@k and regret@k for each k, and the top-1 hit.

    Raises InputError for a k below 1 and for an unknown `rank`.
    """
    check_rank(rank)
    if any(first != int(first) or first < 1 for first in k):
        raise InputError(f"k counts the models that are tried, 1 or more: {list(k)} is not possible.")
    orders = (
        _of_order(WEIGHTED_TAU, "τ_w", partial(tau_w, rank=rank)),
        _of_order("kendall", "τ", kendall),
        _of_order("spearman", "ρ", spearman),
        _of_order("pearson", "r", pearson),
    )
    firsts = tuple(dict.fromkeys(k))
    rels = tuple(Coefficient(f"rel@{n}", f"rel@{n}", partial(choice.rel_at_k, k=n)) for n in firsts)
    regrets = tuple(
        Coefficient(f"regret@{n}", f"regret@{n}", partial(choice.regret_at_k, k=n), higher_is_better=False)
        for n in firsts
    )
    return (*orders, *rels, *regrets, Coefficient("top-1", "top-1", choice.top_1_hit))


def _of_order(
    name: str, symbol: str, resampled: Callable[[Float64, Float64, Float64], Float64]
) -> Coefficient:
    def of(truth: Float64, scores: Float64) -> float:
        return float(resampled(truth, scores, np.ones((1, len(truth))))[0])

    return Coefficient(name, symbol, of, resampled)
