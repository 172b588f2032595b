"""What the measures say of the built-in networks, on the targets of their recorded truth."""

from __future__ import annotations

from pathlib import Path

from audition import rank
from audition.metrics.registry import parse_metric
from audition.ranking import Row
from benchmarks.finetuned.ledger import RESULTS
from benchmarks.quality import DATA
from benchmarks.quality_page import asked, scores
from benchmarks.quality_page.scores import Key, Scored

PART = "zoo"


def compute_zoo(folder: Path = RESULTS) -> None:
    """Adds a line for each of 14 networks on each of 4 targets, from the rows of the training folder."""
    book = scores.read(folder)
    for target, data in DATA.items():
        if not any((key.part, key.target) == (PART, target) for key in book):
            ranking = rank("zoo:*", data, metrics=_metrics())
            book.update({_key(target, row): _line(row, ranking.items) for row in ranking})
            scores.write(book, asked.names(), folder)
            print(PART, target, len(ranking), flush=True)


def _metrics() -> tuple[str, ...]:
    return tuple(name for name in asked.names() if "classification" in parse_metric(name).tasks)


def _key(target: str, row: Row) -> Key:
    return Key(PART, target, row.model, "features", 0)


def _line(row: Row, rows: int) -> Scored:
    """A measure of candidates has its score already, of all 14."""
    known = {name: () if value is None else (value,) for name, value in row.scores.items()}
    return Scored((rows, 0, 0), known)
