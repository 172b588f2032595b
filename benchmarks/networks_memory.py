"""Peak memory of a ranking, in a process of its own: `python -m benchmarks.networks_memory FILE.onnx 2000 FOLDER`.

FOLDER is that of a cache, and may be left out.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from audition.data.base import DataKind, Item, Task
from benchmarks.memory import peak, start_peak

SIDE, CLASSES, DISTINCT = 160, 10, 50


@dataclass(frozen=True)
class MadeUp:
    """Pictures that are made when they are asked for; there are 50 of them, again and again."""

    rows: int
    name: str = "made up"
    kind: DataKind = "image"
    task: Task = "classification"

    def __len__(self) -> int:
        return self.rows

    def items(self) -> Iterator[Item]:
        """Row by row."""
        for row in range(self.rows):
            yield Item(
                f"row {row}", row % CLASSES, partial(_picture, row % DISTINCT), source=str(row % DISTINCT)
            )


def _picture(seed: int) -> Image.Image:
    """Coarse squares of colours; a class has a shade of its own."""
    rng = np.random.default_rng(seed)
    squares = rng.integers(0, 200, (10, 10, 3)) + 5 * (seed % CLASSES)
    return Image.fromarray(squares.astype(np.uint8)).resize((SIDE, SIDE), Image.Resampling.NEAREST)


def megabytes_of(model: str, rows: int, cache: Path | None = None) -> float:
    """The peak above what was in use before the ranking, in MB, in a fresh process."""
    words = [model, str(rows), *([str(cache)] if cache else [])]
    command = [sys.executable, "-m", "benchmarks.networks_memory", *words]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return float(json.loads(done.stdout)["megabytes"])


def main(model: str, rows: str, cache: str | None = None) -> None:
    import audition

    gc.collect()
    before = start_peak()
    ranking = audition.rank(model, MadeUp(int(rows)), cache=cache)
    assert ranking.rows[0].error is None, ranking.rows[0].error
    print(json.dumps({"megabytes": (peak() - before) / 1e6}))


if __name__ == "__main__":
    main(*sys.argv[1:])
