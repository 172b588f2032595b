"""Places before and after: a line from one to the other for each candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from audition.charts.drawing import Drawing
from audition.charts.svg import el, group, label

ROW = 20
HEAD = 30
SHARE = 0.34  # of the width, for the names on either side
NUMBER = 24  # px for the place


@dataclass(frozen=True)
class Change:
    """A candidate's place before and after, 1 the first."""

    name: str
    before: int
    after: int


def bump(before: str, after: str, changes: Sequence[Change], *, title: str, width: float = 860) -> Drawing:
    """Blue rises, orange falls, grey stays."""
    side = SHARE * width
    last = max((max(change.before, change.after) for change in changes), default=1)
    head = [
        label(side, 12, before, anchor="end", kind="b", room=side),
        label(width - side, 12, after, kind="b", room=side),
    ]
    # Those that stay are drawn first, so that they lie under those that move.
    order = sorted(range(len(changes)), key=lambda i: changes[i].before != changes[i].after)
    ways = [_way(changes[i], side, width, i) for i in order]
    return Drawing(width, HEAD + ROW * last, title, Markup("").join([*head, *ways]))


def _way(change: Change, side: float, width: float, place: int) -> Markup:
    y0, y1 = (HEAD + ROW * (place - 0.5) for place in (change.before, change.after))
    x0, x1, middle = side + 10, width - side - 10, width / 2
    kind = "way" + (
        " up" if change.after < change.before else " down" if change.after > change.before else ""
    )
    curve = f"M{x0:.0f} {y0:.0f}C{middle:.0f} {y0:.0f} {middle:.0f} {y1:.0f} {x1:.0f} {y1:.0f}"
    return group(
        el("path", d=curve, class_=kind),
        label(side, y0 + 4, str(change.before), anchor="end", kind="s"),
        label(side - NUMBER, y0 + 4, change.name, anchor="end", room=side - NUMBER),
        label(width - side, y1 + 4, str(change.after), kind="s"),
        label(width - side + NUMBER, y1 + 4, change.name, room=side - NUMBER),
        data_i=place,
    )
