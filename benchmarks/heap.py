"""What keeping the memory that networks free is worth: rankings with it and without, each in a process of its own.

`python -m benchmarks.heap NETWORK ROWS kept|returned` prints seconds on the wall, and how many pages the system gave.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

from benchmarks.networks import IN_TORCH, lacking, named
from benchmarks.report import Row, Table, seconds
from benchmarks.settings import Settings
from benchmarks.timing import say

TITLE = "Memory that networks free"
WAYS = ("kept", "returned")


def run(settings: Settings) -> Table:
    if reason := lacking():
        return Table(TITLE, "six networks in torch", (Row("not run", reason),))
    rows = 30 if settings.quick else 300
    setting = f"{rows} made-up pictures of 160 x 160, ranked; all cores; pages of 4 KiB that the system gave"
    return Table(TITLE, setting, tuple(_row(stem, rows, settings.repeats) for stem in IN_TORCH))


def _row(stem: str, rows: int, repeats: int) -> Row:
    """The best of a few runs in turns."""
    best: dict[str, dict[str, float]] = {}
    for _ in range(repeats):
        for way in WAYS:
            found = _child(named(stem), rows, way)
            best[way] = min(best.get(way, found), found, key=lambda one: one["seconds"])
    kept, returned = (best[way] for way in WAYS)
    ratio = f"{returned['seconds'] / kept['seconds']:.2f} x faster"
    say(f"  {stem}: {ratio}")
    return Row(f"{stem}, memory kept", _shown(kept), "given back", _shown(returned), ratio)


def _shown(found: dict[str, float]) -> str:
    return f"{seconds(found['seconds'])}, {found['pages']:,.0f} pages"


def _child(network: str, rows: int, way: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.heap", network, str(rows), way]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def main(network: str, rows: str, way: str) -> None:
    import audition
    from audition import heap
    from benchmarks.networks_memory import MadeUp

    with patch.object(heap, "_ask", heap._ask if way == "kept" else lambda how: None):
        audition.rank(network, MadeUp(16), device="cpu")  # what is done once
        pages, start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt, time.perf_counter()
        ranking = audition.rank(network, MadeUp(int(rows)), device="cpu")
        found = {"seconds": time.perf_counter() - start}
        found["pages"] = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - pages
    assert ranking.rows[0].error is None, ranking.rows[0].error
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
