"""A file of a million rows: LogME's statistics and scores from it, beside reading it and one `dsyrk`.

`python -m benchmarks.scale.disk WHO FOLDER`, each in a process of its own, prints its seconds and its peak memory.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import batches
from benchmarks.memory import peak, start_peak
from benchmarks.scale.ledger import Measured
from benchmarks.timing import say

ROWS, COLUMNS, CLASSES, STEP = 1_000_000, 512, 100, 4096
PART = 2**13  # rows of a batch of the stream: 16 MiB, which a processor keeps at hand
FLOOR = "reading and dsyrk"
ROUNDS = 3
NOTE = f"best of {ROUNDS} rounds in turns; the file is in the system's memory"
RATIO = 1.3


def disk(rows: int = ROWS) -> Iterator[Measured]:
    """Processor time of one thread, and peak memory above the interpreter."""
    yield from _measured("disk", rows, 1, "processor")


def disk_wall(rows: int = ROWS) -> Iterator[Measured]:
    """Time on the wall with a thread for every core, which says something on a quiet machine only."""
    yield from _measured("disk-wall", rows, os.cpu_count() or 1, "wall")


def _measured(part: str, rows: int, threads: int, clock: str) -> Iterator[Measured]:
    """All contenders in turns, the best of a few rounds."""
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="audition-scale-") as folder:
        _write(Path(folder), rows)
        for _ in range(ROUNDS):
            for who in WHO:
                found = _child(who, folder, threads)
                say(f"  {who}: {found[clock]:.3g} s {clock}, {found['megabytes']:.0f} MB")
                kept = best.setdefault(who, found)
                best[who] = {key: min(kept[key], found[key]) for key in found}
    note = f"{clock} time, threads: {threads}; {NOTE}"
    for who, found in best.items():
        yield Measured(part, who, found[clock], "s", rows, COLUMNS, CLASSES, note=note)
        yield Measured(
            part, f"{who}: memory", 1e6 * found["megabytes"], "B", rows, COLUMNS, CLASSES, note=note
        )


def _write(folder: Path, rows: int) -> None:
    shape = (rows, COLUMNS)
    file = np.lib.format.open_memmap(folder / "features.npy", "w+", np.float32, shape)
    codes, start = [], 0
    for part, labels in batches(*shape, CLASSES, STEP):
        file[start : start + len(part)] = part
        start += len(part)
        codes.append(labels)
    file.flush()
    np.save(folder / "labels.npy", np.concatenate(codes))


def _child(who: str, folder: str, threads: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.scale.disk", who, folder]
    limits = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    where = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, cwd=where, env=os.environ | limits)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def read(folder: Path, rows: int) -> Iterator[NDArray[np.float32]]:
    """So many rows of the file at a time, all in the same memory."""
    with (folder / "features.npy").open("rb") as file:
        np.lib.format.read_magic(file)
        (total, columns), _, dtype = np.lib.format.read_array_header_1_0(file)
        held = np.empty((rows, columns), dtype)
        for start in range(0, total, rows):
            part = held[: min(rows, total - start)]
            file.readinto(part.data.cast("B"))
            yield part


def floor(folder: Path) -> None:
    """Reads block after block, as float64, into one triangle; nothing else."""
    from scipy.linalg.blas import dsyrk

    from audition.arrays import block_rows

    rows = block_rows(COLUMNS)
    total, block = np.zeros((COLUMNS, COLUMNS), order="F"), np.empty((rows, COLUMNS))
    for part in read(folder, rows):
        np.copyto(block[: len(part)], part)
        dsyrk(1.0, block[: len(part)].T, beta=1.0, c=total, lower=1, overwrite_c=1)


def stream(folder: Path) -> None:
    """LogME of the statistics of a file that is read in parts, each over the one before."""
    import audition

    labels = np.load(folder / "labels.npy")
    parts = ((part, labels[PART * i :][: len(part)]) for i, part in enumerate(read(folder, PART)))
    audition.logme(audition.stream_statistics(parts, task="classification"))


def mapped(folder: Path) -> None:
    """LogME of a memory-mapped file."""
    import audition

    audition.logme(np.load(folder / "features.npy", mmap_mode="r"), np.load(folder / "labels.npy"))


def score(folder: Path) -> None:
    """`audition score features.npy labels.npy`."""
    from audition.cli.score import score as command

    with contextlib.redirect_stdout(io.StringIO()):
        command(folder / "features.npy", folder / "labels.npy", metrics="logme")


WHO = {
    FLOOR: floor,
    "stream_statistics, logme": stream,
    "logme of a mapped file": mapped,
    "audition score": score,
}


def main(who: str, folder: str) -> None:
    import audition.cli.score  # noqa: F401 (what is imported is no part of the time)

    before = start_peak()
    wall, processor = time.perf_counter(), time.process_time()
    WHO[who](Path(folder))
    found = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor}
    print(json.dumps(found | {"megabytes": (peak() - before) / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
