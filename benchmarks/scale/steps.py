"""Where the time of a row goes: each step of the statistics by itself, on blocks as they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dgemv, dsyrk

from audition.arrays import block_rows, float64_rows
from audition.labels import ClassLabels, as_labels
from audition.statistics.build import class_moments, statistics_of
from benchmarks.data import features_with_classes
from benchmarks.scale.clock import note, processor
from benchmarks.scale.ledger import Measured
from benchmarks.scale.statistics_costs import PART

COLUMNS, CLASSES = 512, 100
Block = NDArray[np.float64]


def steps() -> Iterator[Measured]:
    """Seconds of a part of the rows, step by step, and of all steps as they are."""
    features, codes = features_with_classes(PART, COLUMNS, CLASSES)
    labels = as_labels(codes, task="classification")
    assert isinstance(labels, ClassLabels)
    rows = [slice(start, start + block_rows(COLUMNS)) for start in range(0, PART, block_rows(COLUMNS))]
    first = features[0].astype(np.float64)
    blocks = [block.copy() for _, block in float64_rows(features, first)]
    mean, total = np.zeros(COLUMNS), np.zeros((COLUMNS, COLUMNS), order="F")

    def of_blocks(step: Callable[[slice, Block], object]) -> Callable[[], object]:
        return lambda: [step(at, block) for at, block in zip(rows, blocks, strict=True)]

    found: dict[str, Callable[[], object]] = {
        "all": lambda: statistics_of(features, labels),
        "dsyrk": of_blocks(lambda _, block: dsyrk(1.0, block.T, beta=1.0, c=total, lower=1, overwrite_c=1)),
        "class means and squares": of_blocks(lambda at, block: class_moments(block, mean, labels[at])),
        "higher moments": of_blocks(lambda _, block: _higher(block, mean)),
        "to float64, less the first row": lambda: [None for _ in float64_rows(features, first)],
        "centring": of_blocks(lambda _, block: np.subtract(block, block.mean(axis=0), out=block)),
    }
    for what, call in found.items():
        yield Measured("steps", what, processor(call), "s", PART, COLUMNS, CLASSES, note=note())


def _higher(block: Block, rest: Block) -> None:
    """What the third and fourth moments ask of a block."""
    norms = np.einsum("ij,ij->i", block, block) + 2 * dgemv(1.0, block.T, rest, trans=1)
    dgemv(1.0, block.T, norms)
