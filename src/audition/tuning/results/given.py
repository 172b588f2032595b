"""The columns of the table that items came from, to stand beside what is predicted of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audition.data.remote import is_address, path_at, read_at
from audition.data.tables import READERS, Table, is_frame, read_table, table_of_frame
from audition.files import user_path


@dataclass(frozen=True)
class Given:
    """Columns by name, and the cells of each of n items in them, as text."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


NOTHING = Given()


def given_with(data: Any, names: Sequence[str]) -> Given:
    """What the table says of items by name; nothing where they come from no table."""
    table = _table(data)
    if table is None:
        return NOTHING
    rows = dict(zip(table.places, table.rows, strict=True))
    if not all(name in rows for name in names):
        return NOTHING
    return Given(table.columns, tuple(tuple(map(_text, rows[name])) for name in names))


def _table(data: Any) -> Table | None:
    if is_frame(data):
        return table_of_frame(data, "frame")
    if not isinstance(data, (str, os.PathLike)):
        return None
    text = os.fsdecode(data)
    if not is_address(text):
        return _table_at(user_path(text))
    with read_at(text):
        return _table_at(path_at(text))


def _table_at(path: Path) -> Table | None:
    """The table that a path is, or the only one in a folder."""
    found = list(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    tables = [one for one in found if one.suffix.lower() in READERS]
    return read_table(tables[0]) if len(tables) == 1 else None


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
