"""A ranking of sources in words: a table a group, one of all sources, and what to take."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition.ranking import words
from audition.ranking.table import tables
from audition.ranking.value import Ranking

WIDEST = 10_000  # columns: more than any table has

if TYPE_CHECKING:
    from audition.ranking.grouped import SourceRanking


def print_sources(grouped: SourceRanking, console: Console) -> None:
    """Heading, a table a group, the sources over all of them, remarks and verdict."""
    console.print(Text(heading(grouped)))
    console.print()
    alone = []
    for architecture, group in grouped.groups.items():
        if len(group) == 1:
            alone += [row.model for row in group]
            continue
        console.print(Text(architecture, style="bold"))
        _print_table(_by_source(grouped, group), _places(grouped, group), "source", console)
        console.print(Text(_by_source(grouped, group).verdict))
        console.print()
    if alone:
        _print_alone(grouped, alone, console)
    if len(grouped.groups) > 1 and len(grouped.sources) > 1:
        _print_all_sources(grouped, console)
    for remark in words.remarks(grouped.named):
        console.print(Text(remark, style="yellow"))
    console.print(Text(f"Of all: {grouped.verdict}", style="bold"))


def heading(grouped: SourceRanking) -> str:
    """What was ranked on what, and how it is ordered."""
    candidates, rest = words.heading(grouped.ranking).split(" on ", 1)
    sources = len({origin.source for origin in grouped.origins.values()})
    return (
        f"{candidates} of {_several(len(grouped.groups), 'architecture')} "
        f"from {_several(sources, 'source')} on {rest}"
    )


def _several(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _by_source(grouped: SourceRanking, group: Ranking) -> Ranking:
    """A group with each candidate called by its source."""
    return replace(group, rows=tuple(replace(row, model=grouped.called[row.model]) for row in group))


def _places(grouped: SourceRanking, group: Ranking) -> list[str]:
    """The place of each row among all candidates."""
    return [str(grouped.ranking[row.model].place or "–") for row in group]


def _print_alone(grouped: SourceRanking, models: Sequence[str], console: Console) -> None:
    """The architectures that have one candidate, in one table."""
    rows = [grouped.ranking[model] for model in models]
    group = grouped.ranking.part(rows)
    names = {row.model: named.model for row, named in zip(grouped.ranking, grouped.named, strict=True)}
    shown = replace(group, rows=tuple(replace(row, model=names[row.model]) for row in group))
    console.print(Text("architectures with one candidate", style="bold"))
    _print_table(shown, _places(grouped, group), "architecture and source", console)


def _print_table(group: Ranking, places: Sequence[str], noun: str, console: Console) -> None:
    for part in tables(group, console.width, {"of all": places}):
        part.columns[1].header = noun
        part.width = None  # the new head may be wider
        part.width = console.measure(part, options=console.options.update(max_width=WIDEST)).maximum
        console.print(part, crop=False)
        console.print()


def _print_all_sources(grouped: SourceRanking, console: Console) -> None:
    """Each source over all architectures."""
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    for name in ("source over all", "candidates", "mean place", "best place"):
        shown.add_column(name, justify="left" if name == "source over all" else "right")
    for source in grouped.sources:
        cells = (source.source, str(source.candidates), f"{source.mean_place:.1f}", str(source.best_place))
        shown.add_row(*map(Text, cells))
    console.print(shown)
    console.print()


def as_text(grouped: SourceRanking) -> str:
    """The ranking as plain text."""
    console = Console(file=io.StringIO(), width=words.WIDE, color_system=None, force_jupyter=False)
    print_sources(grouped, console)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]
