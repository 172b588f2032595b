"""Runs of tuning that can be killed: `python worker.py FOLDER`, then a line on standard input for each.

"go": a child goes on from the checkpoint in FOLDER. "half": so does one that hangs in the middle of its next
checkpoint, and says "writing".
"""

from __future__ import annotations

import json
import os
import sys
import time
from functools import partial
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from tuning.killing import serve
from tuning.small import Small, ready, rows, timeless

from audition.tuning.runs import checkpoint
from audition.tuning.runs.loop import fit
from audition.tuning.runs.progress import TuningWatch

DONE = "done.json"


class Slow(TuningWatch):
    def step(self, loss):
        time.sleep(0.002)


def run(folder: Path | None) -> str:
    """The digits of the final weights and of the curve."""
    torch.set_num_threads(1)
    examples = rows(views=2)
    objective, settings = ready(examples, steps=150, average=0.9, optimiser="adamw", rate=0.01, patience=99)
    network = Small()
    resume, watch = folder is not None, TuningWatch() if folder is None else Slow()
    fitted = fit(network, examples, objective, settings, folder=folder, resume=resume, watch=watch)
    weights = {name: value.tolist() for name, value in network.state_dict().items()}
    return json.dumps([weights, [vars(row) for row in timeless(fitted.curve)], fitted.best_step])


def half_written(tensors, path, about):
    save(tensors, path, about)
    os.truncate(path, os.path.getsize(path) // 2)
    print("writing", flush=True)
    time.sleep(60)


def goes_on(folder: Path, word: str) -> None:
    if word == "half":
        checkpoint.save_file = half_written
    (folder / DONE).write_text(run(folder), encoding="utf-8")


save = checkpoint.save_file

if __name__ == "__main__":
    checkpoint.SHARE = float("inf")  # one at every look
    folder = Path(sys.argv[1])
    run(None)  # imports all that is imported late
    print("ready", flush=True)
    serve(partial(goes_on, folder))
