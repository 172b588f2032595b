"""Labels without items: what a ranking of features that are there already needs of a data set."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

from audition.data.array_file import ArrayFile
from audition.data.base import DataKind, Item, Task
from audition.data.cells import all_indicators, read_labels
from audition.data.columns import IMAGES, LABELS, SOUNDS, TEXTS, Wanted, refuse_columns
from audition.data.files import header_task, label_of
from audition.data.memory import labels_of_arrays
from audition.data.splits import refuse_split
from audition.data.tables import Table
from audition.errors import InputError
from audition.files import user_path
from audition.labels import Task as LabelTask

NUMBERINGS = ("", "id", "idx", "index", "row", "unnamed: 0")  # columns that say no more than the order


@dataclass(frozen=True, eq=False)
class LabelsAlone:
    """N labels in order; an item cannot be decoded. groups: N values, equal for rows that belong together."""

    name: str
    task: Task
    labels: tuple[Hashable, ...]
    groups: tuple[Hashable, ...] | None = None
    kind: DataKind = "labels"

    def __len__(self) -> int:
        return len(self.labels)

    def items(self) -> Iterator[Item]:
        """Each row in order; its name is its place, counted from 0."""
        groups = self.groups or (None,) * len(self.labels)
        for place, (label, group) in enumerate(zip(self.labels, groups, strict=True)):
            yield Item(f"row {place}", label, partial(_nothing, self.name), group)


def _nothing(name: str) -> NoReturn:
    raise InputError(f"{name!r} holds labels alone: give the data themselves.")


def labels_alone(table: Table, wanted: Wanted) -> tuple[str, ...]:
    """The label columns of a table that holds nothing else but a numbering; none where it holds items.

    They are those that are asked for, else the only one, else all where they hold 0 and 1.
    """
    columns = [name for name in table.columns if name.strip().lower() not in NUMBERINGS]
    usual = {name.lower() for name in columns} & {*TEXTS, *IMAGES, *SOUNDS}
    if wanted.contents or usual or not columns:
        return ()
    asked = wanted.label_columns
    if asked is not None:
        names = [name.strip() for name in asked.split(",")] if isinstance(asked, str) else list(asked)
        return tuple(names) if set(names) == set(columns) else ()
    if len(columns) == 1:
        return tuple(columns)
    indicators = all(all_indicators(table.column(name)) for name in columns)
    return tuple(columns) if indicators and not {name.lower() for name in columns} & set(LABELS) else ()


def labels_of_table(table: Table, columns: tuple[str, ...], task: LabelTask, name: str) -> LabelsAlone:
    """The labels in some columns of a table; raises InputError for cells that are none."""
    known, labels = read_labels(table, columns, task)
    return LabelsAlone(name, known, tuple(labels))


def labels_of_array_file(path: Path, task: LabelTask, name: str) -> LabelsAlone:
    """The labels in a .npz, .npy or .safetensors file: those that audition wrote, `labels`, or the only array.

    Raises InputError for a file without labels, and for one that is missing or damaged.
    """
    file = ArrayFile.open(path)
    header = file.header
    if header is not None:
        known = header_task(header)
        labels, groups = header.get("labels"), header.get("groups")
        if not isinstance(labels, list) or not isinstance(groups, list | None):
            raise InputError(f"The header of {str(path)!r} is damaged: it has no list of labels.")
        plain = tuple(label_of(label, known) for label in labels)
        return LabelsAlone(name, known, plain, None if groups is None else tuple(groups))
    key = "labels" if "labels" in file.shapes else next(iter(file.shapes), "")
    if key != "labels" and (len(file.shapes) != 1 or path.suffix.lower() != ".npy"):
        names = ", ".join(map(repr, file.shapes)) or "nothing"
        raise InputError(
            f"{str(path)!r} has no 'labels'; it holds {names}. Feature files are for 'audition score', or "
            f"candidates of 'audition rank' (features:{path.name}) beside data with labels."
        )
    values = file.read(key)
    if values.ndim == 0:
        raise InputError(f"{str(path)!r} holds one number, no labels.")
    known, plain = labels_of_arrays(values, task, len(values), "rows")
    return LabelsAlone(name, known, plain, _groups(file, len(plain)))


def _groups(file: ArrayFile, rows: int) -> tuple[Hashable, ...] | None:
    if file.shapes.get("groups") != (rows,):
        return None
    return tuple(file.read("groups").tolist())


def open_features_file(rest: str, name: str | None, wanted: Wanted) -> LabelsAlone:
    """The labels in a file that is also a candidate: "features:resnet.npz"."""
    refuse_split(wanted.split, f"features:{rest}")
    refuse_columns(wanted, f"features:{rest}")
    path = user_path(rest)
    if path.suffix.lower() == ".npy":
        raise InputError(f"{rest!r} holds features alone: give the labels as data, as in --data labels.csv.")
    return labels_of_array_file(path, wanted.task, name or path.stem)
