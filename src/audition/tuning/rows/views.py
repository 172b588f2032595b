"""Views of pictures: boxes and mirrors that are drawn once, so that what teachers say of them can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from audition.data.base import DataKind, Dataset, Item, Task
from audition.errors import InputError
from audition.metrics.checks import check_count

Box = tuple[float, float, float, float]

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
LEAST_AREA = 0.7
ASPECT = 4 / 3  # of a box at most, against that of its picture; 1 / ASPECT at least


@dataclass(frozen=True)
class View:
    """A part of each picture, mirrored or not. box: left, top, right, bottom, from 0 to 1 of its sides."""

    mirrored: bool = False
    box: Box = WHOLE

    @property
    def whole(self) -> bool:
        """Whether pictures are seen as they are."""
        return not self.mirrored and self.box == WHOLE

    def __str__(self) -> str:
        sides = ", ".join(repr(side) for side in self.box)
        return f"{'mirrored ' * self.mirrored}box {sides}"

    def of(self, picture: Any) -> Any:
        """What is seen of a PIL image, another PIL image of the same mode; a pixel a side is left at least."""
        from PIL import ImageOps

        width, height = picture.size
        left, right = _pixels(self.box[0], self.box[2], width)
        top, bottom = _pixels(self.box[1], self.box[3], height)
        seen = picture.crop((left, top, right, bottom))
        return ImageOps.mirror(seen) if self.mirrored else seen


def _pixels(low: float, high: float, size: int) -> tuple[int, int]:
    first = min(round(low * size), size - 1)
    return first, max(round(high * size), first + 1)


def views_of(kind: DataKind, count: int, *, mirror: bool = True, seed: int = 0) -> tuple[View, ...]:
    """So many views of a data set; the first is the whole picture, and other kinds of data have no other.

    The others are boxes of 0.7 to 1 of the area, their sides in a ratio from 3/4 to 4/3 of the picture's own,
    every second view mirrored where `mirror`. Always the same for one seed, and fewer are the first of more.
    Raises InputError for a count below 1.

    >>> [view.mirrored for view in views_of("image", 4)]
    [False, True, False, True]
    >>> views_of("text", 4)
    (View(mirrored=False, box=(0.0, 0.0, 1.0, 1.0)),)
    """
    check_count(count, 1, "views", "tune")
    if kind != "image":
        return (View(),)
    rng = np.random.default_rng(seed)
    boxes = [_drawn_box(rng) for _ in range(count - 1)]
    return (View(), *(View(mirror and not place % 2, box) for place, box in enumerate(boxes)))


def _drawn_box(rng: np.random.Generator) -> Box:
    """A box inside the picture, drawn again where a side would be longer than the picture's."""
    while True:
        area = rng.uniform(LEAST_AREA, 1)
        aspect = np.exp(rng.uniform(-np.log(ASPECT), np.log(ASPECT)))
        width, height = float(np.sqrt(area * aspect)), float(np.sqrt(area / aspect))
        if max(width, height) <= 1:
            break
    left, top = float(rng.uniform(0, 1 - width)), float(rng.uniform(0, 1 - height))
    return left, top, min(left + width, 1.0), min(top + height, 1.0)


def seen_through(data: Dataset, view: View) -> Dataset:
    """A data set whose pictures are seen through a view; the data set itself where they are seen whole.

    What an item is told by in a cache names the view, so that features of two views are never mixed.
    Raises InputError for a view of anything but pictures.
    """
    if view.whole:
        return data
    if data.kind != "image":
        raise InputError(f"{data.name!r} holds {data.kind}: only pictures have views other than the whole.")
    return Seen(data, view)


@dataclass(frozen=True, eq=False)
class Seen:
    """The pictures of a data set through a view, their labels and groups as they are."""

    data: Dataset
    view: View

    @property
    def name(self) -> str:
        """That of the data, with the view."""
        left, top, right, bottom = self.view.box
        share = f"{(right - left) * (bottom - top):.0%} of each picture"
        return f"{self.data.name} ({share}{', mirrored' * self.view.mirrored})"

    @property
    def kind(self) -> DataKind:
        """As the data."""
        return self.data.kind

    @property
    def task(self) -> Task:
        """As the data."""
        return self.data.task

    def __len__(self) -> int:
        return len(self.data)

    def items(self) -> Iterator[Item]:
        """Each item of the data, decoded through the view when it is asked for."""
        for item in self.data.items():
            source = None if item.source is None else (item.source, f"view {self.view}")
            yield replace(item, decode=partial(_decoded, item, self.view), source=source)


def _decoded(item: Item, view: View) -> Any:
    return view.of(item.decode())
