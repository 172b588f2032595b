"""What rows, columns and classes cost in statistics, their merge, their bytes, and the scores made of them."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from audition.labels import as_labels
from audition.metrics.measure import Metric
from audition.metrics.registry import parse_metrics
from audition.sample import as_sample
from audition.statistics import Statistics, statistics_of
from benchmarks.data import features_with_classes
from benchmarks.scale.clock import note, processor
from benchmarks.scale.ledger import Measured

PART = 2**15  # the rows of a piece
DEFAULT = "logme,regularized_h_score"
MANY = 4000


def rows() -> Iterator[Measured]:
    """Statistics of more and more rows."""
    for number in (PART // 2, PART, 2 * PART, 4 * PART):
        yield _statistics("rows", number, 512, 100)


def columns() -> Iterator[Measured]:
    """The same of more and more columns."""
    for number in (128, 256, 512, 1024, 2048):
        yield _statistics("columns", PART, number, 100)


def classes() -> Iterator[Measured]:
    """The same of more and more classes."""
    for number in (10, 100, 1000, 10_000):
        yield _statistics("classes", PART, 512, number)


def _statistics(part: str, n: int, d: int, c: int) -> Measured:
    features, codes = features_with_classes(n, d, c)
    labels = as_labels(codes, task="classification")
    seconds = processor(partial(statistics_of, features, labels))
    return Measured(part, "statistics", seconds, "s", n, d, c, note=note())


def merges() -> Iterator[Measured]:
    """Two statistics added; how many bytes one is on its way, and what packing and unpacking takes."""
    for d, c in ((128, 100), (512, 10), (512, 100), (512, 1000), (512, 10_000), (1024, 100), (2048, 100)):
        one, other = made(d, c), made(d, c)
        sent = pickle.dumps(one, protocol=pickle.HIGHEST_PROTOCOL)
        unpacked = processor(partial(pickle.loads, sent))
        packed = processor(partial(pickle.dumps, one, protocol=pickle.HIGHEST_PROTOCOL))
        merged = processor(partial(operator.add, one, other))
        yield Measured("merges", "bytes", len(sent), "B", 0, d, c)
        for what, seconds in (("merge", merged), ("pack", packed), ("unpack", unpacked)):
            yield Measured("merges", what, seconds, "s", 0, d, c, note=note())


def scores() -> Iterator[Measured]:
    """The two measures that `rank` takes by default, of statistics."""
    metrics = parse_metrics(DEFAULT)
    for d, c in (
        (128, 100),
        (256, 100),
        (512, 10),
        (512, 100),
        (512, 1000),
        (512, 10_000),
        (1024, 100),
        (2048, 100),
    ):
        found = made(d, c)
        seconds = processor(partial(_scored, found, metrics), 2)
        yield Measured("scores", DEFAULT, seconds, "s", 0, d, c, note=note(2))


def _scored(found: Statistics, metrics: Sequence[Metric]) -> list[float]:
    sample = as_sample(Statistics(found.moments, found.groups), None)  # without what was computed before
    return [metric(sample) for metric in metrics]


def made(d: int, c: int) -> Statistics:
    """Statistics of a few rows more than columns and classes."""
    features, codes = features_with_classes(max(2 * d, 2 * c, MANY), d, c)
    return statistics_of(features, as_labels(np.asarray(codes), task="classification"))
