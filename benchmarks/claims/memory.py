"""Peak memory of fine-tuning, of extraction and of LogME, each in a process of its own.

python -m benchmarks.claims.memory tune | extract | logme   prints megabytes above what was there before
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.memory import peak, start_peak
from benchmarks.transrate_timing import IMAGES, WEIGHTS

STEPS = 4
BATCH = 32


def peak_of(job: str) -> float:
    """Megabytes of a job, in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.claims.memory", job]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    return float(done.stdout)


def _tune() -> Callable[[], Any]:
    from benchmarks.finetuning import tuned

    network, images, labels = _flowers()
    return lambda: tuned(network, images[: STEPS * BATCH], labels[: STEPS * BATCH], 1)


def _extract() -> Callable[[], Any]:
    from benchmarks.finetuning import extracted

    network, images, _ = _flowers()
    return lambda: extracted(network, images[: STEPS * BATCH])


def _logme() -> Callable[[], Any]:
    import audition
    from benchmarks.finetuning import extracted

    network, images, labels = _flowers()
    features = extracted(network, images)[0].numpy()
    return lambda: audition.logme(features, labels.numpy())


def _flowers() -> tuple[Any, Any, Any]:
    import torch

    from benchmarks.squeezenet import images_of, pretrained

    torch.set_num_threads(1)
    images, labels, _ = images_of(IMAGES / "train")
    return pretrained(WEIGHTS), images, labels


JOBS = {"tune": _tune, "extract": _extract, "logme": _logme}


def main(job: str) -> None:
    run = JOBS[job]()
    gc.collect()
    before = start_peak()
    run()
    print((peak() - before) / 1e6)


if __name__ == "__main__":
    main(sys.argv[1])
