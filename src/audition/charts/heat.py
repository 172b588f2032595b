"""How much each two of several things agree, from −1 to 1: a staircase of squares."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audition.charts.drawing import Drawing
from audition.charts.svg import SIZE, el, label, length

MOST = 42  # px of a square
STRONGEST = 0.72  # of the colour, so that the number on it can be read


def heat(
    names: Sequence[str], values: Sequence[Sequence[float | None]], *, title: str, width: float = 343
) -> Drawing:
    """values: [K, K], symmetric; each name stands at the end of its row, above its column."""
    room = min(max((length(name, SIZE) for name in names), default=0) + 8, 0.45 * width)
    side = min(MOST, (width - room) / max(len(names) - 1, 1))
    parts = []
    for i, name in enumerate(names):
        y = i * side
        parts += [_cell(values[i][j], j * side, y, side, f"{name}, {names[j]}") for j in range(i)]
        parts.append(label(i * side + 6, y + side / 2 + 4, name, kind="b", room=width - i * side - 6))
    return Drawing(width, len(names) * side, title, Markup("").join(parts))


def _cell(value: float | None, x: float, y: float, side: float, names: str) -> Markup:
    said = f"{names}: {'no order' if value is None else f'{value:.2f}'}"
    strength = 0.0 if value is None else STRONGEST * min(abs(value), 1.0)
    square = el(
        "rect", el("title", said), x=x + 1, y=y + 1, width=side - 2, height=side - 2, rx=2,
        class_="minus" if (value or 0) < 0 else "plus", fill_opacity=f"{strength:.2f}",
    )  # fmt: skip
    if side < 24:
        return square
    text = "–" if value is None else f"{value:.2f}".replace("-", "−").replace("0.", ".")
    return square + label(x + side / 2, y + side / 2 + 4, text, anchor="middle")
