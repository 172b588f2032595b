"""Numbers of very different sizes as a page shows them, and sentences around them."""

from __future__ import annotations

import textwrap

WIDTH = 112  # letters of a line
YEAR, DAY = 8766.0, 24.0  # hours


def duration(hours: float) -> str:
    """A time given in hours, in a unit that suits it.

    >>> duration(50000), duration(30), duration(0.5), duration(1e-6)
    ('5.7 years', '30 h', '30 min', '3.6 ms')
    """
    for least, unit, name in (
        (2 * YEAR, YEAR, "years"),
        (4 * DAY, DAY, "days"),
        (2.0, 1.0, "h"),
        (0.05, 1 / 60, "min"),
    ):
        if hours >= least:
            return f"{_plain(hours / unit)} {name}"
    seconds = hours * 3600
    for least, unit, name in ((1.0, 1.0, "s"), (1e-3, 1e-3, "ms"), (1e-6, 1e-6, "µs"), (0.0, 1e-9, "ns")):
        if seconds >= least:
            return f"{_plain(seconds / unit)} {name}"
    raise ValueError(f"{hours} hours are no duration")


def size(number: float) -> str:
    """Bytes, by thousands.

    >>> size(2.9e6), size(5.5e11), size(438)
    ('2.9 MB', '550 GB', '438 B')
    """
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if number < 1000:
            return f"{_plain(number)} {unit}"
        number /= 1000
    return f"{_plain(number)} EB"


def amount(number: float) -> str:
    """How many, as a power of ten where that is shorter.

    >>> amount(1e9), amount(305180000), amount(10000)
    ('10⁹', '3.1 × 10⁸', '10,000')
    """
    if number < 1e5:
        return f"{number:,.0f}"
    digits, power = f"{number:.1e}".split("e")
    raised = str(int(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if digits == "1.0" else f"{digits} × 10{raised}"


def _plain(number: float) -> str:
    """Two digits, or all before the point."""
    return f"{number:.2g}" if number < 99.5 else f"{number:,.0f}"


def said(text: str, **numbers: object) -> str:
    """A text with its numbers, in lines that are full; paragraphs and the points of lists stay apart."""
    lines: list[str] = []
    for paragraph in text.format(**numbers).split("\n\n"):
        for point in paragraph.replace("\n- ", "\0- ").split("\0"):
            hang = "  " if point.startswith("- ") else ""
            lines += textwrap.wrap(
                " ".join(point.split()), WIDTH, subsequent_indent=hang, break_on_hyphens=False
            )
        lines.append("")
    return "\n".join(lines[:-1])
