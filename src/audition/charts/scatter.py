"""Points by two numbers, the ones that matter with their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from audition.charts.axes import Shown, columns, rows
from audition.charts.drawing import Drawing
from audition.charts.scale import Scale, scale, short
from audition.charts.svg import SIZE, el, fitted, label, length

LEFT, RIGHT, TOP, BOTTOM = 40, 10, 30, 34
BOLD = 1.12  # times as wide as plain letters
LABELS = 12  # more names than this are clutter; the table has all


@dataclass(frozen=True)
class Point:
    """on: whether it stands out and has its name beside it."""

    name: str
    x: float
    y: float
    on: bool = False


@dataclass(frozen=True)
class Axis:
    """What an axis is of. down: whether the least is at the top; shown: how its numbers are written."""

    title: str
    log: bool = False
    down: bool = False
    shown: Shown = short


def scatter(
    points: Sequence[Point], across: Axis, up: Axis, *, title: str, front: bool = False, said: str = "",
    width: float = 343, height: float = 270,
) -> Drawing:  # fmt: skip
    """The points; with `front`, a dashed line through those that are on. said: at the upper right."""
    x = scale([point.x for point in points], LEFT, width - RIGHT, log=across.log)
    bottom, top = height - BOTTOM, float(TOP)
    y = scale([point.y for point in points], *((top, bottom) if up.down else (bottom, top)), log=up.log)
    parts = [
        label(0, 12, up.title, kind="s"),
        label(width - RIGHT, 12, said, anchor="end", kind="c"),
        rows(y, LEFT, width - RIGHT, shown=up.shown),
        columns(x, top, bottom, shown=across.shown),
        label(width - RIGHT, height - 3, across.title, anchor="end", kind="s"),
        _front(points, x, y) if front else Markup(""),
        *(_dot(point, x, y) for point in sorted(points, key=lambda point: point.on)),
        _names([point for point in points if point.on][:LABELS], points, x, y, width),
    ]
    return Drawing(width, height, title, Markup("").join(parts))


def _dot(point: Point, x: Scale, y: Scale) -> Markup:
    kind = "dot on" if point.on else "dot"
    return el("circle", el("title", point.name), cx=x(point.x), cy=y(point.y), r=4, class_=kind)


def _front(points: Sequence[Point], x: Scale, y: Scale) -> Markup:
    """From the cheapest to the best, level until the next one is paid for."""
    on = sorted((x(point.x), y(point.y)) for point in points if point.on)
    if len(on) < 2:
        return Markup("")
    steps = "".join(f"H{here:.1f}V{there:.1f}" for here, there in on[1:])
    return el("path", d=f"M{on[0][0]:.1f} {on[0][1]:.1f}{steps}", class_="front")


Box = tuple[float, float, float, float]


def _names(named: Sequence[Point], points: Sequence[Point], x: Scale, y: Scale, width: float) -> Markup:
    """Names where they cover neither a point nor another name; those that find no place are left to hovering."""
    taken: list[Box] = [(x(p.x) - 4, y(p.y) - 4, x(p.x) + 4, y(p.y) + 4) for p in points]
    parts = []
    for point in named:
        text = fitted(point.name, 0.6 * width)
        for box, anchor in _places(x(point.x), y(point.y), BOLD * length(text, SIZE)):
            inside = box[0] >= LEFT and box[2] <= width and box[1] >= TOP - 12
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                parts.append(label(_at(box, anchor), box[3] - 3, text, anchor=anchor, kind="name"))
                break
    return Markup("").join(parts)


def _places(x: float, y: float, wide: float) -> list[tuple[Box, str]]:
    """Boxes for a name about a point, with the end that holds it: right, left, above, below, and between."""
    high = SIZE + 2
    corners = [(x + 7, y - high / 2, "start"), (x - 7 - wide, y - high / 2, "end")]
    for dy in (-high - 5, 5, -2 * high - 2, high + 4):
        corners += [(x - wide / 2, y + dy, "middle"), (x + 3, y + dy, "start"), (x - 3 - wide, y + dy, "end")]
    return [((left, top, left + wide, top + high), anchor) for left, top, anchor in corners]


def _at(box: Box, anchor: str) -> float:
    return {"start": box[0], "middle": (box[0] + box[2]) / 2, "end": box[2]}[anchor]


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
