"""Dots with their intervals, a row a candidate and a panel a measure: how far apart they are, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from audition.charts.axes import columns
from audition.charts.drawing import Drawing
from audition.charts.scale import Scale, place, scale, short
from audition.charts.svg import SIZE, el, group, label, length

ROW = 22
HEAD = 40
GAP = 28


@dataclass(frozen=True)
class Panel:
    """One number a row, with where it may lie; None where it is not known. down: whether low is better."""

    title: str
    values: Sequence[float | None]
    spans: Sequence[tuple[float, float] | None]
    down: bool = False


def dots(
    names: Sequence[str], panels: Sequence[Panel], *, on: Sequence[bool], title: str, width: float = 860
) -> Drawing:
    """The panels side by side; rows that are `on` have the accent colour."""
    widest = max((length(name, SIZE) for name in names), default=0) + 8
    left = min(widest, 0.38 * width)
    each = (width - left - GAP * len(panels)) / max(len(panels), 1)
    height = HEAD + ROW * len(names) + 6
    parts = [_names(names, on, left)]
    for i, panel in enumerate(panels):
        start = left + GAP / 2 + i * (each + GAP)
        parts.append(_panel(panel, on, start, start + each, height - 6))
    return Drawing(width, height, title, Markup("").join(parts))


def _names(names: Sequence[str], on: Sequence[bool], left: float) -> Markup:
    return Markup("").join(
        label(0, _y(i) + 4, name, kind="b" if on[i] else "t", room=left) for i, name in enumerate(names)
    )


def _y(row: int) -> float:
    return HEAD + ROW * (row + 0.5)


def _panel(panel: Panel, on: Sequence[bool], start: float, end: float, bottom: float) -> Markup:
    across = _scale(panel, start, end)
    head = label(start, 12, panel.title, kind="b", room=end - start)
    number = 5 if end - start > 250 else 3
    marks = [_mark(panel, across, i, on[i]) for i in range(len(panel.values))]
    return group(
        head,
        columns(across, HEAD - 6, bottom, number=number, shown=place if panel.down else short, above=True),
        *marks,
    )


def _scale(panel: Panel, start: float, end: float) -> Scale:
    ends = [number for span in panel.spans if span for number in span]
    if panel.down:
        start, end = end, start
    return scale([*panel.values, *ends], start, end)


def _mark(panel: Panel, across: Scale, row: int, on: bool) -> Markup:
    at, span, y = panel.values[row], panel.spans[row], _y(row)
    kind = " on" if on else ""
    if at is None:
        return label(min(across.start, across.end), y + 4, "–", kind="s")
    parts = []
    if span is not None and all(map(math.isfinite, span)):
        parts.append(
            el("path", d=f"M{across(span[0]):.1f} {y:.1f}H{across(span[1]):.1f}", class_=f"span{kind}")
        )
    parts.append(el("circle", cx=across(at), cy=y, r=4, class_=f"dot{kind}"))
    return Markup("").join(parts)
