"""A comparison in words: a table and a few sentences."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition.ranking.table import MISSING, header, number
from audition.ranking.words import WIDE
from audition.reporting.comparison import Change, Comparison
from audition.reporting.rows import decimals

NAMED = 3
ROWS = "Scores of {:,} and of {:,} rows differ by the number of rows alone, too: the places say more."


def print_comparison(found: Comparison, console: Console) -> None:
    """A row a candidate: its places, how far it moved, and what its scores changed by."""
    console.print(Text(f"{len(found.pairs)} candidates in both {found.names[0]} and {found.names[1]}"))
    console.print()
    console.print(_table(found), crop=False)
    console.print()
    console.print(Text(found.verdict, style="bold"))


def _table(found: Comparison) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    table.add_column("model", no_wrap=True)
    for head in (*found.names, "moved", *(f"{metric} change" for metric in found.means)):
        table.add_column(header(head), justify="right", no_wrap=True)
    for pair in found.pairs:
        cells = [pair.name, str(pair.before), str(pair.after), moved(pair.before - pair.after)]
        cells += [said(pair.scores.get(metric)) for metric in found.means]
        style = "green" if pair.before > pair.after else "yellow" if pair.before < pair.after else ""
        table.add_row(*map(Text, cells), style=style)
    table.width = Console(width=10_000, file=io.StringIO()).measure(table).maximum
    return table


def moved(places: int) -> str:
    """How many places up or down.

    >>> moved(2), moved(-1), moved(0)
    ('up 2', 'down 1', '–')
    """
    return f"{'up' if places > 0 else 'down'} {abs(places)}" if places else MISSING


def said(change: Change | None) -> str:
    """A difference with its sign; a star where its interval leaves out 0."""
    if change is None:
        return MISSING
    text = number(abs(change.difference))
    sign = "" if float(text) == 0 else "+" if change.difference > 0 else "−"
    return f"{sign}{text}{'*' if change.decided else ' '}"


def verdict(found: Comparison) -> str:
    """Whether the choice changed, how far the orders agree, which scores rose, what came and went."""
    one, two = found.firsts
    first = f"{one} comes first in both." if one == two else f"{two} comes first instead of {one}."
    tau = "" if found.tau is None else f"The two orders agree with τ_w {decimals(found.tau)}."
    rows = "" if found.items[0] == found.items[1] else ROWS.format(*found.items)
    star = "A * marks a change whose 90 % interval leaves out 0." if _starred(found) else ""
    parts = [
        first,
        tau,
        *map(_mean, found.means.items()),
        _names("Joined", found.joined),
        _names("Left", found.left),
        rows,
        star,
    ]
    return " ".join(filter(None, parts))


def _mean(named: tuple[str, Change]) -> str:
    """The mean change of a measure, where it is not nothing."""
    name, change = named
    if not change.difference:
        return ""
    sentence = f"{name} {'rises' if change.difference > 0 else 'falls'} by {number(abs(change.difference))} on average"
    if change.span is None:
        return f"{sentence}."
    low, high = (number(end).replace("-", "−") for end in change.span)
    return f"{sentence} (90 % over candidates: {low} to {high})."


def _starred(found: Comparison) -> bool:
    return any(change.decided for pair in found.pairs for change in pair.scores.values())


def _names(what: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} others" if len(names) > NAMED else "")
    return f"{what}: {shown}."


def as_text(found: Comparison) -> str:
    """The comparison as plain text."""
    held = io.StringIO()
    print_comparison(found, Console(file=held, width=WIDE, color_system=None, force_jupyter=False))
    return "\n".join(line.rstrip() for line in held.getvalue().splitlines())
