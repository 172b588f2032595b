"""What a candidate costs beside its rows: in a ranking, in the order of many, in the cache."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

import audition
from audition.cache import Cache
from audition.models.base import ModelIdentity
from audition.uncertainty import Standing, contest_of, standings
from audition.uncertainty.resampled import Resampled
from audition.uncertainty.resamples import NUMBER
from benchmarks.data import features_with_classes
from benchmarks.scale.clock import note, processor
from benchmarks.scale.ledger import Measured

ROWS, COLUMNS, WIDTH, CLASSES = 1024, 32, 512, 10
FEW, MORE = 5, 25
STANDING = (100, 300, 1000)
KEPT = (50, 200)
DEGREES = 500


def candidates() -> Iterator[Measured]:
    """A ranking of few candidates and of more: with intervals, and without."""
    data = features_with_classes(ROWS, COLUMNS, CLASSES)
    audition.rank([_model(0), _model(1)], data)  # imports
    for what, resamples in (("rank", NUMBER), ("rank without intervals", 0)):
        for number in (FEW, MORE):
            models = [_model(place) for place in range(number)]
            seconds = processor(partial(audition.rank, models, data, resamples=resamples), 2)
            yield Measured("candidates", what, seconds, "s", ROWS, WIDTH, CLASSES, number, note(2))


def _model(place: int) -> audition.CallableModel:
    weights = np.random.default_rng(place).standard_normal((COLUMNS, WIDTH))
    return audition.CallableModel(f"map-{place}", lambda batch: np.tanh(batch @ weights), "rows")


class _Known(audition.CallableModel):
    """A candidate whose features are kept, because its weights have an identity."""

    def __init__(self, place: int) -> None:
        weights = np.random.default_rng(place).standard_normal((COLUMNS, 16))
        super().__init__(f"map-{place}", lambda batch: np.tanh(batch @ weights), "rows")
        self.identity = ModelIdentity(f"{place:064}")


def orders() -> Iterator[Measured]:
    """Who stands where among many, by two measures and by one."""
    standings(contest_of([[_drawn(place, measure) for measure in range(2)] for place in range(3)]))  # imports
    for number in STANDING:
        for measures in (2, 1):
            field = [[_drawn(place, measure) for measure in range(measures)] for place in range(number)]
            seconds = processor(partial(_stand, field), 1)
            what = "standings by two measures" if measures == 2 else "standings by one measure"
            yield Measured("orders", what, seconds, "s", candidates=number, note=note(1))


def _stand(field: Sequence[Sequence[Resampled]]) -> Sequence[Standing]:
    return standings(contest_of(field))


def _drawn(place: int, measure: int) -> Resampled:
    rng = np.random.default_rng([place, measure])
    score = float(rng.standard_normal())
    return Resampled(score, score + 0.1 * rng.standard_normal(NUMBER), DEGREES)


def kept() -> Iterator[Measured]:
    """Candidates in a cache: the list of them, and a ranking that finds them there."""
    data = features_with_classes(256, COLUMNS, CLASSES)
    for number in KEPT:
        with tempfile.TemporaryDirectory(prefix="audition-scale-") as folder:
            models = [_Known(place) for place in range(number)]
            rank = partial(audition.rank, models, data, cache=Path(folder), resamples=0)
            first, again = processor(rank, 1), processor(rank, 1)
            listed = processor(Cache(folder).ls, 1)
            size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        for what, seconds in (("rank and keep", first), ("rank what is kept", again), ("list", listed)):
            yield Measured("kept", what, seconds, "s", 256, 16, CLASSES, number, note(1))
        yield Measured("kept", "disk", size, "B", 256, 16, CLASSES, number)
