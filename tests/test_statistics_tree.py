"""Statistics merged as a tree: the same bits whoever merges which parts, and less rounding than one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition import Statistics, sufficient_statistics
from audition.statistics.tree import Tree

ROWS = 4  # of a part
TASKS = {"classes": "classification", "numbers": "regression"}


def parts_of(rows: int, labels: str, seed: int = 0) -> list[Statistics]:
    """Statistics of parts of ROWS rows, the last one smaller; far from 0, so that the order of merging shows."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 3)) * [1, 10, 0.1] + 1e3
    given = rng.integers(3, size=rows) if labels == "classes" else rng.normal(size=rows)
    return [
        sufficient_statistics(features[i : i + ROWS], given[i : i + ROWS], task=TASKS[labels])
        for i in range(0, rows, ROWS)
    ]


def split(parts: Sequence[Statistics]) -> Statistics:
    """The tree as one would say it: on the left the largest power of two that leaves something for the right."""
    if len(parts) == 1:
        return parts[0]
    left = 1
    while 2 * left < len(parts):
        left *= 2
    return split(parts[:left]) + split(parts[left:])


def merged(parts: Sequence[Statistics]) -> Statistics:
    tree = Tree()
    for part in parts:
        tree.add(part)
    return tree.result()


def bits(found: Statistics) -> list[Any]:
    """Every number of statistics, as bytes."""
    held = [found.moments, found.groups, found.targets]
    values = [value for one in held if one is not None for value in vars(one).values()]
    return [value.tobytes() if isinstance(value, np.ndarray) else value for value in values]


@given(st.integers(1, 70 * ROWS), st.integers(0, 6), st.sampled_from(list(TASKS)), st.integers(0, 9))
def test_pieces_of_any_size_give_the_bits_of_the_tree(rows: int, power: int, labels: str, seed: int) -> None:
    parts, size = parts_of(rows, labels, seed), 2**power
    pieces = [merged(parts[start : start + size]) for start in range(0, len(parts), size)]
    assert bits(merged(pieces)) == bits(merged(parts)) == bits(split(parts))


@pytest.mark.parametrize("labels", TASKS)
def test_up_to_two_parts_nothing_is_new(labels: str) -> None:
    parts = parts_of(2 * ROWS - 1, labels)
    assert bits(merged(parts[:1])) == bits(parts[0])
    assert bits(merged(parts)) == bits(parts[0] + parts[1])


def test_of_nothing_there_is_nothing() -> None:
    assert merged([]).count == 0


def test_few_are_at_hand() -> None:
    tree, most = Tree(), 0
    for part in parts_of(1000 * ROWS, "classes"):
        tree.add(part)
        most = max(most, len(tree._held))
    assert most == 9  # binary digits that are 1, at most, up to 1000
    assert tree.result().count == 1000 * ROWS


def test_rounding_is_less_than_one_after_the_other() -> None:
    features = np.random.default_rng(1).normal(size=(4096 * ROWS, 1)) + 1e4
    parts = [sufficient_statistics(features[i : i + ROWS], [0] * ROWS, task="classification")
             for i in range(0, len(features), ROWS)]  # fmt: skip
    exact = float(np.sum((features.astype(np.longdouble) - features.astype(np.longdouble).mean()) ** 2))
    tree, line = (abs(float(found.scatter[0, 0]) - exact) for found in (merged(parts), reduce(add, parts)))
    assert tree < line
