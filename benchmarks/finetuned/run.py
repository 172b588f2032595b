"""Takes the runs that are not in the results yet, one after the other, until there are none."""

from __future__ import annotations

import time
import traceback
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

import torch

from benchmarks.finetuned import images
from benchmarks.finetuned.ledger import Cell, Run, append, claimed, read, stem
from benchmarks.finetuned.parts import Job, Part
from benchmarks.finetuned.plan import SEEDS, left, next_run
from benchmarks.finetuned.splits import split
from benchmarks.finetuned.tasks import as_tensor, task_of
from benchmarks.finetuned.tuning import tune
from benchmarks.machine import _cpu as cpu

Key = tuple[str, str]  # part and target
Turn = tuple[Part, tuple[Cell, ...]]
PAUSE = 20.0  # seconds, when all that is left is in the hands of other processes


def run_all(parts: Sequence[Part], results: Path, claims: Path, seeds: Mapping[Key, int]) -> None:
    """Every cell of the parts, their targets in turn; seeds: of targets that want more than the usual number."""
    turns = [turn for turns in zip_longest(*(_rounds(part) for part in parts)) for turn in turns if turn]
    while _pass(turns, results, claims, seeds):
        time.sleep(PAUSE)


def _pass(turns: Sequence[Turn], results: Path, claims: Path, seeds: Mapping[Key, int]) -> bool:
    """Goes through all once; whether something was left to other processes."""
    busy = [_round(part, cells, results, claims, seeds) for part, cells in turns]
    return any(busy)


def _rounds(part: Part) -> list[Turn]:
    return [(part, cells) for cells in part.rounds]


def _round(
    part: Part, cells: Sequence[Cell], results: Path, claims: Path, seeds: Mapping[Key, int]
) -> bool:  # fmt: skip
    """Does what is not done; whether something was left to another process."""
    images.forget()
    file, busy = results / f"{part.name}.csv", False
    for cell in cells:
        wanted = seeds.get((part.name, cell.target), SEEDS)
        if not left(done_by_cell(file)[cell], wanted):
            continue
        with claimed(claims, cell) as ours:
            busy |= not ours
            if ours:
                _tried(part, cell, file, wanted)
    return busy


def _tried(part: Part, cell: Cell, file: Path, seeds: int) -> None:
    """A cell that fails is said, and the others go on; a later call tries it again."""
    try:
        _cell(part, cell, file, seeds)
    except Exception:
        print(f"{part.name} {stem(cell)} failed:\n{traceback.format_exc()}", flush=True)


def _cell(part: Part, cell: Cell, file: Path, seeds: int) -> None:
    job = part.job(cell)
    while chosen := next_run(done_by_cell(file)[cell], job.ladder, seeds):
        run = one_run(job, cell, *chosen)
        append(file, run)
        what = " ".join((part.name, cell.target, cell.network, cell.layer))
        print(
            f"{what} rate {run.rate:g} seed {run.seed}: {run.metric} {run.test:.3f}, {run.seconds:.0f} s",
            flush=True,
        )


def done_by_cell(file: Path) -> defaultdict[Cell, list[Run]]:
    cells: defaultdict[Cell, list[Run]] = defaultdict(list)
    for run in read(file):
        cells[run.cell].append(run)
    return cells


def one_run(job: Job, cell: Cell, rate: float, seed: int) -> Run:
    """Fine-tunes once."""
    parts, task = split(job.labels, job.sizes, seed), task_of(job.labels)
    labels = as_tensor(job.labels, parts.train)
    start = time.process_time()
    tuned = tune(job.body(), job.inputs, labels, parts, task, rate, seed, job.recipe)
    return Run(
        cell.target, cell.network, cell.layer, rate, seed, task.metric, tuned.test, tuned.held_out,
        tuned.held_out_loss, tuned.step, job.recipe.steps, len(parts.train), len(parts.held_out),
        len(parts.test), round(time.process_time() - start, 2), machine(),
    )  # fmt: skip


def machine() -> str:
    return f"{cpu()}; torch {torch.__version__}; {torch.get_num_threads()} thread"
