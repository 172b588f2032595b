"""What has been run: CSV files, a line a run, written so that a killed process loses only the run that it is in."""

from __future__ import annotations

import csv
import io
import os
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Generic, TypeVar

RESULTS = Path(__file__).with_name("results")
TYPES = {"float": float, "int": int, "str": str}


@dataclass(frozen=True)
class Run:
    """A network that was tuned at a rate, and judged.

    contender: see `contenders`. step: at which the best state stood, of `steps` that were made. ready, seconds: of one
    processor, for what comes before the first step, and for the steps. teachers: the best first.
    """

    student: str
    target: str
    seed: int
    contender: str
    rate: float
    accuracy: float
    held_out: float
    step: int
    steps: int
    train_rows: int
    held_out_rows: int
    test_rows: int
    ready: float
    seconds: float
    teachers: str
    machine: str


@dataclass(frozen=True)
class Tried:
    """A short run at a rate. held_out: accuracy on the rows that choose; loss: theirs, nan where it diverged."""

    student: str
    target: str
    seed: int
    contender: str
    rate: float
    held_out: float
    loss: float
    steps: int


@dataclass(frozen=True)
class Tuned:
    """A candidate tuned plainly, with the choice of its rate; or what `auto` found, under the name `auto`.

    model: the candidate, or the one that `auto` chose. accuracy: on the test rows. seconds: of one processor, for
    all that it took. note: how it was done.
    """

    target: str
    candidate: str
    model: str
    accuracy: float
    held_out: float
    rate: float
    seconds: float
    test_rows: int
    note: str
    machine: str


Line = TypeVar("Line", Run, Tried, Tuned)


@dataclass(frozen=True)
class Ledger(Generic[Line]):
    """A file of lines of one kind."""

    path: Path
    kind: type[Line]

    def read(self) -> list[Line]:
        """All whole lines; one that was cut off by a crash is left out."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        rows = csv.DictReader([line for line in lines if line.endswith("\n")])
        return [self._line(row) for row in rows if None not in row and None not in row.values()]

    def _line(self, row: dict[str, str]) -> Line:
        return self.kind(
            **{field.name: TYPES[str(field.type)](row[field.name]) for field in fields(self.kind)}
        )

    def append(self, line: Line) -> None:
        """Adds a line and has it on the disk when this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            file.write(self._before(file) + _text(astuple(line)))
            file.flush()
            os.fsync(file.fileno())

    def _before(self, file: io.BufferedRandom) -> bytes:
        """The header of an empty file, or the end of a line that a crash has cut off."""
        size = file.seek(0, os.SEEK_END)
        if not size:
            return _text(tuple(field.name for field in fields(self.kind)))
        file.seek(size - 1)
        return b"" if file.read(1) == b"\n" else b"\n"


def _text(values: tuple[object, ...]) -> bytes:
    text = io.StringIO()
    shown = [f"{value:.6g}" if isinstance(value, float) else value for value in values]
    csv.writer(text, lineterminator="\n").writerow(shown)
    return text.getvalue().encode()


def runs(folder: Path = RESULTS) -> Ledger[Run]:
    """Of the comparison."""
    return Ledger(folder / "runs.csv", Run)


def rates(folder: Path = RESULTS) -> Ledger[Tried]:
    """Of the choice of rates for it."""
    return Ledger(folder / "rates.csv", Tried)


def search(folder: Path = RESULTS) -> Ledger[Tuned]:
    """Of the search for the best model."""
    return Ledger(folder / "search.csv", Tuned)
