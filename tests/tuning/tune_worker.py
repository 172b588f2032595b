"""Runs of `tune` that can be killed: `python tune_worker.py FOLDER`, then a line on standard input for each.

A child goes on with the run in FOLDER from wherever it stands. Before them one run is made that nobody disturbs,
into FOLDER/whole, and its seconds are printed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from tuning.coloured import model, pictures
from tuning.killing import serve

from audition.tuning import job
from audition.tuning.runs import checkpoint
from audition.tuning.runs.progress import TuningWatch
from audition.tuning.runs.settings import Settings
from audition.tuning.tune import tune

SETTINGS = Settings(steps=60, batch_size=8)


class Slow(TuningWatch):
    def step(self, loss):
        time.sleep(0.003)


def run(out: Path) -> None:
    tune(model(), pictures(), settings=SETTINGS, out=out, resume=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    checkpoint.SHARE = float("inf")  # one at every look
    job.tuning_watch = lambda progress, name: Slow()
    folder = Path(sys.argv[1])
    began = time.monotonic()
    run(folder / "whole")
    print(time.monotonic() - began, flush=True)
    serve(lambda word: run(folder / "tuned"))
