"""What was found, as CSV files: a line a value of one kind; a part that is measured again replaces its lines."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

RESULTS = Path(__file__).with_name("results")
FILE = RESULTS / "measured.csv"
KINDS = {"str": str, "int": int, "float": float}
T = TypeVar("T")


@dataclass(frozen=True)
class Measured:
    """A number. what: of what; rows, columns, classes, candidates: how large, 0 where that plays no part.

    unit: of the value. note: how it was taken. machine: in words.
    """

    part: str
    what: str
    value: float
    unit: str
    rows: int = 0
    columns: int = 0
    classes: int = 0
    candidates: int = 0
    note: str = ""
    machine: str = ""


def stamped(line: Measured, machine: str) -> Measured:
    """The line, with the machine that it was measured on."""
    return replace(line, machine=machine)


def replace_part(part: str, lines: Sequence[Measured], path: Path = FILE) -> None:
    """Writes the lines of a part in place of those that it had."""
    kept = [line for line in read(path, Measured) if line.part != part]
    write(sorted([*kept, *lines], key=lambda one: one.part), path)


def read(path: Path, kind: type[T]) -> list[T]:
    """The values of a file; none where there is no file."""
    if not path.exists():
        return []
    known: Any = kind
    with path.open(encoding="utf-8", newline="") as file:
        return [
            kind(**{field.name: KINDS[str(field.type)](row[field.name]) for field in fields(known)})
            for row in csv.DictReader(file)
        ]


def write(values: Iterable[Any], path: Path) -> None:
    """A line a value, all of one frozen dataclass of text and numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for number, value in enumerate(values):
            if not number:
                writer.writerow([field.name for field in fields(value)])
            writer.writerow([f"{cell:.5g}" if isinstance(cell, float) else cell for cell in astuple(value)])
