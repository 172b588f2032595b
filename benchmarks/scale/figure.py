"""Regret against forward passes, a line a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from audition.charts import Drawing
from audition.charts.axes import columns, rows
from audition.charts.scale import Scale
from audition.charts.svg import el, label
from audition.charts.theme import LIGHT

WIDTH, HEIGHT = 640, 330
LEFT, RIGHT, TOP, FOOT = 34, 104, 26, 42
NONE = 0.002  # where a choice without any pass is drawn
LOST, PASSES = "points of accuracy lost", "forward passes, of those of all models on all rows"
SHARES = {0.01: "1 %", 0.1: "10 %", 1.0: "100 %"}

Points = Sequence[tuple[float, float]]
"""(share of the passes, points lost), in order."""


@dataclass(frozen=True)
class Curve:
    """A line, and where its name stands from its end: px to the right and down, and which end of the name."""

    name: str
    points: Points
    right: float = 8
    down: float = 4
    anchor: str = "start"


def curves(given: Sequence[Curve], *, title: str) -> Drawing:
    """The lines with their names; a share of 0 at the left edge, both axes by logarithms."""
    lost = [value for curve in given for _, value in curve.points]
    across = Scale(NONE, 1.0, LEFT, WIDTH - RIGHT, log=True)
    up = Scale(0.8 * min(lost), 1.1 * max(lost), HEIGHT - FOOT, TOP, log=True)
    parts = [
        label(LEFT - 30, 12, LOST, kind="b"),
        rows(up, LEFT, WIDTH - RIGHT),
        columns(across, TOP, HEIGHT - FOOT, shown=lambda tick: SHARES.get(round(tick, 6), "")),
        label(LEFT, HEIGHT - FOOT + 14, "none", anchor="middle", kind="s"),
        label((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, PASSES, anchor="middle", kind="s"),
    ]
    parts += [_line(curve, across, up, LIGHT[f"k{place}"]) for place, curve in enumerate(given)]
    return Drawing(WIDTH, HEIGHT, title, Markup("").join(parts))


def _line(curve: Curve, across: Scale, up: Scale, colour: str) -> Markup:
    points = [(across(max(share, NONE)), up(lost)) for share, lost in curve.points]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    x, y = points[-1]
    return Markup("").join(
        [
            el("path", d=f"M{way}", stroke=colour, stroke_width=1.75, fill="none", stroke_linejoin="round"),
            *(el("circle", cx=at, cy=height, r=2.5, fill=colour) for at, height in points),
            el("text", curve.name, x=x + curve.right, y=y + curve.down, text_anchor=curve.anchor, class_="name",
               style=f"fill:{colour}"),
        ]
    )  # fmt: skip
