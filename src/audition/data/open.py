"""The door of the data: what a user has becomes a Dataset."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from audition.data.base import Dataset
from audition.data.columns import Wanted, refuse_columns
from audition.data.hub_data import open_hub
from audition.data.labels_file import open_features_file
from audition.data.memory import dataset_from_arrays
from audition.data.paths import open_path
from audition.data.remote import address_of, is_address, is_remote_path, path_at, read_at
from audition.data.splits import refuse_split
from audition.data.subset import limited, warn_of_limit
from audition.data.tables import is_frame, table_of_frame
from audition.data.text import are_texts, dataset_of_table, labelled_texts
from audition.data.torch_data import is_torch_dataset, open_torch
from audition.data.toys import open_toy
from audition.errors import InputError, UnknownNameError
from audition.files import user_path
from audition.labels import Task

SOURCES: dict[str, Callable[[str, str | None, Wanted], Dataset]] = {
    "sklearn": open_toy,
    "hfds": open_hub,
    "features": open_features_file,
}
"""Prefix of a data set's name -> what opens the rest of it; sources to come are added here."""

# Two letters at least, so that a Windows drive ("C:\\photos") stays a path.
_PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9_]+):(.*)", re.DOTALL)


def open_dataset(
    data: Any,
    *,
    name: str | None = None,
    task: Task = "auto",
    text_column: str | None = None,
    image_column: str | None = None,
    audio_column: str | None = None,
    label_columns: str | Sequence[str] | None = None,
    split: str | None = None,
    limit: int | None = None,
) -> Dataset:
    """The data set that a path, a name or Python objects stand for.

    data: a folder ROOT/CLASS/**/images, or sounds; a table (.csv, .tsv, .jsonl, .parquet) of texts, or of
    images or sounds by their paths; a token file (.conll); a folder with train and test of one of these;
    the address of any of these ("s3://bucket/flowers"), from which each item is read when it is needed;
    "sklearn:digits" and the other sets inside scikit-learn; "hfds:NAME" through the datasets library; a
    data frame; a torch.utils.data.Dataset of pairs; a pair (images, labels) with images [N, H, W] or
    [N, H, W, 1|3|4] (uint8, or floats 0..1); a pair (texts, labels); a pair (rows, labels) with rows [N, D];
    any of these pairs as three with groups, N values that are equal for items that belong together; or a
    Dataset, which comes back as it is.
    name: what to call it, where it is not a Dataset already; the default says where it came from.
    task: how to read the labels of arrays and tables; "auto" decides by their values.
    text_column, image_column, audio_column, label_columns: of a table; by default found by usual names. Several label
    columns are several labels a row where they hold 0 and 1, else several targets.
    split: "train" (the default where there is one), "validation", "test" or "all".
    limit: at most so many items, of each class its share, the same in every run; the name says so, and a
    warning where it is too low for two items of each class.

    Raises InputError for data that cannot be used, UnknownNameError for a name that nothing answers to.
    """
    wanted = Wanted(text_column, image_column, label_columns, split, task, audio_column)
    dataset = _open(data, name, wanted)
    if limit is None:
        return dataset
    part = limited(dataset, limit)
    warn_of_limit(dataset, part, limit)
    return part


def _open(data: Any, name: str | None, wanted: Wanted) -> Dataset:
    if is_remote_path(data):
        return _open_named(address_of(data), name, wanted)
    if isinstance(data, (str, os.PathLike)):
        return _open_named(os.fspath(data), name, wanted)
    refuse_split(wanted.split, f"A {type(data).__name__}")
    if is_frame(data):
        return dataset_of_table(table_of_frame(data, name or "frame"), wanted, name or "frame")
    refuse_columns(wanted, f"A {type(data).__name__}")
    if isinstance(data, Dataset):
        return data
    if is_torch_dataset(data):
        return open_torch(data, name=name or type(data).__name__, task=wanted.task)
    if isinstance(data, (tuple, list)) and len(data) in (2, 3):
        make = labelled_texts if are_texts(data[0]) else dataset_from_arrays
        return make(*data, name=name or "arrays", task=wanted.task)
    raise InputError(
        f"Cannot use {type(data).__name__} as a data set: give a folder of class folders, a table such as "
        "'reviews.csv', a name such as 'sklearn:digits', or a pair (images, texts or rows, labels)."
    )


def _open_named(text: str | bytes, name: str | None, wanted: Wanted) -> Dataset:
    text = os.fsdecode(text)
    if is_address(text):
        with read_at(text):
            return open_path(path_at(text), name, wanted)
    prefixed = _PREFIXED.fullmatch(text)
    source, rest = prefixed.groups() if prefixed else ("", text)
    if not source or os.path.lexists(text) or (source not in SOURCES and rest.startswith(("/", "\\"))):
        return open_path(_path(text), name, wanted)
    if source not in SOURCES:
        raise UnknownNameError("data source", source, SOURCES, "A folder or file is given by its path alone.")
    return SOURCES[source](rest, name, wanted)


def _path(text: str) -> Path:
    if not text or "\0" in text:
        raise InputError(f"The path of a data set cannot be {text!r}: give a folder of class folders.")
    return user_path(text)
