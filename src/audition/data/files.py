"""Files of tensors with a header of ours, read and written; and what is said of a file that cannot be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from audition.arrays import Array
from audition.data.base import Task
from audition.data.remote import exists
from audition.errors import InputError
from audition.files import written_whole

FORMAT = "audition-features"
VERSION = 1
HEADER_KEY = "audition"
PROBABILITIES = "source_probabilities"

Header = dict[str, Any]


def header_task(header: Header) -> Task:
    """The task that a header names."""
    tasks: dict[Any, Task] = {"regression": "regression", "multilabel": "multilabel"}
    return tasks.get(str(header.get("task")), "classification")


Plain = str | int | float | list[Any]


def plain_label(label: Hashable, task: Task) -> Plain:
    """A label as JSON knows it: several names, or several targets, are a list.

    Raises InputError for what is not text, a number or a boolean.
    """
    if task == "multilabel" and isinstance(label, frozenset):
        return sorted((_plain(name) for name in label), key=lambda name: (str(type(name)), name))
    if task == "regression" and isinstance(label, tuple):
        return [_plain(value) for value in label]
    return _plain(label)


def _plain(label: Hashable) -> str | int | float:
    value = label.item() if isinstance(label, np.generic) else label
    if isinstance(value, (str, int, float)) and value == value:
        return value
    raise InputError(f"The label {label!r} cannot be saved: only text, numbers and booleans can.")


def label_of(plain: Plain, task: Task) -> Hashable:
    """A label as it was before it was written."""
    if isinstance(plain, list):
        return frozenset(plain) if task == "multilabel" else tuple(plain)
    return plain


def check_file(path: Path) -> None:
    """Raises InputError where there is no file at a path."""
    if not exists(path):
        raise InputError(f"There is no file {str(path)!r}.")
    if not path.is_file():
        raise InputError(f"{str(path)!r} is not a file.")


def unreadable(path: Path, error: Exception) -> InputError:
    """The error for a file of arrays that cannot be read."""
    if "allow_pickle" in str(error):  # for an object array, and for a file that is no numpy file at all
        return InputError(
            f"{str(path)!r} is damaged or holds pickled Python objects, which are not loaded as they can "
            "run code: save numbers, and labels as text with labels.astype(str)."
        )
    why = str(error).rstrip(".") or type(error).__name__
    return InputError(f"{str(path)!r} is not a readable {path.suffix.lower()} file: {why}.")


def read_tensors(path: Path) -> tuple[Header | None, dict[str, Array]]:
    """The tensors of a safetensors file by name, and the header where audition wrote it.

    Raises InputError for a file that is missing, damaged or in a version of the format not known here.
    """
    from safetensors import SafetensorError, safe_open

    check_file(path)
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{str(path)!r} is not a readable .safetensors file: {error}.") from error
    if HEADER_KEY not in metadata:
        return None, tensors
    header = parse_header(metadata[HEADER_KEY], path)
    _check_contents(header, tensors, path)
    return header, tensors


def parse_header(text: str, path: Path) -> Header:
    """What audition wrote beside the tensors of a file; raises InputError where that is damaged."""
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"The header of {str(path)!r} is damaged: {error}.") from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise InputError(f"{str(path)!r} is not a file of features: its header says another format.")
    if header.get("version") != VERSION:
        raise InputError(
            f"{str(path)!r} is in version {header.get('version')!r} of the format; this audition reads "
            f"version {VERSION}: update audition or extract the features again."
        )
    wrong = [key for key, right in _WHAT.items() if key in header and not right(header[key])]
    if wrong and wrong[0] in ("layers", "labels"):
        raise InputError(f"{str(path)!r} is damaged: its layers and labels do not fit together.")
    if wrong:
        raise InputError(f"The header of {str(path)!r} is damaged: its {wrong[0]} are not what was written.")
    return header


def _are(*kinds: type) -> Callable[[Any], bool]:
    """Whether something is a list of values of these types alone."""
    return lambda value: isinstance(value, list) and all(isinstance(each, kinds) for each in value)


_plain_values, _plain_lists = _are(str, int, float), _are(str, int, float, list)

_WHAT: Mapping[str, Callable[[Any], bool]] = {
    "layers": _are(str),
    "labels": lambda value: _plain_lists(value) and all(map(_plain_values, filter(_is_list, value))),
    "groups": lambda value: value is None or _plain_values(value),
    "seconds": lambda value: isinstance(value, (int, float)) and abs(value) < 1e308,
    "skipped": _are(str),
    "notes": _are(str),
    "parameters": lambda value: value is None or isinstance(value, int),
}
"""What stands in a header, and whether a value can be that."""


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _check_contents(header: Header, tensors: Mapping[str, Array], path: Path) -> None:
    """What the header tells must be there: layers [N, D] and N labels of plain values."""
    layers, labels = header.get("layers"), header.get("labels")
    whole = (
        isinstance(layers, list)
        and bool(layers)
        and isinstance(labels, list)
        and all(isinstance(label, (str, int, float, list)) for label in labels)
        and all(isinstance(layer, str) for layer in layers)
        and all(_has_rows(tensors.get(f"layer.{i}"), len(labels)) for i in range(len(layers)))
    )
    if not whole:
        raise InputError(f"{str(path)!r} is damaged: its layers and labels do not fit together.")


def _has_rows(tensor: Array | None, rows: int) -> bool:
    return tensor is not None and tensor.ndim == 2 and len(tensor) == rows


def write_tensors(path: Path, tensors: Mapping[str, Array], header: Header) -> None:
    """Writes tensors and header so that a crash leaves the old file or the new one, never half of one.

    Raises InputError where the header holds what JSON cannot, or the path cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    marked = {"format": FORMAT, "version": VERSION} | header
    try:
        metadata = {HEADER_KEY: json.dumps(marked, allow_nan=False)}
        with written_whole(path) as part:
            save_file(dict(tensors), part, metadata=metadata)
    except (ValueError, SafetensorError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{str(path)!r} cannot be written: {error}.") from error
