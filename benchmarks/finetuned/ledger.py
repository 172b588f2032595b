"""What has been run: one CSV file, a line a run, written so that a killed process loses only the run it is in."""

from __future__ import annotations

import csv
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path

RESULTS = Path(__file__).with_name("results")


@dataclass(frozen=True, order=True)
class Cell:
    """What has one truth: a network, up to a layer, on a target."""

    target: str
    network: str
    layer: str = "features"


@dataclass(frozen=True)
class Run:
    """metric: of `test` and `held_out`. step: at which the state was taken. seconds: of one processor."""

    target: str
    network: str
    layer: str
    rate: float
    seed: int
    metric: str
    test: float
    held_out: float
    held_out_loss: float
    step: int
    steps: int
    train_rows: int
    held_out_rows: int
    test_rows: int
    seconds: float
    machine: str

    @property
    def cell(self) -> Cell:
        return Cell(self.target, self.network, self.layer)


NAMES = tuple(field.name for field in fields(Run))
TYPES = {"float": float, "int": int, "str": str}


def read(path: Path) -> list[Run]:
    """All whole lines; one that was cut off by a crash is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    rows = csv.DictReader(whole)
    return [_run(row) for row in rows if None not in row and None not in row.values()]


def _run(row: dict[str, str]) -> Run:
    return Run(**{field.name: TYPES[str(field.type)](row[field.name]) for field in fields(Run)})


def append(path: Path, run: Run) -> None:
    """Adds a line and has it on the disk when this returns; several processes may do so at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        file.write(_before(file, size) + _line(astuple(run)))
        file.flush()
        os.fsync(file.fileno())


def _before(file: io.BufferedRandom, size: int) -> bytes:
    """The header of an empty file, or the end of a line that a crash has cut off."""
    if not size:
        return _line(NAMES)
    file.seek(size - 1)
    last = file.read(1)
    file.seek(0, os.SEEK_END)
    return b"" if last == b"\n" else b"\n"


def _line(values: tuple[object, ...]) -> bytes:
    text = io.StringIO()
    shown = [f"{value:.6g}" if isinstance(value, float) else value for value in values]
    csv.writer(text, lineterminator="\n").writerow(shown)
    return text.getvalue().encode()


def stem(cell: Cell) -> str:
    """The name of a cell's file."""
    return "--".join(asdict(cell).values())


@contextmanager
def claimed(folder: Path, cell: Cell) -> Iterator[bool]:
    """Whether the cell is ours while this lasts; the claim ends with the process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{stem(cell)}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
