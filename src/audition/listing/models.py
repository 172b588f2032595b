"""What `audition models` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition.errors import UnknownNameError
from audition.models.registry import BUILT_IN, SOURCES, catalogue, find_models, lists
from audition.ranking.table import print_whole

SHORTEST = 20  # columns: a description cut further says nothing


def print_models(pattern: str | None, console: Console) -> None:
    """The models that match a pattern; without one the built-in zoo, and how to list the other sources."""
    from audition.models.zoo import manifest

    zoo = {f"zoo:{name}": record for name, record in manifest().items()}
    if pattern is None:
        _print_zoo(zoo, console)
        _print_sources(console)
        return
    names = find_models(_whole(pattern))
    for name in [name for name in names if name not in zoo]:
        console.print(Text(name, style="bold"), soft_wrap=True)
    if known := {name: zoo[name] for name in names if name in zoo}:
        _print_zoo(known, console)


def _whole(pattern: str) -> str:
    """A source alone stands for all of its models; raises UnknownNameError for what has none and is none."""
    if ":" in pattern or any(character in pattern for character in "*["):
        return pattern
    if pattern not in SOURCES:
        raise UnknownNameError("model or source", pattern, [*SOURCES, *catalogue()])
    return f"{pattern}:*"


def _print_sources(console: Console) -> None:
    """What there is beside the zoo, a line a source."""
    for source in SOURCES:
        if source not in BUILT_IN:
            can = f"audition models '{source}:*' lists them" if lists(source) else "given by name"
            console.print(Text(f"{source}:  {can}", style="dim"))


def _print_zoo(records: Mapping[str, Mapping[str, Any]], console: Console) -> None:
    """Networks of the zoo with what is known of them."""
    columns = {
        "model": list(records),
        "source": [record["source"] for record in records.values()],
        "parameters": [f"{record['parameters']:,}" for record in records.values()],
    }
    widths = [max(map(cell_len, (header, *cells))) + 2 for header, cells in columns.items()]
    room = console.width - sum(widths)
    if room >= SHORTEST:
        columns["what it is"] = [_shortened(record["description"], room) for record in records.values()]
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=False)
    for header in columns:
        table.add_column(header, no_wrap=True, justify="right" if header == "parameters" else "left")
    for name, *cells in zip(*columns.values(), strict=True):
        table.add_row(Text(name, style="bold"), *map(Text, cells))
    print_whole(table, console)  # a name is never cut


def _shortened(text: str, room: int) -> str:
    return text if cell_len(text) <= room else set_cell_size(text, room - 1).rstrip(" ,.") + "…"
