"""What lies at a path: a table, a token file, a folder of class folders, or a folder of splits of these."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from audition.data.array_file import SUFFIXES as ARRAYS
from audition.data.base import Dataset
from audition.data.columns import Wanted, refuse_columns
from audition.data.conll import SUFFIXES as TOKENS
from audition.data.conll import open_tokens
from audition.data.files import check_file
from audition.data.folder import class_folders, open_folder, splits_of_folder
from audition.data.labels_file import labels_alone, labels_of_array_file, labels_of_table
from audition.data.remote import called, is_remote, resolved
from audition.data.splits import ALL, choose_split, parts_of, refuse_split, split_of
from audition.data.subset import joined
from audition.data.tables import READERS, read_table
from audition.data.text import dataset_of_table
from audition.errors import InputError


def open_path(path: Path, name: str | None, wanted: Wanted) -> Dataset:
    """The data set at a path; raises InputError where there is none that can be used."""
    if path.suffix.lower() in ARRAYS and not path.is_dir():
        refuse_split(wanted.split, f"The file {str(path)!r}")
        refuse_columns(wanted, f"The file {str(path)!r}")
        return labels_of_array_file(path, wanted.task, name or path.stem)
    if _is_data(path) and not path.is_dir():
        refuse_split(wanted.split, f"The file {str(path)!r}")
        return _open_file(wanted, path, name)
    files = _files(path, wanted)
    if files:
        return _open_files(path, files, name, wanted)
    if path.is_dir():
        refuse_columns(wanted, f"{str(path)!r} holds no table, so it")
    folders = splits_of_folder(path) if path.is_dir() else {}
    if folders:
        return _chosen(path, folders, open_folder, name, wanted)
    refuse_split(wanted.split, f"The folder {str(path)!r}")
    return open_folder(path, name)


def _is_data(path: Path) -> bool:
    """Whether a file is a table or holds tokens."""
    return path.suffix.lower() in READERS or path.suffix.lower() in TOKENS


def _files(path: Path, wanted: Wanted) -> list[Path]:
    """The files of data in a folder; none where class folders of images lie beside them."""
    if not path.is_dir():
        return []
    files = sorted(
        file for file in path.iterdir() if _is_data(file) and file.name[0] != "." and file.is_file()
    )
    plain = wanted.names_columns or not class_folders(path) or any(split_of(file.stem) for file in files)
    return files if plain else []


def _open_files(root: Path, files: list[Path], name: str | None, wanted: Wanted) -> Dataset:
    parts = parts_of(files, root)
    if parts:
        return _chosen(root, parts, partial(_open_file, wanted), name, wanted)
    if len(files) > 1:
        shown = " and ".join(repr(file.name) for file in files[:2])
        raise InputError(f"{str(root)!r} holds {shown}: give one, as in {str(files[0])!r}.")
    refuse_split(wanted.split, f"The folder {str(root)!r}")
    return _open_file(wanted, files[0], name)


def _chosen(
    root: Path,
    parts: dict[str, Path],
    opened: Callable[[Path, str | None], Dataset],
    name: str | None,
    wanted: Wanted,
) -> Dataset:
    chosen = choose_split(parts, wanted.split, str(root))
    if wanted.split != ALL:
        return opened(chosen[0], name)
    return joined(name or called(resolved(root)), [opened(part, None) for part in chosen])


def _open_file(wanted: Wanted, path: Path, name: str | None) -> Dataset:
    name = name or _default_name(path)
    if path.suffix.lower() in TOKENS:
        refuse_columns(wanted, f"The token file {str(path)!r}")
        check_file(path)
        return open_tokens(path, name)
    table = read_table(path)
    if columns := labels_alone(table, wanted):
        return labels_of_table(table, columns, wanted.task, name)
    return dataset_of_table(table, wanted, name)


def _default_name(path: Path) -> str:
    """The file's name without its end; with the folder's where it is a split: "reviews/train"."""
    parent = called(path.parent) if is_remote(path) else Path(os.path.abspath(path)).parent.name
    stem = Path(called(path)).stem
    return f"{parent}/{stem}" if split_of(stem) and parent else stem
