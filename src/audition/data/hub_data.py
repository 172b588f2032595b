"""hfds:NAME[:CONFIG][@REVISION]: data sets of the Hugging Face hub, or local ones, through the datasets library."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from audition.data.audio import Sound, read_sound, sound_in
from audition.data.base import Dataset
from audition.data.columns import Wanted
from audition.data.images import plain_image
from audition.data.reach import reachable
from audition.data.splits import ALL, choose_split, split_of
from audition.data.subset import joined
from audition.data.tables import Table
from audition.data.text import dataset_of_table
from audition.errors import InputError, MissingExtraError
from audition.files import user_path

HUB = "https://huggingface.co"
MEDIA = {"Image": "image_column", "Audio": "audio_column"}
"""What the library calls a column of files -> what that is called here."""

SAVED = ("dataset_dict.json", "state.json")  # in a folder that save_to_disk wrote


def open_hub(rest: str, name: str | None, wanted: Wanted) -> Dataset:
    """A data set by its name on the hub, or by the path of a local folder or file; no code of it is run.

    Raises MissingExtraError without the datasets library, InputError for one that cannot be had or used.
    """
    try:
        library: Any = importlib.import_module("datasets")
    except ImportError as error:
        raise MissingExtraError("datasets", "hfds") from error
    title = f"hfds:{rest}"
    loaded = _loaded(library, rest, title)
    if not isinstance(loaded, Mapping):
        return _opened(loaded, name or title, wanted)
    parts = {split_of(split) or split: part for split, part in loaded.items()}
    chosen = choose_split(parts, wanted.split, title)
    named = {id(part): f"{name or title}/{split}" for split, part in parts.items()}
    opened = [_opened(part, name or named[id(part)], wanted) for part in chosen]
    return joined(name or title, opened) if wanted.split == ALL else opened[0]


def _loaded(library: Any, rest: str, title: str) -> Any:
    """All splits by name, or one data set without splits."""
    where, _, revision = rest.partition("@")
    where, _, config = where.partition(":")
    folder = user_path(where)
    try:
        if any((folder / file).is_file() for file in SAVED):
            return library.load_from_disk(str(folder))
        local = str(folder) if folder.exists() else where
        if folder.is_file():
            return library.load_dataset(folder.suffix[1:].replace("jsonl", "json"), data_files=str(folder))
        if not folder.exists() and not reachable(HUB):
            with _offline(library):
                return library.load_dataset(local, config or None, revision=revision or None)
        return library.load_dataset(local, config or None, revision=revision or None)
    except Exception as error:  # of the hub's client, its transport, the builders and pyarrow
        why = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"The data set {title} could not be opened: {why}") from error


@contextmanager
def _offline(library: Any) -> Iterator[None]:
    """Only what is in the cache: the client would try for half a minute."""
    before = library.config.HF_HUB_OFFLINE
    library.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        library.config.HF_HUB_OFFLINE = before


def _opened(data: Any, name: str, wanted: Wanted) -> Dataset:
    """The data set's columns as a table; images and sounds are decoded when they are asked for."""
    if not len(data):
        raise InputError(f"{name!r} holds no rows.")
    media = {column: type(kind).__name__ for column, kind in data.features.items()}
    media = {column: kind for column, kind in media.items() if kind in MEDIA}
    columns = {
        column: list(range(len(data))) if column in media else _cells(data, column)
        for column in data.column_names
    }
    rows = list(zip(*columns.values(), strict=True))
    table = Table(name, tuple(columns), rows, [f"row {place} of {name}" for place in range(len(data))])
    if media and not wanted.contents:
        column, kind = next(iter(media.items()))
        wanted = replace(wanted, **{MEDIA[kind]: column})
    found = dataset_of_table(table, wanted, name)
    for column, kind in media.items():
        if getattr(wanted, MEDIA[kind]) == column:
            read = partial(_image, data, column) if kind == "Image" else _sounds(data, column)
            return replace(found, read=read, source=partial(_source, data, column))
    return found


def _source(data: Any, column: str | None, row: int) -> str:
    """What an image or a sound is known by without decoding it: the library's own mark of the data, and its row."""
    return f"{data._fingerprint} {column} {row}"


def _cells(data: Any, column: str) -> list[Any]:
    """The values of a column, classes by their names; -1 is what the library writes for a missing class."""
    kind = data.features[column]
    inner: Any = getattr(kind, "feature", None)
    values = list(data[column])
    if hasattr(kind, "int2str"):
        return [None if value is None or value < 0 else kind.int2str(value) for value in values]
    if hasattr(inner, "int2str"):
        return [value if value is None else [inner.int2str(code) for code in value] for value in values]
    return values


def _sounds(data: Any, column: str) -> Callable[[int, str], Sound]:
    """Reads the sound of a row. The library only finds its bytes: to decode it wants a library of its own."""
    plain = data.cast_column(column, importlib.import_module("datasets").Audio(decode=False))

    def read(row: int, place: str) -> Sound:
        held = plain[row][column] or {}
        if held.get("bytes") is not None:
            return sound_in(io.BytesIO(held["bytes"]), place)
        if held.get("path"):
            return read_sound(Path(held["path"]))
        raise InputError(f"There is no sound at {place}. --skip-bad (skip_bad=True) goes on without it.")

    return read


def _image(data: Any, column: str | None, row: int, place: str) -> Any:
    try:
        return plain_image(data[row][column])
    except Exception as error:  # the library's decoders raise many kinds for damaged files
        raise InputError(
            f"Cannot read the image at {place}: {error}. --skip-bad (skip_bad=True) goes on without it."
        ) from error
