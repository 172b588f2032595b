"""Many small candidates, ranked several times in one process: what is open and what is held does not grow."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

import audition
from benchmarks.machine import machine_line

ROWS, COLUMNS, CLASSES = 60, 8, 3
BYTES = 2**24  # between the runs after the first, which imports and fills what is filled once
HANDLES = 2


def soak(candidates: int, runs: int, *, kept: bool) -> int:
    """Ranks the same candidates again and again; 1 where memory or the number of open files grew."""
    print(f"{machine_line()}\n\n{candidates} candidates, {'a cache' if kept else 'no cache'}")
    print(f"{'run':>4} {'seconds':>8} {'memory':>10} {'open files':>11} {'threads':>8} {'best':>14}")
    rng = np.random.default_rng(0)
    labels = np.arange(ROWS) % CLASSES
    rows = rng.standard_normal((ROWS, COLUMNS)) + labels[:, None]
    seen: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        for run in range(1, runs + 1):
            began = time.perf_counter()
            models = [_model(place) for place in range(candidates)]
            found = audition.rank(models, (rows, labels), cache=Path(folder) if kept else None)
            assert len(found.placed) == candidates
            best = found.best.model
            took = time.perf_counter() - began
            del models, found
            gc.collect()
            process = psutil.Process(os.getpid())
            seen.append((process.memory_info().rss, process.num_fds()))
            held = f"{seen[-1][0] / 2**20:.1f} MiB"
            print(
                f"{run:4} {took:8.1f} {held:>10} {seen[-1][1]:11} {process.num_threads():8} {best:>14}",
                flush=True,
            )
    memory, handles = seen[-1][0] - seen[0][0], seen[-1][1] - seen[0][1]
    flat = memory <= BYTES and handles <= HANDLES
    grown = f"{memory / 2**20:+.1f} MiB, {handles:+} open files"
    print(f"\nfrom the first run to the last: {grown}: {'flat' if flat else 'NOT FLAT'}")
    return int(not flat)


def _model(place: int) -> audition.CallableModel:
    """A candidate of its own weights: a fixed random map of the rows."""
    weights = np.random.default_rng(place).standard_normal((COLUMNS, 4))
    return audition.CallableModel(f"map-{place}", lambda batch: np.tanh(batch @ weights), "rows")
