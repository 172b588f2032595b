"""A race of many candidates as a process of its own: `many.py CANDIDATES OPEN ROOM`.

OPEN: the files that may be open. ROOM: the bytes of features that the race keeps in memory, and each run by itself.
Prints a line of JSON: by how many bytes its memory grew at most (on Linux), those of all features that came, and the
ranking.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

import numpy as np

from audition import CallableModel, rank, spool
from audition.ranking.racing import field

ROWS, COLUMNS, CLASSES, WIDTH = 240, 8, 3, 2048


def data() -> tuple[Any, Any]:
    labels = np.arange(ROWS) % CLASSES
    return np.random.default_rng(0).standard_normal((ROWS, COLUMNS)) + 0.5 * labels[:, None], labels


def candidate(place: int) -> CallableModel:
    """One with weights of its own: a fixed random map of the rows."""
    weights = np.random.default_rng(place).standard_normal((COLUMNS, WIDTH))
    return CallableModel(f"map-{place}", lambda batch: np.tanh(0.3 * batch @ weights), "rows")


def peak() -> int:
    """The most memory that was held; of resource's own number, what started this process is a part."""
    status = Path("/proc/self/status").read_text() if sys.platform == "linux" else "VmHWM: 0 kB"
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return 1024 * int(line.split()[1])


def main(candidates: int, handles: int, room: int) -> None:
    # A race and its spools look these up when they begin.
    spool.BUDGET = room
    field.ROOM = room
    for seconds in ((), "1h"):  # laps, and all rows: what is filled once is filled
        rank([candidate(0), candidate(1)], data(), metrics="logme", race=not seconds, budget=seconds)
    models = [candidate(place) for place in range(candidates)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (handles, handles))
    before = peak()
    ranking = rank(models, data(), metrics="logme", race=True)
    grown = peak() - before
    assert ranking.race is not None
    features = round(ranking.race.passes * ROWS * candidates) * WIDTH * 4
    rows = [(row.model, dict(row.scores), row.items, row.error) for row in ranking]
    print(json.dumps({"grown": grown, "features": features, "rows": rows}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
