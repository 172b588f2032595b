"""Asks every measure that has not been asked yet, of the features and the training rows of the runs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np
import torch

from audition.labels import Task
from audition.metrics.measure import Metric
from audition.sample import as_sample
from audition.scoring import score_all, with_probabilities
from benchmarks.finetuned import images
from benchmarks.finetuned.features import FOLDER, Seen, seen
from benchmarks.finetuned.ledger import RESULTS, Cell, stem
from benchmarks.finetuned.parts import PARTS, Part
from benchmarks.finetuned.plan import SEEDS
from benchmarks.finetuned.splits import Rows
from benchmarks.finetuned.tasks import task_of
from benchmarks.quality_page import asked, scores
from benchmarks.quality_page.scores import FEATURES, Book, Key, Scored
from benchmarks.quality_page.zoo_scores import compute_zoo

TASKS: dict[str, Task] = {"classes": "classification", "labels": "multilabel", "regression": "regression"}
SAVED_EVERY = 30.0  # seconds


def compute(parts: Sequence[Part], folder: Path = RESULTS, seeds: int = SEEDS) -> None:
    """Fills scores.csv and seconds.csv, the targets in the order of the runs; again after it was stopped."""
    book, saved = scores.read(folder), time.monotonic()
    for part, cell in _in_order(parts):
        found = _cell(part, cell, book, seeds)
        book.update(found)
        if found and time.monotonic() - saved > SAVED_EVERY:
            scores.write(book, asked.names(), folder)
            saved = time.monotonic()
    scores.write(book, asked.names(), folder)


def _in_order(parts: Sequence[Part]) -> Iterator[tuple[Part, Cell]]:
    """The first target of each part, then the second ..., as they are tuned."""
    for cells_of_parts in zip_longest(*(part.rounds for part in parts), fillvalue=()):
        images.forget()
        for part, cells in zip(parts, cells_of_parts, strict=True):
            yield from ((part, cell) for cell in cells)


def _cell(part: Part, cell: Cell, book: Book, seeds: int) -> Book:
    """The lines of a cell that something is missing in, with what is there already."""
    keys = [Key(part.name, cell.target, cell.network, cell.layer, seed) for seed in range(seeds)]
    if not any(_missing(book[key], key.seed) if key in book else True for key in keys):
        return {}
    features, seconds = _timed_features(part, cell)
    found = {key: _line(features, key.seed, book.get(key), seconds) for key in keys}
    print(part.name, stem(cell), f"{sum(map(_total, found.values())):.1f} s", flush=True)
    return found


def _missing(line: Scored, seed: int) -> bool:
    return any(str(metric) not in line.scores for metric in asked.metrics(*_kind(line.facts), seed))


def _kind(facts: tuple[int, int, int]) -> tuple[str, int]:
    """The task and the classes; several labels a row are told by a negative number of them."""
    classes = facts[1]
    if classes > 0:
        return "classification", classes
    return ("multilabel" if classes else "regression"), 0


def _timed_features(part: Part, cell: Cell) -> tuple[Seen, float | None]:
    """With the processor's seconds a row, None where they were on the disk."""
    kept = (FOLDER / part.name / f"{stem(cell)}.npz").exists()
    began = time.process_time()
    features = seen(part, cell)
    return features, None if kept else (time.process_time() - began) / len(features.labels)


def _line(features: Seen, seed: int, known: Scored | None, seconds: float | None) -> Scored:
    rows = features.split(seed).train
    facts = len(rows), _classes(features, rows), features.features.shape[1]
    done = known.scores if known else {}
    wanted = [metric for metric in asked.metrics(*_kind(facts), seed) if str(metric) not in done]
    line = Scored(facts, seconds={} if seconds is None else {FEATURES: seconds * len(rows)})
    for metric in wanted:
        line = line.joined(_asked(features, rows, metric, facts))
    return known.joined(line) if known else line


def _classes(features: Seen, rows: Rows) -> int:
    """0 in a regression, −L with L labels a row."""
    task = task_of(features.labels)
    if task.kind == "classes":
        return len(np.unique(features.labels[rows]))
    return -task.outputs if task.kind == "labels" else 0


def _asked(features: Seen, rows: Rows, metric: Metric, facts: tuple[int, int, int]) -> Scored:
    """One measure, of a sample of its own: so its time is all that it takes alone."""
    began, name = time.process_time(), str(metric)
    task = TASKS[task_of(features.labels).kind]
    sample = as_sample(features.features[rows], features.labels[rows], task)
    source = None if features.source is None else features.source[rows]
    scored = score_all(with_probabilities(sample, source), [metric])
    values = scored.parts.get(name) or tuple(v for v in (scored.scores[name],) if v is not None)
    return Scored(facts, {name: values}, {name: time.process_time() - began})


def _total(line: Scored) -> float:
    return sum(line.seconds.values())


def compute_all(names: Sequence[str]) -> None:
    """The parts of the benchmark that are named, all without a name; and the recorded truth of the zoo."""
    torch.set_num_threads(1)
    if "zoo" in names or not names:
        compute_zoo()
    compute([PARTS[name] for name in PARTS if name in names or not names])
