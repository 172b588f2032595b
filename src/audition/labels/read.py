"""The door of the labels: what a caller has becomes classes, sets of labels or targets."""

from __future__ import annotations

import warnings
from collections.abc import Hashable, Iterable
from typing import Any, Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Array, Float64, as_array
from audition.errors import AmbiguousTaskWarning, InputError, UnknownNameError
from audition.labels.task import decide_task, hardly_classes
from audition.labels.value import ClassLabels, Labels, MultiLabels, Targets

Task = Literal["auto", "classification", "multilabel", "regression"]
TASKS = ("auto", "classification", "multilabel", "regression")
L = TypeVar("L", bound=Labels)
EXACT = 2**53  # whole numbers up to here are all different as float64


def as_labels(labels: Any, *, task: Task = "auto", rows: int | None = None, is_batch: bool = False) -> Labels:
    """Classes, sets of labels or targets of any framework's array or list; a class is any hashable value.

    rows: how many there must be. is_batch: others follow, so that no set of this one need hold a label, and
    whole numbers are classes. Raises InputError for missing labels, a wrong length or shape. Warns with
    AmbiguousTaskWarning where labels could be both, and says what they were taken for: floats without a
    fraction, many integers that are no codes 0..C-1 or 1..C (both with task="auto"; the head of
    labels/task.py has the rule), or a class of its own for most rows.
    """
    if task not in TASKS:
        raise UnknownNameError("task", task, TASKS)
    _check_given(labels)
    found = _read(labels, task, is_batch)
    if not is_batch:
        _check_labelled(found)
    return _check_rows(found, rows)


def as_class_labels(labels: Any, *, rows: int) -> ClassLabels | MultiLabels:
    """Classes, or several labels a row where there are sets or columns of 0 and 1; never targets."""
    _check_given(labels)
    found = _read(
        labels, "multilabel" if _are_sets(labels) or label_array(labels).ndim == 2 else "classification"
    )
    assert not isinstance(found, Targets)
    _check_labelled(found)
    return _check_rows(found, rows)


def _check_given(labels: Any) -> None:
    if labels is None:
        raise InputError("The labels are missing: give features and labels, or statistics.")


def _check_labelled(labels: Labels) -> None:
    """Raises InputError where rows may have any number of labels, and none has one."""
    if isinstance(labels, MultiLabels) and not labels.names:
        raise InputError("No row has any label.")


def _check_rows(labels: L, rows: int | None) -> L:
    if rows is not None and len(labels) != rows:
        raise InputError(f"There are {rows} rows of features but {len(labels)} labels.")
    return labels


def _read(labels: Any, task: Task, is_batch: bool = False) -> Labels:
    if task in ("auto", "multilabel") and _are_sets(labels):
        return _from_sets(labels)
    several_targets = (
        task == "regression" and isinstance(labels, list) and labels and isinstance(labels[0], tuple)
    )
    array = label_array(np.array(labels) if several_targets else labels)
    if len(array) == 0:
        raise InputError("There are no labels.")
    decided, doubt = decide_task(array, is_batch=is_batch) if task == "auto" else (task, "")
    found = _decided(array, decided)
    if isinstance(found, ClassLabels):
        doubt = doubt or hardly_classes(found)
    if doubt:
        warnings.warn(f"The labels are {doubt}", AmbiguousTaskWarning, stacklevel=4)
    return found


def _decided(array: Array, task: Task) -> Labels:
    if task == "multilabel":
        return _from_indicators(array)
    return Targets(_as_targets(array)) if task == "regression" else encode(array)


def as_groups(groups: Any, rows: int) -> NDArray[np.intp]:
    """A number for each row's group (sentence, patient), int [N]; rows of one group belong together."""
    codes = encode(label_array(groups)).codes
    if len(codes) != rows:
        raise InputError(f"There are {rows} rows of features but {len(codes)} groups.")
    return codes


def _are_sets(labels: Any) -> bool:
    """Whether each label is a set, or a list that is not of numbers: the names of a row's labels."""
    array_of_objects = isinstance(labels, np.ndarray) and labels.dtype.kind == "O" and labels.ndim == 1
    if not isinstance(labels, (list, tuple)) and not array_of_objects:
        return False
    values = list(labels)
    return bool(values) and all(
        isinstance(value, (set, frozenset))
        or (isinstance(value, list) and all(isinstance(name, str) for name in value))
        for value in values
    )


def _from_sets(labels: Iterable[Any]) -> MultiLabels:
    """A column for each name that occurs."""
    sets = [set(value) for value in labels]
    names = ordered(name for value in sets for name in value)
    place = {name: i for i, name in enumerate(names)}
    values = np.zeros((len(sets), len(names)))
    for row, value in enumerate(sets):
        values[row, [place[name] for name in value]] = 1
    return MultiLabels(values, names)


def _from_indicators(array: Array) -> MultiLabels:
    """Columns of 0 and 1, whose names are their places."""
    values = array.reshape(len(array), -1)
    if values.dtype.kind not in "biuf" or not np.isin(values, (0, 1)).all():
        raise InputError(
            "Multi-label targets are sets of names, or columns of 0 and 1 [rows, labels]; these hold other values."
        )
    return MultiLabels(values.astype(np.float64), tuple(range(values.shape[1])))


def label_array(labels: Any) -> Array:
    """A 1-D array of any hashables, or a 2-D numeric one."""
    array = _object_array(labels) if isinstance(labels, (list, tuple)) else as_array(labels)
    if array.dtype.kind == "O" and array.ndim == 1:
        array = _plain(array)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if (
        array.ndim not in (1, 2)
        or 0 in array.shape[1:]
        or (array.ndim == 2 and array.dtype.kind not in "biuf")
    ):
        raise InputError(
            f"The labels must be one a row (or numbers [rows, targets]); got shape {array.shape}."
        )
    return array


def _object_array(labels: list[Any] | tuple[Any, ...]) -> Array:
    """One object a label, tuples as classes included; lists of numbers become rows of targets."""
    if any(isinstance(label, list) or getattr(label, "ndim", 0) > 0 for label in labels):
        return as_array(labels)
    array = np.empty(len(labels), dtype=object)
    array[:] = labels
    return array


def _plain(array: Array) -> Array:
    """Objects that are all text, or all numbers, as an array of those; a mixture stays, as numpy makes it text."""
    values = [label.item() if getattr(label, "ndim", None) == 0 else label for label in array.tolist()]
    if values and all(isinstance(value, str) and not value.endswith("\0") for value in values):
        return np.array(values)
    if values and all(
        isinstance(value, (int, float)) and abs(value) <= EXACT for value in values if value == value
    ):
        return np.array(values)
    plain = np.empty(len(values), dtype=object)
    plain[:] = values
    return plain


def _as_targets(array: Array) -> Float64:
    try:
        values = array.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError("Regression needs numbers as labels; these hold something else.") from None
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        raise InputError(
            f"{_labels_are(len(bad))} missing (NaN) or infinite, the first in {_row(bad[0][0])}."
        )
    return values.reshape(len(values), -1)


def encode(array: Array) -> ClassLabels:
    """Classes of a 1-D array: codes, and the classes in sorted order where they can be sorted."""
    if array.ndim != 1:
        raise InputError(f"Classification needs one label a row; got shape {array.shape}.")
    _check_present(array)
    if array.dtype.kind != "O":
        values, codes = np.unique(array, return_inverse=True)
        # As Python values, save for dates, which would come back as integers.
        classes: tuple[Hashable, ...] = tuple(values) if array.dtype.kind in "mM" else tuple(values.tolist())
        return ClassLabels(codes.astype(np.intp), classes)
    classes = ordered(array.tolist())
    place = {label: i for i, label in enumerate(classes)}
    return ClassLabels(np.array([place[label] for label in array.tolist()], dtype=np.intp), classes)


def ordered(labels: Iterable[Hashable]) -> tuple[Hashable, ...]:
    """Each distinct label once, sorted where that is possible, else as first seen."""
    try:
        distinct = list(dict.fromkeys(labels))
    except TypeError as error:
        raise InputError(f"A label cannot serve as a class: {error}.") from None
    try:
        return tuple(sorted(cast(Any, distinct)))
    except TypeError:
        return tuple(distinct)


def _check_present(array: Array) -> None:
    """No label may be missing: None, NaN and pandas' NA and NaT are not classes."""
    if array.dtype.kind in "fmM":
        missing = np.isnan(array) if array.dtype.kind == "f" else np.isnat(array)
    elif array.dtype.kind == "O":
        missing = np.array([_is_missing(label) for label in array], dtype=bool)
    else:
        return
    if missing.any():
        raise InputError(f"{_labels_are(int(missing.sum()))} missing, the first in {_row(missing.argmax())}.")


def _row(place: Any) -> str:
    return f"row {int(place)} (counted from 0)"


def _labels_are(number: int) -> str:
    return "1 label is" if number == 1 else f"{number} labels are"


def _is_missing(label: Any) -> bool:
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, float) and label != label
