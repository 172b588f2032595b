"""Where the time of a row goes: each step of the statistics by itself, on blocks as they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from audition.arrays import less_origin
from audition.labels import ClassLabels, as_labels
from audition.statistics import statistics_of
from audition.statistics.block import centre, class_moments, product
from audition.statistics.side_by_side import shared_rows
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
    step = shared_rows(COLUMNS)
    rows = [slice(start, start + step) for start in range(0, PART, step)]
    first = features[0].astype(np.float64)
    blocks = [less_origin(features[at], first, np.empty((step, COLUMNS))) for at in rows]
    mean, buffer = np.zeros(COLUMNS), np.empty((step, COLUMNS))

    def of_blocks(step: Callable[[slice, Block], object]) -> Callable[[], object]:
        return lambda: [step(at, block) for at, block in zip(rows, blocks, strict=True)]

    found: dict[str, Callable[[], object]] = {
        "all": lambda: statistics_of(features, labels),
        "dsyrk": of_blocks(lambda _, block: product(block, block)),
        "class means and squares": of_blocks(lambda at, block: class_moments(block, mean, labels[at])),
        "higher moments": of_blocks(lambda _, block: np.einsum("ij,ij->i", block, block) @ block),
        "to float64, less the first row": of_blocks(lambda at, _: less_origin(features[at], first, buffer)),
        "centring": of_blocks(lambda _, block: centre(block)),
    }
    for what, call in found.items():
        yield Measured("steps", what, processor(call), "s", PART, COLUMNS, CLASSES, note=note())
