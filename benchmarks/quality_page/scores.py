"""Scores on disk: a line for each network, target and seed, a column a measure; seconds in a file like it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from audition.files import written_whole
from benchmarks.finetuned.ledger import RESULTS, Cell

SCORES, SECONDS = "scores.csv", "seconds.csv"
NONE = "-"  # a measure that was asked and has no score; an empty cell was never asked
FEATURES = "features"  # among the seconds: those of the network itself
FACTS = ("rows", "classes", "columns")


class Key(NamedTuple):
    """What has one line; rows are those that the runs with this seed were trained on."""

    part: str
    target: str
    network: str
    layer: str
    seed: int

    @property
    def cell(self) -> Cell:
        return Cell(self.target, self.network, self.layer)


@dataclass(frozen=True)
class Scored:
    """A line. facts: the rows, their classes (0 in a regression, −L with L labels a row), the columns of the features.

    scores: of each measure that was asked, empty where it has none, several numbers for a measure of
    candidates. seconds: of one processor, for each of them and for the features of these rows.
    """

    facts: tuple[int, int, int]
    scores: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def joined(self, other: Scored) -> Scored:
        """With what the other has been asked."""
        return Scored(other.facts, {**self.scores, **other.scores}, {**self.seconds, **other.seconds})


Book = dict[Key, Scored]


def read(folder: Path = RESULTS) -> Book:
    """All lines; none where there is no file."""
    seconds = {key: _numbers(row) for key, row in _lines(folder / SECONDS)}
    return {
        key: Scored(
            (int(row["rows"]), int(row["classes"]), int(row["columns"])),
            {name: _values(text) for name, text in row.items() if name not in FACTS and text},
            seconds.get(key, {}),
        )
        for key, row in _lines(folder / SCORES)
    }


def _lines(path: Path) -> list[tuple[Key, dict[str, str]]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [(_popped(row), row) for row in csv.DictReader(file)]


def _popped(row: dict[str, str]) -> Key:
    """The key of a line, taken out of it."""
    part, target, network, layer, seed = (row.pop(name) for name in Key._fields)
    return Key(part, target, network, layer, int(seed))


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    return {name: float(text) for name, text in row.items() if text}


def _values(text: str) -> tuple[float, ...]:
    return () if text == NONE else tuple(map(float, text.split(";")))


def write(book: Book, measures: tuple[str, ...], folder: Path = RESULTS) -> None:
    """Both files, each whole or not at all; columns in the order of the measures."""
    scores = [
        [*key, *line.facts, *(_text(line.scores.get(name)) for name in measures)]
        for key, line in book.items()
    ]
    timed = (FEATURES, *measures)
    seconds = [[*key, *(_short(line.seconds.get(name)) for name in timed)] for key, line in book.items()]
    _write(folder / SCORES, [[*Key._fields, *FACTS, *measures], *scores])
    _write(folder / SECONDS, [[*Key._fields, *timed], *seconds])


def _text(values: tuple[float, ...] | None) -> str:
    if values is None:
        return ""
    return ";".join(f"{value:.7g}" for value in values) or NONE


def _short(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.3g}"


def _write(path: Path, rows: list[list[object]]) -> None:
    with written_whole(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
