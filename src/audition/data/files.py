"""Feature files: .npz, .npy and .safetensors, read without ever unpickling; safetensors are also written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from audition.arrays import Array
from audition.data.base import Task
from audition.errors import InputError
from audition.files import written_whole

FORMAT = "audition-features"
VERSION = 1
HEADER_KEY = "audition"
PROBABILITIES = "source_probabilities"

Header = dict[str, Any]


class FeatureFile(NamedTuple):
    """What a feature file holds.

    features: [N, D]. labels: N. task: what the labels are, "auto" where the file does not say.
    source_probabilities: [N, S] of the model's own head, or None.
    groups: N values, equal for rows that belong together, or None.
    """

    features: Array
    labels: Any
    task: Literal["auto"] | Task = "auto"
    source_probabilities: Array | None = None
    groups: Any = None


def read_features(
    path: str | os.PathLike[str], labels_path: str | os.PathLike[str] | None = None
) -> FeatureFile:
    """Features [N, D] and labels [N] from one file that holds both, or from two.

    One file: .npz or .safetensors with `features` and `labels` (and `source_probabilities` and
    `groups`, where there are any), or what Features.save wrote (its last layer is taken). Two files: the labels come
    from labels_path, as its `labels` or its only array. Raises InputError for files that are missing,
    damaged, pickled or lack one of the two.
    """
    source = Path(path)
    header, arrays = _contents(source)
    if labels_path is None:
        labels: Any = _labels_of(header) if header else _pick(arrays, "labels", source)
    else:
        labels = _only(_contents(Path(labels_path))[1], "labels", Path(labels_path))
    features = _only(arrays, "features", source) if labels_path else _pick(arrays, "features", source)
    if features.ndim == 0 or np.ndim(labels) == 0 or len(features) != len(labels):
        raise InputError(
            f"{str(source)!r} gives features of shape {features.shape} but labels of shape "
            f"{np.shape(labels)}: there must be one label for each row of features."
        )
    known = header is not None and labels_path is None
    task = "auto" if not known or header is None else header_task(header)
    groups = arrays.get("groups") if header is None else header.get("groups")
    return FeatureFile(features, labels, task, arrays.get(PROBABILITIES), groups)


def _labels_of(header: Header) -> list[Hashable]:
    return [label_of(label, header_task(header)) for label in header["labels"]]


def header_task(header: Header) -> Task:
    """The task that a header names."""
    tasks: dict[Any, Task] = {"regression": "regression", "multilabel": "multilabel"}
    return tasks.get(header.get("task"), "classification")


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


def _pick(arrays: Mapping[str, Array], key: str, path: Path) -> Array:
    if key in arrays:
        return arrays[key]
    if path.suffix.lower() == ".npy":
        raise InputError(f"{str(path)!r} holds one array only: give the labels in a second file.")
    names = ", ".join(repr(name) for name in arrays) or "nothing"
    raise InputError(f"{str(path)!r} has no {key!r}; it holds {names}. Save it with 'features' and 'labels'.")


def _only(arrays: Mapping[str, Array], key: str, path: Path) -> Array:
    """The array of that name, or the one array that there is."""
    return next(iter(arrays.values())) if len(arrays) == 1 else _pick(arrays, key, path)


def _contents(path: Path) -> tuple[Header | None, dict[str, Array]]:
    """The arrays in a file by name, the single one of a .npy file as features; our own files have a header."""
    readers = {".npz": _read_npz, ".npy": _read_npy, ".safetensors": _read_safetensors}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"Cannot read features from {str(path)!r}: give {', '.join(sorted(readers))}.")
    check_file(path)
    return reader(path)


def check_file(path: Path) -> None:
    """Raises InputError where there is no file at a path."""
    if not os.path.lexists(path):
        raise InputError(f"There is no file {str(path)!r}.")
    if not path.is_file():
        raise InputError(f"{str(path)!r} is not a file.")


def _read_npy(path: Path) -> tuple[None, dict[str, Array]]:
    return None, _load(path, _single)


def _read_npz(path: Path) -> tuple[None, dict[str, Array]]:
    return None, _load(path, _archive)


def _load(path: Path, take: Callable[[Any, Path], dict[str, Array]]) -> dict[str, Array]:
    """What `take` finds in what numpy makes of a file without unpickling: an array or an open archive."""
    try:
        # Opened here: numpy leaves a file that it cannot read open.
        with path.open("rb") as file:
            return take(np.load(file, allow_pickle=False), path)
    except InputError:
        raise
    except Exception as error:  # damaged archives raise a dozen kinds, from zlib.error to MemoryError
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> InputError:
    """The error for a file of arrays that cannot be read."""
    if "allow_pickle" in str(error):  # for an object array, and for a file that is no numpy file at all
        return InputError(
            f"{str(path)!r} is damaged or holds pickled Python objects, which are not loaded as they can "
            "run code: save numbers, and labels as text with labels.astype(str)."
        )
    why = str(error).rstrip(".") or type(error).__name__
    return InputError(f"{str(path)!r} is not a readable {path.suffix.lower()} file: {why}.")


def _single(loaded: Any, path: Path) -> dict[str, Array]:
    if isinstance(loaded, np.ndarray):
        return {"features": loaded}
    loaded.close()
    raise InputError(f"{str(path)!r} is an archive of arrays: name it .npz.")


def _archive(loaded: Any, path: Path) -> dict[str, Array]:
    if isinstance(loaded, np.ndarray):
        raise InputError(f"{str(path)!r} is a single array, not an .npz archive: name it .npy.")
    with loaded as archive:
        wanted = archive.files if len(archive.files) == 1 else ("features", "labels", "groups", PROBABILITIES)
        # The other arrays are only named in messages; they may be large.
        return {key: archive[key] if key in wanted else np.empty(0) for key in archive.files}


def _read_safetensors(path: Path) -> tuple[Header | None, dict[str, Array]]:
    header, tensors = read_tensors(path)
    if header is not None:
        tensors["features"] = tensors[f"layer.{len(header['layers']) - 1}"]
    return header, tensors


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
    return header


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
