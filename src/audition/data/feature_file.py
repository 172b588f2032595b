"""Files of features, .npz, .npy and .safetensors, and their labels, read without ever unpickling."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from audition.arrays import Array, Matrix
from audition.data.array_file import member
from audition.data.array_rows import rows_of
from audition.data.base import Task
from audition.data.columns import Wanted
from audition.data.files import (
    PROBABILITIES,
    Header,
    check_file,
    header_task,
    label_of,
    read_tensors,
    unreadable,
)
from audition.data.labels_file import labels_alone, labels_of_table
from audition.data.tables import READERS as TABLES
from audition.data.tables import read_table
from audition.errors import InputError
from audition.labels import Task as LabelTask


class FeatureFile(NamedTuple):
    """What a feature file holds.

    features: [N, D]; those of a large .npy file are read when they are taken.
    labels: N. task: what the labels are, "auto" where the file does not say.
    source_probabilities: [N, S] of the model's own head, or None.
    groups: N values, equal for rows that belong together, or None.
    """

    features: Matrix
    labels: Any
    task: Literal["auto"] | Task = "auto"
    source_probabilities: Array | None = None
    groups: Any = None


def read_features(
    path: str | os.PathLike[str],
    labels_path: str | os.PathLike[str] | None = None,
    *,
    task: LabelTask = "auto",
) -> FeatureFile:
    """Features [N, D] and labels [N] from one file that holds both, or from two.

    One file: .npz or .safetensors with `features` and `labels` (and `source_probabilities` and
    `groups`, where there are any), or what Features.save wrote (its last layer is taken). Two files: the labels come
    from labels_path, as its `labels` or its only array, or from a table (.csv, .tsv, .jsonl, .parquet) that
    holds labels alone, read as `task` says. Raises InputError for files that are missing, damaged, pickled
    or lack one of the two.
    """
    source = Path(path)
    header, arrays = _contents(source, "features")
    if labels_path is None:
        labels, known = _own_labels(header, arrays, source)
        features = _pick(arrays, "features", source)
    else:
        labels, known = _separate_labels(Path(labels_path), task)
        features = _only(arrays, "features", source)
    shape = labels.shape if isinstance(labels, np.ndarray) else (len(labels),)
    if features.ndim == 0 or not shape or len(features) != len(labels):
        is_table = labels_path is not None and Path(labels_path).suffix.lower() in TABLES
        header_line = " The first line of a table of labels is its header." if is_table else ""
        raise InputError(
            f"{str(source)!r} gives features of shape {features.shape} but labels of shape "
            f"{shape}: there must be one label for each row of features.{header_line}"
        )
    groups = arrays.get("groups") if header is None else header.get("groups")
    return FeatureFile(features, labels, known, arrays.get(PROBABILITIES), groups)


Found = tuple[Any, LabelTask]
"""Labels, and what they are: "auto" where that is not said."""


def _own_labels(header: Header | None, arrays: Mapping[str, Array], path: Path) -> Found:
    if not header:
        return _pick(arrays, "labels", path), "auto"
    task = header_task(header)
    return [label_of(label, task) for label in header["labels"]], task


def _separate_labels(path: Path, task: LabelTask) -> Found:
    if path.suffix.lower() not in TABLES:
        return _only(_contents(path, "labels")[1], "labels", path), "auto"
    table = read_table(path)
    columns = labels_alone(table, Wanted(task=task))
    if not columns:
        names = ", ".join(map(repr, table.columns))
        raise InputError(
            f"{str(path)!r} holds more than labels, its columns are {names}: give a table with a line for "
            "its header and one column of labels, a row for each row of features."
        )
    found = labels_of_table(table, columns, task, path.stem)
    return list(found.labels), found.task


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


def _contents(path: Path, what: str) -> tuple[Header | None, dict[str, Array]]:
    """The arrays in a file by name, the single one of a .npy file as features; our own files have a header."""
    readers = {".npz": _read_npz, ".npy": _read_npy, ".safetensors": _read_safetensors}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        table = "" if what == "features" else ", or a table such as .csv"
        raise InputError(f"Cannot read {what} from {str(path)!r}: give {', '.join(sorted(readers))}{table}.")
    check_file(path)
    return reader(path)


def _read_npy(path: Path) -> tuple[None, dict[str, Any]]:
    try:
        rows = rows_of(path)
    except Exception as error:  # as of damaged archives below
        raise unreadable(path, error) from error
    return None, _load(path, _single) if rows is None else {"features": rows}


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
        return {key: member(path, archive, key) if key in wanted else np.empty(0) for key in archive.files}


def _read_safetensors(path: Path) -> tuple[Header | None, dict[str, Array]]:
    header, tensors = read_tensors(path)
    if header is not None:
        tensors["features"] = tensors[f"layer.{len(header['layers']) - 1}"]
    return header, tensors
