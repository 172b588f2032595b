"""One line a measure over the same steps, each in its own unit, one under the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from audition.charts.drawing import Drawing
from audition.charts.scale import Scale, scale, short
from audition.charts.svg import el, label, path

LEFT, RIGHT = 4, 60
FOOT = 20


@dataclass(frozen=True)
class Line:
    """A value a step, None where there is none, with where each may lie."""

    name: str
    values: Sequence[float | None]
    spans: Sequence[tuple[float, float] | None] = ()
    from_zero: bool = False


def lines(
    steps: Sequence[str], given: Sequence[Line], *, title: str, mark_best: bool = True,
    width: float = 343, each: float = 62,
) -> Drawing:  # fmt: skip
    """The lines, with the highest value of each as a dot and a number, and the steps at the foot."""
    across = Scale(0, max(len(steps) - 1, 1), LEFT, width - RIGHT)
    parts = [_line(line, across, i * each, each, mark_best) for i, line in enumerate(given)]
    parts.append(_foot(steps, across, len(given) * each + 13))
    return Drawing(width, len(given) * each + FOOT, title, Markup("").join(parts))


def _line(line: Line, across: Scale, top: float, each: float, mark_best: bool) -> Markup:
    ends = [number for span in line.spans if span for number in span]
    least = [0.0] if line.from_zero else []
    up = scale([*line.values, *ends, *least], top + each - 8, top + 20, room=0)
    known = [(across(i), up(value)) for i, value in enumerate(line.values) if value is not None]
    parts = [label(LEFT, top + 12, line.name, kind="b", room=across.end - LEFT), _band(line, across, up)]
    if len(known) > 1:
        parts.append(path(known, "trace"))
    return Markup("").join([*parts, _best(line, across, up, mark_best)])


def _band(line: Line, across: Scale, up: Scale) -> Markup:
    spans = [(across(i), span) for i, span in enumerate(line.spans) if span is not None]
    if len(spans) < 2:
        return Markup("")
    there = [f"{x:.0f} {up(span[1]):.0f}" for x, span in spans]
    back = [f"{x:.0f} {up(span[0]):.0f}" for x, span in reversed(spans)]
    return el("path", d=f"M{'L'.join([*there, *back])}Z", class_="band")


def _best(line: Line, across: Scale, up: Scale, mark_best: bool) -> Markup:
    """The highest value, or the last one, as a number at the end of the line."""
    known = [(value, i) for i, value in enumerate(line.values) if value is not None]
    if not known:
        return label(across.end + 10, (up.start + up.end) / 2, "–", kind="s")
    value, i = max(known) if mark_best else known[-1]
    dot = el("circle", cx=across(i), cy=up(value), r=3.5, class_="dot on")
    return dot + label(across.end + 10, (up.start + up.end) / 2 + 4, short(value), kind="c")


def _foot(steps: Sequence[str], across: Scale, y: float) -> Markup:
    """The first and the last step; those between where there is room."""
    if len(steps) < 2:
        return Markup("")
    room = (across.end - across.start) / (len(steps) - 1)
    parts = [label(across.start, y, steps[0], kind="s", room=max(room, 90) - 6)]
    if room >= 52:
        parts += [
            label(across(i), y, step, anchor="middle", kind="s", room=room - 6)
            for i, step in enumerate(steps[1:-1], start=1)
        ]
    parts.append(label(across.end, y, steps[-1], anchor="end", kind="s", room=max(room, 90) - 6))
    return Markup("").join(parts)
