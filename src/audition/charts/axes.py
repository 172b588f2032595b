"""Axes: hairlines with a few round numbers, and no box."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from audition.charts.scale import Scale, short
from audition.charts.svg import el, label

Shown = Callable[[float], str]


def columns(
    across: Scale, top: float, bottom: float, *, shown: Shown = short, number: int = 4, above: bool = False
) -> Markup:
    """Upright hairlines from top to bottom, with their numbers under them, or above."""
    parts = []
    for tick in across.ticks(number):
        if not shown(tick):
            continue
        x = across(tick)
        parts.append(el("path", d=f"M{x:.1f} {top:.1f}V{bottom:.1f}", class_="grid"))
        y = top - 5 if above else bottom + 14
        parts.append(label(x, y, shown(tick), anchor="middle", kind="s"))
    return Markup("").join(parts)


def rows(up: Scale, left: float, right: float, *, shown: Shown = short, number: int = 4) -> Markup:
    """Level hairlines from left to right, with their numbers on the left."""
    parts = []
    for tick in up.ticks(number):
        if not shown(tick):
            continue
        y = up(tick)
        parts.append(el("path", d=f"M{left:.1f} {y:.1f}H{right:.1f}", class_="grid"))
        parts.append(label(left - 6, y + 4, shown(tick), anchor="end", kind="s"))
    return Markup("").join(parts)
