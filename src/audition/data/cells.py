"""The cells of label columns become labels: classes, sets of names, numbers; every bad cell is named."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from typing import Any, cast

import numpy as np

from audition.data.base import Task
from audition.data.tables import Table
from audition.errors import InputError
from audition.labels import Task as LabelTask
from audition.labels import as_labels, task_of

_WHOLE = re.compile(r"0|-?[1-9]\d*")  # "007" is a name, not a number
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
INDICATORS = ("0", "1", 0, 1)

Labels = tuple[Task, list[Hashable]]


def all_indicators(cells: Sequence[Any]) -> bool:
    """Whether all cells are 0 or 1."""
    return all(isinstance(cell, (str, int, float)) and cell in INDICATORS for cell in cells)


def read_labels(table: Table, columns: Sequence[str], task: LabelTask = "auto") -> Labels:
    """The task and the label of each row.

    One column: text is classes, numbers are what as_labels takes them for, lists of names are several labels.
    Several columns: of 0 and 1, the names of the columns with 1; other numbers, a tuple of targets.
    Raises InputError, with the place, for a label that is missing or of another type than the others.
    """
    for name in columns:
        _check_present(table, name)
    if len(columns) > 1 or (task == "multilabel" and all_indicators(table.column(columns[0]))):
        return _several(table, columns, task)
    cells = table.column(columns[0])
    if all(isinstance(cell, (list, tuple, set)) for cell in cells) and task in ("auto", "multilabel"):
        return "multilabel", [names_in(cell, place) for cell, place in zip(cells, table.places, strict=True)]
    return _one(_typed(table, columns[0], cells, task), task, table, columns[0])


def names_in(cell: Iterable[Any], place: str) -> frozenset[Hashable]:
    """The labels in a list; raises InputError where one is no name but holds others."""
    try:
        return frozenset(cell)
    except TypeError:
        raise InputError(f"The labels at {place} are no list of names: {cell!r}.") from None


def _check_present(table: Table, name: str) -> None:
    missing = [place for cell, place in zip(table.column(name), table.places, strict=True) if _is_empty(cell)]
    if missing:
        rows = "1 row" if len(missing) == 1 else f"{len(missing)} rows"
        raise InputError(
            f"The label column {name!r} of {table.name!r} is empty in {rows}, the first at {missing[0]}: "
            "fill it in or leave the row out."
        )


def _is_empty(cell: Any) -> bool:
    return (
        cell is None
        or (isinstance(cell, str) and not cell.strip())
        or (isinstance(cell, float) and cell != cell)
    )


def _typed(table: Table, name: str, cells: Sequence[Any], task: LabelTask) -> list[Any]:
    """Cells of one type: text, numbers or booleans."""
    values = [float(cell) if isinstance(cell, Decimal) else cell for cell in cells]
    values = [value.item() if isinstance(value, np.generic) else value for value in values]
    kinds = [_kind(value) for value in values]
    if len(set(kinds)) > 1:
        other = next(place for place, kind in enumerate(kinds) if kind != kinds[0])
        raise InputError(
            f"The label column {name!r} of {table.name!r} mixes {kinds[0]} ({values[0]!r} at {table.places[0]}) "
            f"and {kinds[other]} ({values[other]!r} at {table.places[other]}): write all in one way."
        )
    if kinds[0] not in ("text", "numbers", "booleans"):
        raise InputError(
            f"The label column {name!r} of {table.name!r} holds {kinds[0]}: text or numbers are needed."
        )
    return _from_text(table, name, values, task) if kinds[0] == "text" else values


def _kind(value: Any) -> str:
    names = {str: "text", bool: "booleans", int: "numbers", float: "numbers"}
    return names.get(type(value), f"values of type {type(value).__name__}")


def _from_text(table: Table, name: str, cells: list[Any], task: LabelTask) -> list[Any]:
    """Numbers where all cells are written as numbers, else the text itself.

    Where fractions are in the majority, or numbers are asked for, a cell that is none is a mistake.
    """
    cells = [cell.strip() for cell in cells]
    if task != "regression" and all(map(_WHOLE.fullmatch, cells)):
        return [int(cell) for cell in cells]
    numbers = [_NUMBER.fullmatch(cell) is not None for cell in cells]
    if all(numbers) and not any(cell.startswith("0") and cell.isdigit() and cell != "0" for cell in cells):
        return [float(cell) for cell in cells]
    fractions = sum("." in cell for cell, number in zip(cells, numbers, strict=True) if number)
    if task == "regression" or (task == "auto" and fractions > len(cells) / 2):
        first = numbers.index(False) if False in numbers else 0
        raise InputError(
            f"The label column {name!r} of {table.name!r} holds numbers, and {cells[first]!r} at "
            f"{table.places[first]}: correct it, or say --task classification (task='classification')."
        )
    return list(cells)


def _one(values: list[Any], task: LabelTask, table: Table, name: str) -> Labels:
    decided = task_of(as_labels(values, task=task))
    if decided == "regression":
        return decided, [float(value) for value in values]
    if decided == "classification" and len(set(values)) < 2:
        raise InputError(
            f"All labels in the column {name!r} of {table.name!r} are {values[0]!r}: at least two classes are needed."
        )
    return decided, values


def _several(table: Table, columns: Sequence[str], task: LabelTask) -> Labels:
    cells = {name: table.column(name) for name in columns}
    indicators = all(all_indicators(column) for column in cells.values())
    if task == "classification":
        raise InputError(
            f"{len(columns)} label columns are several labels or several targets, not classes: name one."
        )
    if task == "multilabel" and not indicators:
        raise InputError(
            f"Label columns of {table.name!r} for several labels hold 0 and 1; these hold other values."
        )
    rows = zip(*(_floats(table, name, column) for name, column in cells.items()), strict=True)
    if indicators and task != "regression":
        sets = [frozenset(name for name, cell in zip(columns, row, strict=True) if cell) for row in rows]
        return "multilabel", cast(list[Hashable], sets)
    return "regression", list(rows)


def _floats(table: Table, name: str, column: Sequence[Any]) -> list[float]:
    values = []
    for cell, place in zip(column, table.places, strict=True):
        written = isinstance(cell, str) and _NUMBER.fullmatch(cell.strip())
        if not written and not isinstance(cell, (int, float, Decimal)):
            raise InputError(
                f"Several label columns hold numbers, but {name!r} holds {cell!r} at {place}: name one column."
            )
        values.append(float(cell))
    return values
