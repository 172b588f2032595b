"""A ranking of eight networks by one process, by two, and by two workers of Dask and of Ray."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from benchmarks import scaling
from benchmarks.assets import ABSENT
from benchmarks.scale.ledger import Measured

PICTURES, ROUNDS = 600, 2


def workers() -> Iterator[Measured]:
    """Seconds on the wall, best of a few rounds in turns: they say something on a quiet machine only."""
    if not scaling.is_there():
        sys.exit(ABSENT)
    found = scaling.measured(PICTURES, ROUNDS)
    note = f"time on the wall, best of {ROUNDS} rounds in turns"
    for who, seconds in found.seconds.items():
        yield Measured("workers", who, seconds, "s", found.pictures, candidates=len(scaling.EIGHT), note=note)
    for who, scores in found.scores.items():
        off = 0.0 if scores == found.scores["1 process"] else scaling.apart(scores, found.scores["1 process"])
        yield Measured(
            "workers", f"scores of {who}, apart", off, "", found.pictures, candidates=len(scaling.EIGHT)
        )
