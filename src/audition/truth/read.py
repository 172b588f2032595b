"""Tables of results or scores from CSV: a row a model and data set, or a row a model and a column a data set."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audition.errors import InputError, UnknownNameError
from audition.truth.value import Cells, Truth

MODEL, DATASET, ACCURACY = "model", "dataset", "accuracy"
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+%?")
MISSING = ("", "nan", "na", "n/a", "none", "null", "-", "–")


@dataclass(frozen=True)
class Grid:
    """A CSV file as it is: its name for messages, the header, and the rows with their line numbers."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The columns that hold numbers: all but model and data set."""
        return tuple(name for name in self.header if name not in (MODEL, DATASET))


def read_truth(path: str | Path, *, column: str = ACCURACY) -> Truth:
    """The truth of a CSV file: columns model, dataset, accuracy; or model and then a column a data set.

    A long table may hold scores beside (a column a measure); they are in `Truth.scores`. Without a
    column of data sets, a column named `column` is the accuracy on one data set, named as the file.
    An empty cell or NaN is a hole. Raises InputError for a file that cannot be read, columns that are
    missing, a cell that is no number, and a model that comes twice on a data set.
    """
    return parse_truth(_text(path), Path(path).stem, column=column, where=str(path))


def parse_truth(text: str, name: str, *, column: str = ACCURACY, where: str = "") -> Truth:
    """The same from the text of a file; `where` names it in messages."""
    grid = _grid(text, where or name)
    if DATASET not in grid.header and column not in grid.header:
        return Truth.of(name, {dataset: _by_dataset(grid, dataset)[""] for dataset in grid.values})
    if column not in grid.header:
        raise UnknownNameError(f"column in {grid.name}", column, grid.values)
    results = {dataset or name: column_ for dataset, column_ in _by_dataset(grid, column).items()}
    beside = {
        measure: {dataset or name: cells for dataset, cells in _by_dataset(grid, measure).items()}
        for measure in grid.values
        if measure != column
    }
    return replace(Truth.of(name, results), scores=beside)


def read_scores(path: str | Path, *, datasets: Collection[str] = ()) -> dict[str, Cells]:
    """The scores of a CSV file, measure -> dataset -> model.

    Columns model and dataset, and a column a measure (accuracy is not one); or model and a column a
    measure, then the data set is ""; or model and a column for each of the data sets that are named
    in `datasets`, then the measure is the file's name. Raises as `read_truth`.
    """
    grid = _grid(_text(path), str(path))
    if DATASET not in grid.header and set(grid.values) <= set(datasets):
        return {Path(path).stem: {dataset: _by_dataset(grid, dataset)[""] for dataset in grid.values}}
    measures = [name for name in grid.values if name != ACCURACY]
    if not measures:
        raise InputError(f"{grid.name} has no column of scores beside {', '.join(grid.header)}.")
    return {measure: _by_dataset(grid, measure) for measure in measures}


def _text(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"There is no file {str(path)!r}.") from None
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{str(path)!r} is not a table: it is not text in UTF-8.") from None
    except ValueError as error:  # NUL in a name
        raise InputError(f"{str(path)!r} cannot be read: {error}.") from None


def _grid(text: str, name: str) -> Grid:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = tuple(_heading(cell) for cell in next(reader, []))
        rows = tuple((reader.line_num, tuple(row)) for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise InputError(f"{name}, line {reader.line_num}: {error}.") from None
    if MODEL not in header:
        raise InputError(f"{name} has no column 'model': its first line names {_listed(header)}.")
    if len(set(header)) < len(header):
        twice = next(cell for cell in header if header.count(cell) > 1)
        raise InputError(f"{name} has two columns {twice!r}.")
    if len(header) < 2 + (DATASET in header) or not rows:
        raise InputError(
            f"{name} has no results: write a row a model, with columns model, dataset, accuracy."
        )
    return Grid(name, header, rows)


def _delimiter(text: str) -> str:
    """The commonest of comma, semicolon and tab in the first line, as of the tables of data."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max((",", ";", "\t"), key=first.count)


def _heading(cell: str) -> str:
    """A column's name; the three that mean something may be written in capitals."""
    name = cell.strip()
    return name.lower() if name.lower() in (MODEL, DATASET, ACCURACY) else name


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names)) or "nothing"


def _by_dataset(grid: Grid, column: str) -> dict[str, dict[str, float]]:
    """dataset -> model -> number of one column; the data set is "" in a table without that column."""
    cells: dict[str, dict[str, float]] = {}
    for line, model, dataset, text in _cells(grid, column):
        held = cells.setdefault(dataset, {})
        if model in held:
            on = f" on {dataset}" if dataset else ""
            raise InputError(f"{grid.name}, line {line}: {model} has a second row{on}.")
        held[model] = _number(text, f"{grid.name}, line {line}, column {column}")
    return {
        dataset: {model: number for model, number in held.items() if number == number}
        for dataset, held in cells.items()
    }


def _cells(grid: Grid, column: str) -> Iterator[tuple[int, str, str, str]]:
    """(line, model, data set, text) of each row."""
    places = {name: place for place, name in enumerate(grid.header)}
    for line, row in grid.rows:
        if len(row) != len(grid.header):
            raise InputError(
                f"{grid.name}, line {line}: {len(row)} cells, but the first line names {len(grid.header)}."
            )
        dataset = row[places[DATASET]].strip() if DATASET in places else ""
        yield line, row[places[MODEL]].strip(), dataset, row[places[column]].strip()


def _number(text: str, where: str) -> float:
    if text.lower() in MISSING:
        return float("nan")
    try:
        return float(text.removesuffix("%"))
    except ValueError:
        point = text.replace(",", ".")
        hint = f": write {point!r}" if _DECIMAL_COMMA.fullmatch(text) else ""
        raise InputError(f"{where}: {text!r} is not a number{hint}.") from None
