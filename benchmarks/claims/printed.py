"""Numbers of docs/benchmarks.md, which `make bench` printed: a claim that rests on them quotes them from there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def number(section: str, what: str, column: str = "ours", *, against: str = "") -> float:
    """The first number in a cell, "1.21 s, 153 MB" -> 1.21; the row is found by its beginning.

    Raises LookupError where the page has no such row.
    """
    for row in _rows(section):
        if row["what"].startswith(what) and row["against"].startswith(against):
            return float(re.findall(r"[\d.]+", row[column].replace(",", ""))[0])
    raise LookupError(f"no row {what!r} against {against!r} under {section!r} in {PAGE}")


@cache
def _sections() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    title = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            title = line.removeprefix("## ")
        else:
            found.setdefault(title, []).append(line)
    return found


def _lines(section: str) -> list[str]:
    if section not in _sections():
        raise LookupError(f"no heading {section!r} in {PAGE}")
    return _sections()[section]


def _rows(section: str) -> list[dict[str, str]]:
    lines = [line for line in _lines(section) if line.startswith("|")]
    header, _, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(header, cells, strict=True)) for cells in body]
