"""Tables: CSV and TSV, JSON Lines, Parquet and data frames become rows of cells under named columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audition.data.csv_table import read_csv
from audition.data.files import check_file
from audition.data.growth import check_growth
from audition.data.remote import is_remote, opened
from audition.data.text_file import read_text
from audition.errors import InputError, MissingExtraError

AT_ONCE = 256  # rows of a Parquet file
CELL = 8  # bytes that a cell takes in memory at the least


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of cells under named columns.

    name: what to call it. columns: the header, as it stands. rows: a cell a column; None or "" is empty.
    places: where each row came from, for messages. folder: where relative paths in cells start.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    places: Sequence[str]
    folder: Path = Path()

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[Any]:
        """The cells of a column; raises InputError where two have its name."""
        if self.columns.count(name) > 1:
            raise InputError(f"{self.name!r} has {self.columns.count(name)} columns {name!r}: rename them.")
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def read_table(path: Path) -> Table:
    """The table in a file: .csv, .tsv, .jsonl, .ndjson or .parquet.

    Raises InputError for a file that is missing, damaged, not UTF-8 or holds no rows, MissingExtraError
    for Parquet without pyarrow.
    """
    check_file(path)
    columns, rows, places = READERS[path.suffix.lower()](path)
    if not rows:
        raise InputError(f"{str(path)!r} holds no rows.")
    return Table(str(path), tuple(columns), rows, [f"{path.name}, {place}" for place in places], path.parent)


def _read_csv(path: Path) -> tuple[Sequence[str], list[list[Any]], list[str]]:
    header, rows, lines = read_csv(path)
    return header, rows, [f"line {line}" for line in lines]


def _read_jsonl(path: Path) -> tuple[Sequence[str], list[list[Any]], list[str]]:
    """One object a line; a name that a line lacks is an empty cell."""
    records: list[Mapping[str, Any]] = []
    places: list[str] = []
    text = read_text(path)
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"Line {number} of {str(path)!r} is no JSON: {error}.") from None
        if not isinstance(record, dict):
            raise InputError(f"Line {number} of {str(path)!r} is no JSON object with named values.")
        records.append(record)
        places.append(f"line {number}")
    columns = list(dict.fromkeys(name for record in records for name in record))
    check_growth(str(path), len(text), len(records) * len(columns) * CELL)
    return columns, [[record.get(name) for name in columns] for record in records], places


def _read_parquet(path: Path) -> tuple[Sequence[str], list[list[Any]], list[str]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "tables") from error
    try:
        source: Any = opened(path) if is_remote(path) else path
        packed = source.getbuffer().nbytes if is_remote(path) else path.stat().st_size
        with parquet.ParquetFile(source) as file:
            names, rows = (
                file.schema_arrow.names,
                [row for part in _parts(file, path, packed) for row in part],
            )
    except InputError:
        raise
    except (ArrowException, OSError, ValueError, OverflowError) as error:
        raise InputError(
            f"{str(path)!r} is not a readable .parquet file: {str(error).strip(' .')}."
        ) from error
    return names, rows, [f"row {place}" for place in range(len(rows))]


def _parts(file: Any, path: Path, packed: int) -> Iterator[list[list[Any]]]:
    """The rows of a Parquet file, some at a time; raises InputError where a few bytes stand for far too many."""
    metadata = file.metadata
    groups = (metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
    cells = metadata.num_rows * metadata.num_columns * CELL
    check_growth(str(path), packed, max(sum(groups), cells))
    taken = 0
    for batch in file.iter_batches(batch_size=AT_ONCE):
        columns = [
            column.dictionary_decode() if hasattr(column, "dictionary") else column for column in batch
        ]
        taken += sum(column.nbytes for column in columns)
        check_growth(str(path), packed, taken)
        yield [list(row) for row in zip(*(column.to_pylist() for column in columns), strict=True)]


READERS: dict[str, Callable[[Path], tuple[Sequence[str], list[list[Any]], list[str]]]] = {
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".parquet": _read_parquet,
}
"""The end of a table's file -> what reads it: the header, the rows, and where each stands."""


def is_frame(data: Any) -> bool:
    """Whether something is a data frame of pandas or polars; neither is imported to find out."""
    return type(data).__module__.partition(".")[0] in ("pandas", "polars") and hasattr(data, "columns")


def table_of_frame(frame: Any, name: str) -> Table:
    """A data frame's cells as plain Python values; missing ones are None."""
    names = [str(column) for column in frame.columns]
    if hasattr(frame, "iloc"):
        kept = frame.astype(object).where(frame.notna(), None)
        columns = [kept.iloc[:, place].tolist() for place in range(len(names))]
    else:
        columns = [frame[column].to_list() for column in frame.columns]
    rows = [list(cells) for cells in zip(*columns, strict=True)]
    if not rows:
        raise InputError("The data frame holds no rows.")
    return Table(name, tuple(names), rows, [f"row {place}" for place in range(len(rows))])
