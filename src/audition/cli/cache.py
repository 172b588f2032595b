"""`audition cache`: what is kept of features that were computed, and the ways to look after it."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition import listing
from audition.cache import Cache, EntryInfo, Removed
from audition.errors import InputError

app = App(name="cache", help="Look after the features that are kept: ls, info, prune, verify, clear.")

Where = Annotated[Path | None, Parameter(name="--cache", help="Its folder; else the platform's own place.")]

DAMAGED = 1  # the exit code where something was not as it was written
UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
AGES = {"h": 3600, "d": 86400, "w": 604800}


@app.command
def ls(*, cache: Where = None) -> int:
    """List what is kept, the last used first."""
    kept = Cache(cache)
    entries, console = kept.ls(), listing.console()
    if not entries:
        console.print(Text(f"Nothing is kept in {kept.path}."))
        return 0
    _print_entries(entries, console)
    return 0


@app.command
def info(*, cache: Where = None) -> int:
    """Say where the cache is, and how large."""
    about = Cache(cache).info()
    used = f", last used {_ago(about.last_used)}" if about.last_used is not None else ""
    locked = "" if about.writable else " It cannot be written to."
    number = "1 entry" if about.entries == 1 else f"{about.entries} entries"
    sentence = f"{about.path}: {number}, {size(about.bytes)}{used}.{locked}"
    listing.console().print(Text(sentence), soft_wrap=True)
    return 0


@app.command
def prune(
    *,
    max_size: Annotated[str | None, Parameter(name="--max-size", help="Keep at most so much: 2GB.")] = None,
    older_than: Annotated[
        str | None, Parameter(name="--older-than", help="Remove what was not used for: 30d.")
    ] = None,
    cache: Where = None,
) -> int:
    """Remove what was used longest ago, to a size or an age."""
    if max_size is None and older_than is None:
        raise InputError("Say what to keep: --max-size 2GB, or --older-than 30d.")
    limit = None if max_size is None else int(_measure(max_size, UNITS, "a size", "2GB"))
    age = None if older_than is None else _measure(older_than, AGES, "an age", "30d")
    _print_removed(Cache(cache).prune(max_bytes=limit, older_than=age))
    return 0


@app.command
def clear(*, cache: Where = None) -> int:
    """Remove all that is kept."""
    _print_removed(Cache(cache).clear())
    return 0


@app.command
def verify(*, cache: Where = None) -> int:
    """Read every byte; what is not as it was written is set aside, and computed again when it is needed."""
    found, console = Cache(cache).verify(), listing.console()
    console.print(Text(f"{found.files} files are as they were written, {len(found.damaged)} are not."))
    for digest, name in found.damaged:
        console.print(Text(f"  set aside: {digest[:12]} {name}"))
    return DAMAGED if found.damaged else 0


def _print_entries(entries: Sequence[EntryInfo], console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    for column in ("model", "data", "layers", "rows", "size", "used"):
        table.add_column(
            column, overflow="fold", justify="right" if column in ("layers", "rows", "size") else "left"
        )
    for entry in entries:
        rows = str(max(entry.layers.values(), default=0))
        if entry.state != "complete":
            rows = f"{rows} of {entry.rows or '?'}"
        cells = (
            entry.model,
            entry.data,
            str(len(entry.layers)),
            rows,
            size(entry.bytes),
            _ago(entry.last_used),
        )
        table.add_row(*map(Text, cells))
    console.print(table)


def _print_removed(removed: Removed) -> None:
    console = listing.console()
    number = "1 entry" if len(removed.entries) == 1 else f"{len(removed.entries)} entries"
    console.print(Text(f"Removed {number}, {size(removed.bytes)}."))
    for entries, why in ((removed.in_use, "in use"), (removed.newer, "written by a newer audition")):
        for entry in entries:
            console.print(Text(f"  left, {why}: {entry.model} on {entry.data}"))


def size(number: float) -> str:
    """Bytes as a person reads them: 6.4 MB."""
    for unit, factor in reversed(UNITS.items()):
        if number >= factor:
            return f"{number / factor:.1f} {unit}"
    return f"{number:.0f} B"


def _ago(when: float) -> str:
    seconds = max(time.time() - when, 0)
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'s' * (number > 1)} ago"
    return "just now"


def _measure(text: str, units: dict[str, float] | dict[str, int], what: str, example: str) -> float:
    """A number with a unit, "2GB" or "30d"."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", text)
    factors = {unit.lower(): factor for unit, factor in units.items()}
    number = float(found[1]) * factors.get(found[2].lower(), math.nan) if found else math.nan
    if not math.isfinite(number):
        raise InputError(f"{text!r} is not {what}: write {example}, in {', '.join(units)}.")
    return number
