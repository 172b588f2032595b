"""SVG elements as text; what is not an element already is escaped."""

from __future__ import annotations

from itertools import pairwise

from markupsafe import Markup, escape

SIZE = 11  # px of the text of a figure
ELLIPSIS = "…"

# Widths of letters in a sans-serif face, as shares of its size; others are 0.6.
_NARROW, _WIDE = frozenset("iljtfrI.,:;|'!()[]/ -"), frozenset("mwMW@%…")


def el(tag: str, *children: str, **attributes: object) -> Markup:
    """An element: `el("text", name, x=3, class_="t")`; a None leaves its attribute out.

    >>> el("text", "<b>", x=1.50, text_anchor="end")
    Markup('<text x="1.5" text-anchor="end">&lt;b&gt;</text>')
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{written(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if not children:
        return Markup(f"<{tag}{given}/>")
    return Markup(f"<{tag}{given}>{''.join(map(escape, children))}</{tag}>")


def written(value: object) -> str:
    """A number with one decimal at most; text escaped."""
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0").replace("-0.0", "0")
    return escape(value)


def group(*children: str, **attributes: object) -> Markup:
    """Elements together."""
    return el("g", Markup("").join(children), **attributes)


def label(
    x: float, y: float, text: str, *, anchor: str | None = None, kind: str = "t", room: float | None = None
) -> Markup:
    """A line of text; cut in its middle where it has no room, with the whole on hover."""
    shown = text if room is None else fitted(text, room)
    whole = [el("title", text)] if shown != text else []
    return el("text", shown, *whole, x=x, y=y, text_anchor=anchor, class_=kind)


def path(points: list[tuple[float, float]], kind: str) -> Markup:
    """A line through points, in steps from one to the next, which takes the fewest letters."""
    whole = [(round(x), round(y)) for x, y in points]
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(whole)]
    return el("path", d=f"M{whole[0][0]} {whole[0][1]}l{' '.join(steps)}".replace(" -", "-"), class_=kind)


def length(text: str, size: float = SIZE) -> float:
    """About how wide a text is, in px."""
    shares = (0.33 if letter in _NARROW else 0.92 if letter in _WIDE else 0.6 for letter in text)
    return size * sum(shares)


def fitted(text: str, room: float, size: float = SIZE) -> str:
    """The text, or as much of its beginning and end as there is room for.

    >>> fitted("timm:mobilenetv2_100", 70)
    'timm…_100'
    """
    if length(text, size) <= room:
        return text
    for kept in range(len(text) - 1, 1, -1):
        short = text[: kept // 2] + ELLIPSIS + text[len(text) - (kept + 1) // 2 :]
        if length(short, size) <= room:
            return short
    return ELLIPSIS
