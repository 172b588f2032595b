"""Rows as points in the plane, coloured by class, each class with its name at its centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from audition.charts.drawing import Drawing
from audition.charts.svg import el, label
from audition.charts.theme import HUES

HEAD = 22
MARGIN = 14


@dataclass(frozen=True)
class Cloud:
    """Where rows and centres lie: from 0 to 1 in both directions. codes: the class of each row."""

    title: str
    points: Sequence[tuple[float, float]]
    codes: Sequence[int]
    centres: Sequence[tuple[float, float]]


def cloud(
    clouds: Sequence[Cloud], names: Sequence[str], *, title: str, width: float = 343, height: float = 343
) -> Drawing:
    """The clouds side by side, each `width` wide."""
    parts = [_one(each, names, i * width, width, height) for i, each in enumerate(clouds)]
    return Drawing(width * len(clouds), height, title, Markup("").join(parts))


def placed(
    points: Sequence[tuple[float, float]], width: float = 343, height: float = 343
) -> list[tuple[int, int]]:
    """Shares of the plane as px of one cloud."""
    wide, high = width - 2 * MARGIN, height - HEAD - 2 * MARGIN
    return [(round(MARGIN + x * wide), round(HEAD + MARGIN + (1 - y) * high)) for x, y in points]


def _one(each: Cloud, names: Sequence[str], left: float, width: float, height: float) -> Markup:
    dots = [
        el("circle", cx=x + left, cy=y, r=2.5, class_=f"k{code % HUES}", fill_opacity=".55")
        for (x, y), code in zip(placed(each.points, width, height), each.codes, strict=True)
    ]
    centres = [
        label(x + left, y + 4, names[code], anchor="middle", kind=f"name k{code % HUES}", room=90)
        for code, (x, y) in enumerate(placed(each.centres, width, height))
    ]
    head = label(left + MARGIN, 13, each.title, kind="b", room=width - 2 * MARGIN)
    return el("g", Markup("").join([head, *dots, *centres]))
