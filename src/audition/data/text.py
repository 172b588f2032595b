"""Texts with labels, and images and sounds that a table names: columns of a table as a data set."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from audition.data.audio import read_sound, require_soundfile
from audition.data.base import DataKind, Item, Task
from audition.data.cells import names_in, read_labels
from audition.data.columns import Wanted, choose_columns
from audition.data.images import read_image, require_pillow
from audition.data.memory import labels_of_arrays
from audition.data.remote import below, is_remote
from audition.data.tables import Table
from audition.errors import InputError
from audition.files import user_path
from audition.labels import Task as LabelTask
from audition.labels import as_groups


@dataclass(frozen=True, eq=False)
class ColumnDataset:
    """N labelled items out of N cells.

    places: where each stands. read: (cell, place) -> the decoded item. groups: which items belong together.
    source: a cell -> what the item is decoded from, where that is not the cell itself.
    """

    name: str
    kind: DataKind
    task: Task
    cells: Sequence[Any]
    labels: Sequence[Hashable]
    places: Sequence[str]
    read: Callable[[Any, str], Any]
    groups: Sequence[Hashable] | None = None
    source: Callable[[Any], Any] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def items(self) -> Iterator[Item]:
        """Each row in order, by its place; the words of a sentence belong together."""
        groups = self.groups or (self.places if self.kind == "tokens" else [None] * len(self))
        for cell, label, place, group in zip(self.cells, self.labels, self.places, groups, strict=True):
            source = self.source(cell) if self.source else None
            yield Item(place, label, partial(self.read, cell, place), group, source)


def dataset_of_table(table: Table, wanted: Wanted, name: str) -> ColumnDataset:
    """The items and labels in a table's columns; raises InputError for columns that cannot be used.

    Lists of words with lists of tags are sentences of tokens.
    """
    kind, content, columns = choose_columns(table, wanted)
    cells = table.column(content)
    if kind == "text" and all(isinstance(cell, (list, tuple)) for cell in cells):
        return _sentences(table, content, columns, name)
    task, labels = read_labels(table, columns, wanted.task)
    return items_of_column(table, kind, content, labels, task, name)


def items_of_column(
    table: Table, kind: DataKind, content: str, labels: Sequence[Hashable], task: Task, name: str
) -> ColumnDataset:
    """The texts in a column of a table, or the images or sounds whose paths stand there, with N labels."""
    cells = table.column(content)
    texts = ColumnDataset(name, kind, task, cells, labels, table.places, read_text_cell)
    if kind == "text":
        return texts
    (require_soundfile if kind == "audio" else require_pillow)()
    read = partial(_read_file_cell, table.folder, "sound", read_sound)
    if kind == "image":
        read = partial(_read_file_cell, table.folder, "image", read_image)
    return replace(texts, read=read, source=partial(path_in_cell, table.folder))


def _sentences(table: Table, content: str, columns: Sequence[str], name: str) -> ColumnDataset:
    """Sentences as lists of words, and a tag a word; empty sentences are left out."""
    if len(columns) > 1:
        raise InputError(f"Words have one column of tags; {', '.join(map(repr, columns))} are several.")
    kept: list[tuple[tuple[str, ...], tuple[Hashable, ...], str]] = []
    for words, tags, place in zip(table.column(content), table.column(columns[0]), table.places, strict=True):
        if not isinstance(tags, (list, tuple)) or len(words) != len(tags):
            raise InputError(f"The words and tags at {place} are not two lists of one length.")
        names_in(tags, place)
        if words:
            kept.append((tuple(map(str, words)), tuple(tags), place))
    if len({tag for _, tags, _ in kept for tag in tags}) < 2:
        raise InputError(f"The column {columns[0]!r} of {table.name!r} has fewer than two tags.")
    sentences, labels, places = zip(*kept, strict=True)
    return ColumnDataset(name, "tokens", "classification", sentences, labels, places, read_words)


def read_words(words: tuple[str, ...], place: str) -> tuple[str, ...]:
    """The words of a sentence, as they are."""
    return words


def are_texts(values: Any) -> bool:
    """Whether something is a list, an array or a column of texts."""
    if isinstance(values, (str, bytes)) or len(getattr(values, "shape", (1,))) != 1:
        return False
    return hasattr(values, "__iter__") and isinstance(next(iter(values), None), str)


def labelled_texts(
    texts: Any, labels: Any, groups: Any = None, *, name: str, task: LabelTask = "auto"
) -> ColumnDataset:
    """N texts with N labels of any framework; groups: N values, equal for texts that belong together."""
    cells = list(texts)
    found, plain = labels_of_arrays(labels, task, len(cells), "texts")
    places = [f"text {place}" for place in range(len(cells))]
    together = None if groups is None else as_groups(groups, len(cells)).tolist()
    return ColumnDataset(name, "text", found, cells, plain, places, read_text_cell, together)


def read_text_cell(cell: Any, place: str) -> str:
    """The text in a cell; raises InputError where there is none."""
    if isinstance(cell, str) and cell.strip():
        return cell
    why = "is empty" if cell is None or cell == "" or isinstance(cell, str) else f"is {cell!r}, no text"
    raise InputError(f"The text at {place} {why}. --skip-bad (skip_bad=True) goes on without it.")


def path_in_cell(folder: Path, cell: Any) -> Path | None:
    """The path in a cell, from the table's folder; None where there is none."""
    try:
        if not isinstance(cell, str) or not cell.strip():
            return None
        return below(folder, cell.strip()) if is_remote(folder) else user_path(cell.strip(), folder)
    except InputError:  # no path can be called so
        return None


def _read_file_cell(folder: Path, what: str, read: Callable[[Path], Any], cell: Any, place: str) -> Any:
    """The image or sound whose path stands in a cell; raises InputError where there is none."""
    path = path_in_cell(folder, cell)
    if path is None:
        why = f"The {what} at {place} is {cell!r}, no path"
    elif not is_remote(path) and not path.is_file():
        why = f"There is no {what} {str(path)!r}, named at {place}"
    else:
        return read(path)
    raise InputError(f"{why}. --skip-bad (skip_bad=True) goes on without it.")
