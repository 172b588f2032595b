"""Numbers as bars, a row each."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from audition.charts.drawing import Drawing
from audition.charts.svg import SIZE, el, label, length

ROW = 20


def bars(
    names: Sequence[str], values: Sequence[float], *, title: str, few: float = 0, width: float = 343
) -> Drawing:
    """The values from zero; those below `few` in another colour."""
    left = min(max((length(name, SIZE) for name in names), default=0) + 10, 0.4 * width)
    most = max(values, default=0) or 1
    parts = []
    for i, (name, value) in enumerate(zip(names, values, strict=True)):
        long = (width - left - 52) * value / most
        kind = "few" if value < few else "bar"
        parts += [
            label(left - 8, i * ROW + 14, name, anchor="end", room=left - 8),
            el("rect", x=left, y=i * ROW + 4, width=max(long, 1.0), height=ROW - 8, rx=1.5, class_=kind),
            label(left + long + 6, i * ROW + 14, f"{value:,.0f}", kind="s"),
        ]
    return Drawing(width, ROW * len(names) + 4, title, Markup("").join(parts))
