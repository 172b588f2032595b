"""Data to predict for: as for `open_dataset`, but nobody has to say what the items are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from audition.arrays import as_array
from audition.data.base import DataKind, Dataset, Item, Task
from audition.data.columns import find_content
from audition.data.folder import KINDS, FileKind, files_below
from audition.data.images import image_from_array, plain_image
from audition.data.memory import check_images
from audition.data.open import SOURCES, open_dataset
from audition.data.remote import called, exists, is_address, is_remote, path_at, read_at, resolved
from audition.data.tables import READERS, Table, is_frame, read_table, table_of_frame
from audition.data.text import ColumnDataset, are_texts, items_of_column, read_text_cell, read_words
from audition.data.text_file import read_text
from audition.data.torch_data import is_torch_dataset
from audition.errors import InputError
from audition.files import user_path

TEXT_FILE = ".txt"
FILES = {held.kind: held for held in KINDS}
_NAMED = re.compile(rf"({'|'.join(SOURCES)}):.*", re.DOTALL)
PLURALS = {"image": "images", "audio": "sounds", "text": "texts", "tokens": "sentences of words"}


@dataclass(frozen=True, eq=False)
class Unlabelled:
    """Items of one kind whose labels are None."""

    name: str
    kind: DataKind
    entries: tuple[Item, ...]
    task: Task = "classification"

    def __len__(self) -> int:
        return len(self.entries)

    def items(self) -> Iterator[Item]:
        """Each item in order."""
        return iter(self.entries)


def open_unlabelled(data: Any, kind: DataKind, *, column: str | None = None) -> Dataset:
    """The items of one kind that a path, a name or Python objects stand for; labels, where there are any, are unused.

    data: a folder with images (or sounds, or .txt files) at any depth; one file of these; a table with a
    column of texts or paths; a .txt file, a text a line; a list of paths, PIL images, texts, rows or lists
    of words; an array [N, H, W(, C)] or [N, D]; a data frame; or what `open_dataset` takes with labels.
    kind: what the items are. column: of a table; by default one of a usual name, or the only one.

    Raises InputError for data that cannot be used, or that hold another kind.
    """
    found = _opened(data, kind, column)
    if found.kind != kind:
        raise InputError(
            f"{found.name!r} holds {PLURALS.get(found.kind, found.kind)}, but {PLURALS.get(kind, kind)} are needed."
        )
    if not len(found):
        raise InputError(f"{found.name!r} holds no items.")
    return found


def _opened(data: Any, kind: DataKind, column: str | None) -> Dataset:
    if isinstance(data, (str, os.PathLike)):
        return _of_path(os.fspath(data), kind, column)
    if is_frame(data):
        return _of_table(table_of_frame(data, "frame"), kind, column, "frame")
    if column is not None:
        raise InputError(f"A {type(data).__name__} has no columns by name: leave {column!r} out.")
    if isinstance(data, Dataset) or is_torch_dataset(data) or _is_pair(data):
        return open_dataset(data)
    return _of_objects(data, kind)


def _is_pair(data: Any) -> bool:
    """Whether something is (items, labels) or (items, labels, groups), and no tuple of items."""
    if not isinstance(data, tuple) or len(data) not in (2, 3) or isinstance(data[0], str):
        return False
    items, *others = data
    axes = getattr(items, "ndim", 3 if are_texts(items) else 0)
    return axes > 1 and all(
        hasattr(other, "__len__") and len(other) == len(items) and getattr(other, "ndim", 1) < axes
        for other in others
    )


def _of_path(text: str | bytes, kind: DataKind, column: str | None) -> Dataset:
    name = os.fsdecode(text)
    if is_address(name):
        with read_at(name):
            return _at(path_at(name), name, kind, column)
    if not os.path.lexists(name) and _NAMED.fullmatch(name):
        return open_dataset(name)
    return _at(user_path(name), name, kind, column)


def _at(path: Path, name: str, kind: DataKind, column: str | None) -> Dataset:
    if not name or "\0" in name or not exists(path):
        hint = f" Single {PLURALS[kind]} go in a list: [{name!r}]." if kind in ("text", "tokens") else ""
        raise InputError(f"There is no file or folder {name!r}.{hint}")
    if path.is_dir():
        return _of_folder(path, kind, column)
    suffix = path.suffix.lower()
    if suffix in READERS:
        return _of_table(read_table(path), kind, column, path.stem)
    if suffix == TEXT_FILE and kind == "text":
        return _lines(path)
    held = FILES.get(kind)
    if held is not None and held.holds(path.name):
        return _files(held, [path], path.name)
    return open_dataset(name)


def _of_folder(root: Path, kind: DataKind, column: str | None) -> Dataset:
    name = called(resolved(root))
    held = FILES.get(kind)
    if held is not None and (found := [path for path in files_below(root) if held.holds(path.name)]):
        return _files(held, found, name)
    tables = sorted(path for path in root.iterdir() if path.suffix.lower() in READERS)
    if len(tables) == 1:
        return _of_table(read_table(tables[0]), kind, column, tables[0].stem)
    if kind == "text" and (texts := files_below(root, _is_text)):
        items = (Item(str(path), None, partial(_text_of, path), None, path) for path in texts)
        return Unlabelled(name, kind, tuple(items))
    many = f"{len(tables)} tables: name one" if tables else f"no {PLURALS.get(kind, kind)}"
    raise InputError(f"The folder {str(root)!r} holds {many}.")


def _is_text(name: str) -> bool:
    return name.endswith(TEXT_FILE) and not name.startswith(".")


def _files(held: FileKind, paths: Sequence[Path], name: str) -> Unlabelled:
    held.require()
    items = (Item(str(path), None, partial(_read_file, held, path), None, path) for path in paths)
    return Unlabelled(name, held.kind, tuple(items))


def _read_file(held: FileKind, path: Path) -> Any:
    if not is_remote(path) and not path.is_file():
        raise InputError(f"There is no file {str(path)!r}. --skip-bad (skip_bad=True) goes on without it.")
    return held.read(path)


def _text_of(path: Path) -> str:
    return read_text_cell(read_text(path), str(path))


def _lines(path: Path) -> Dataset:
    """A text a line; empty lines are passed over."""
    lines = read_text(path).splitlines()
    kept = [(line, f"{path.name}, line {number}") for number, line in enumerate(lines, 1) if line.strip()]
    return _column(
        path.stem, "text", [line for line, _ in kept], [place for _, place in kept], read_text_cell
    )


def _of_table(table: Table, kind: DataKind, column: str | None, name: str) -> Dataset:
    content = find_content(table, kind, column)
    if kind in ("text", "image", "audio"):
        return items_of_column(table, kind, content, [None] * len(table), "classification", name)
    return _of_objects(table.column(content), kind)


def _column(
    name: str, kind: DataKind, cells: Sequence[Any], places: Sequence[str], read: Callable[[Any, str], Any]
) -> ColumnDataset:
    return ColumnDataset(name, kind, "classification", cells, [None] * len(cells), places, read)


def _of_objects(data: Any, kind: DataKind) -> Dataset:
    """Items in memory: a list or an array of them, or a single picture."""
    if hasattr(data, "convert"):
        data = [data]
    if not hasattr(data, "__len__") or not hasattr(data, "__getitem__"):
        raise InputError(
            f"Cannot predict for {type(data).__name__}: give a folder, a table, or a list or an array of "
            f"{PLURALS.get(kind, kind)}."
        )
    held = FILES.get(kind)
    if held is not None and len(data) and all(isinstance(one, (str, os.PathLike)) for one in data):
        return _files(held, [_path(os.fsdecode(one)) for one in data], "files")
    if kind == "image" and hasattr(data, "shape"):
        check_images(as_array(data))
    reads = {"image": _picture, "text": read_text_cell, "tokens": _words, "rows": _row}
    if kind not in reads:
        raise InputError(f"Give {PLURALS.get(kind, kind)} as files, by their paths.")
    noun = kind if kind != "rows" else "row"
    return _column("items", kind, list(data), [f"{noun} {i}" for i in range(len(data))], reads[kind])


def _path(text: str) -> Path:
    if not is_address(text):
        return user_path(text)
    with read_at(text):
        return path_at(text)


def _picture(item: Any, place: str) -> Any:
    """A PIL image, or pixels [H, W] or [H, W, C], as an image "L" or "RGB"; a path is read."""
    if isinstance(item, (str, os.PathLike)):
        return _read_file(FILES["image"], _path(os.fsdecode(item)))
    if hasattr(item, "convert"):
        return plain_image(item)
    pixels = as_array(item)
    try:
        check_images(pixels[None])
    except InputError as error:
        raise InputError(f"The {place} is no picture: {error}") from None
    return image_from_array(pixels)


def _words(item: Any, place: str) -> tuple[str, ...]:
    if isinstance(item, str) or not len(item):
        raise InputError(f"The sentence at {place} is no list of words.")
    return read_words(tuple(map(str, item)), place)


def _row(item: Any, place: str) -> Any:
    row = as_array(item)
    if row.ndim != 1 or row.dtype.kind not in "biuf":
        raise InputError(f"The {place} is no row of numbers.")
    return row
