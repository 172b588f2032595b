"""Training rows and test files pooled, and divided anew by each seed: the same way for every network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.finetuned.tasks import Labels, task_of

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Sizes:
    """How many rows a part has; the rest is not used. In a task with classes each has as many of every class."""

    train: int
    held_out: int
    test: int


@dataclass(frozen=True)
class Split:
    train: Rows
    held_out: Rows
    test: Rows


def split(labels: Labels, sizes: Sizes, seed: int) -> Split:
    """Three parts without a row in common; a class with too few rows gives its share of what there is."""
    order = np.random.default_rng(seed).permutation(len(labels))
    if task_of(labels).kind == "classes":
        order = order[np.argsort(_turn(labels[order]), kind="stable")]
    ends = np.cumsum([sizes.train, sizes.held_out, sizes.test])
    if ends[-1] > len(labels):
        raise ValueError(f"{ends[-1]} rows asked for, {len(labels)} there")
    train, held_out, test, _ = np.split(order, ends)
    return Split(train, held_out, test)


def _turn(labels: Labels) -> NDArray[np.intp]:
    """The how-manieth row of its class each is: sorted by it, any stretch has the classes in turn."""
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], labels[order])
    turn = np.empty(len(labels), dtype=np.intp)
    turn[order] = np.arange(len(labels)) - starts
    return turn
