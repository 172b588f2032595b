"""Pairs of rows, by which a score shows how much of it is due to two rows together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64
from audition.labels import ClassLabels, Labels

Index = NDArray[np.intp]
PAIRS = 256  # of one class, and as many of any two rows


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of rows that show how far a score is from a sum over rows.

    first, second: places [P] in `Resamples.rows`. same: whether both are of one class [P]. weights: what
    share of all pairs each stands for [P].
    """

    first: Index
    second: Index
    same: NDArray[np.bool_]
    weights: Float64


def make_pairs(labels: Labels, rows: Index, rng: np.random.Generator) -> Pairs:
    """Pairs of the rows at random: of one class, and of two, each kind weighted by how common it is."""
    n = len(rows)
    first, second = rng.integers(n, size=PAIRS), rng.integers(n - 1, size=PAIRS)
    second += second >= first
    if not isinstance(labels, ClassLabels):
        return Pairs(first, second, np.zeros(PAIRS, dtype=bool), np.full(PAIRS, 1 / PAIRS))
    codes = labels.codes[rows]
    same = _pairs_within(codes, rng)
    kind = np.concatenate([codes[first] == codes[second], np.ones(len(same[0]), dtype=bool)])
    counts = labels.counts.astype(np.float64)
    share = float((counts * (counts - 1)).sum() / (len(labels) * (len(labels) - 1)))
    often = max(int(kind.sum()), 1), max(int((~kind).sum()), 1)
    weights = np.where(kind, share / often[0], (1 - share) / often[1])
    return Pairs(np.concatenate([first, same[0]]), np.concatenate([second, same[1]]), kind, weights)


def _pairs_within(codes: Index, rng: np.random.Generator) -> tuple[Index, Index]:
    """Pairs of one class: neighbours in a shuffled list that has the classes one after another."""
    pairs: tuple[list[Index], list[Index]] = [], []
    for _ in range(2 + 2 * PAIRS // len(codes)):
        order = rng.permutation(len(codes))
        order = order[np.argsort(codes[order], kind="stable")]
        level = codes[order[:-1]] == codes[order[1:]]
        pairs[0].append(order[:-1][level])
        pairs[1].append(order[1:][level])
    first, second = np.concatenate(pairs[0]), np.concatenate(pairs[1])
    some = rng.permutation(len(first))[:PAIRS]
    return first[some], second[some]
