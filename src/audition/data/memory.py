"""Data sets of arrays that are in memory already: images or rows, with their labels."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np

from audition.arrays import Array, as_array, as_features
from audition.data.base import DataKind, Item, Task
from audition.data.images import image_from_array, require_pillow
from audition.errors import InputError
from audition.labels import MultiLabels, Targets, as_groups, as_labels
from audition.labels import Task as LabelTask

CHANNELS = (1, 3, 4)


@dataclass(frozen=True, eq=False)
class ArrayDataset:
    """N labelled items along the first axis of one array."""

    name: str
    kind: DataKind
    task: Task
    values: Array
    labels: tuple[Hashable, ...]
    decode: Callable[[Array], Any]
    groups: tuple[Hashable, ...] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def items(self) -> Iterator[Item]:
        """Each item in order; its name is its place, counted from 0."""
        noun = "image" if self.kind == "image" else "row"
        groups = self.groups or (None,) * len(self.labels)
        for place, (label, group) in enumerate(zip(self.labels, groups, strict=True)):
            yield Item(
                f"{noun} {place}", label, partial(self.decode, self.values[place]), group, self.values[place]
            )


def dataset_from_arrays(
    values: Any, labels: Any, groups: Any = None, *, name: str, task: LabelTask = "auto"
) -> ArrayDataset:
    """Images [N, H, W] or [N, H, W, 1|3|4], or rows [N, D], with N labels; any framework's arrays.

    groups: N values, equal for items that belong together, or None.
    Images are uint8 (or other integers 0..255), floats 0..1 or booleans. Raises InputError for
    other shapes and ranges, NaN, labels that are missing or not N, and fewer than two classes.
    """
    array = as_array(values)
    is_rows = array.ndim == 2
    if not is_rows:
        check_images(array)
    noun, kind = ("rows", "rows") if is_rows else ("images", "image")
    known, given = labels_of_arrays(labels, task, len(array), noun)
    if not is_rows:
        require_pillow()
    return ArrayDataset(
        name=name,
        kind=cast(DataKind, kind),
        task=known,
        values=cast(Array, as_features(array, name="rows")) if is_rows else array,
        labels=given,
        decode=_row if is_rows else image_from_array,
        groups=None if groups is None else tuple(as_groups(groups, len(array)).tolist()),
    )


def _row(row: Array) -> Array:
    return row


def labels_of_arrays(labels: Any, task: LabelTask, rows: int, noun: str) -> tuple[Task, tuple[Hashable, ...]]:
    """The task, and the labels as plain Python values; raises InputError where they are not one a row."""
    found = as_labels(labels, task=task)
    if len(found) != rows:
        raise InputError(f"There are {rows} {noun} but {len(found)} labels.")
    if isinstance(found, Targets):
        return "regression", tuple(found.plain())
    if isinstance(found, MultiLabels):
        return "multilabel", tuple(found.sets())
    if len(found.classes) < 2:
        raise InputError(f"All labels are {found.classes[0]!r}: at least two classes are needed.")
    return "classification", tuple(found.classes[code] for code in found.codes)


def check_images(array: Array) -> None:
    """The shape and the range of values that image_from_array can turn into images."""
    _check_shape(array.shape)
    if array.dtype.kind not in "biuf":
        raise InputError(f"Images must be uint8 or floats from 0 to 1; these are {array.dtype}.")
    if array.dtype == np.uint8 or array.dtype.kind == "b":
        return
    top = 1 if array.dtype.kind == "f" else 255
    low, high = array.min(), array.max()
    if not (low >= 0 and high <= top):  # false for NaN as well
        raise InputError(f"Images of {array.dtype} must lie in 0..{top}; these go from {low:g} to {high:g}.")


def _check_shape(shape: tuple[int, ...]) -> None:
    if (len(shape) == 3 and 0 not in shape) or (len(shape) == 4 and 0 not in shape and shape[3] in CHANNELS):
        return
    hint = ""
    if len(shape) == 4 and shape[1] in CHANNELS:
        hint = " It looks channels first: give np.moveaxis(images, 1, -1)."
    raise InputError(
        "Arrays must be rows [N, D] or images [N, H, W] or [N, H, W, 1, 3 or 4], none of them empty; "
        f"got shape {shape}.{hint}"
    )
