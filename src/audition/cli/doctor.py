"""`audition doctor`: what is installed, what computes, where things are kept, and what is broken."""

from __future__ import annotations

import json as jsons
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from audition import listing
from audition.cli.cache import size
from audition.cli.options import Json
from audition.cli.output import check_output, write_json

if TYPE_CHECKING:
    from audition.doctor import Device, Extra, Place, Report

BROKEN = 1  # the exit code where something is broken; what is merely missing breaks nothing
STYLES = {"installed": "green", "missing": "dim", "broken": "bold red"}
BASE = "audition"
WIDEST = 80  # columns: wider lines are harder to read
SHORTEST = 20
TOGETHER = "\xa0"  # a space at which no line is broken


def doctor(*, json: Json = None) -> int:
    """Say what is installed, what adds the rest, what computes, and what is broken."""
    from audition.doctor import examine

    check_output(json)
    report = examine()
    if json != "-":
        _print(report, listing.console())
    if json is not None:
        write_json(jsons.dumps(report.to_dict(), indent=2), json)
    return BROKEN if report.problems else 0


def _print(report: Report, console: Console) -> None:
    width = min(console.width, WIDEST)
    console.print(f"audition {report.audition}, Python {report.python}, {report.system}", highlight=False)
    for title, rows in (
        ("extras", _extras(report)),
        ("machine", _machine(report)),
        ("kept in", _kept(report)),
    ):
        console.print(Text(f"\n{title}", style="bold"))
        _print_rows(list(rows), width, console)
    console.print()
    for sentence in report.notes:
        _print_text(f"Note: {sentence}", width, console)
    for sentence in report.problems:
        _print_text(f"Broken: {sentence}", width, console)
    if not report.problems:
        console.print("Nothing is broken.")


def _print_rows(rows: list[tuple[str, ...]], width: int, console: Console) -> None:
    """Cells in columns, the last wrapped at spaces; it holds names and commands, which are never cut."""
    widths = [max(map(len, column)) + 2 for column in list(zip(*rows, strict=True))[:-1]]
    margin = 2 + sum(widths)
    for *cells, last in rows:
        front = "".join(cell.ljust(wide) for cell, wide in zip(cells, widths, strict=True))
        lines = textwrap.wrap(
            last, max(width - margin, SHORTEST), break_long_words=False, break_on_hyphens=False
        )
        text = Text(f"  {front}" + f"\n{' ' * margin}".join(lines).replace(TOGETHER, " "))
        for state, style in STYLES.items():
            text.highlight_words([f" {state} "], style)
        console.print(text, soft_wrap=True)


def _print_text(sentence: str, width: int, console: Console) -> None:
    lines = textwrap.wrap(sentence, width, break_long_words=False, break_on_hyphens=False)
    console.print(Text("\n".join(lines)), soft_wrap=True)


def _extras(report: Report) -> Iterator[tuple[str, ...]]:
    for extra in report.extras:
        yield extra.name or BASE, extra.state, _libraries(extra)


def _libraries(extra: Extra) -> str:
    """What an extra brings, or the command that adds what is missing."""
    if extra.state != "installed":
        return extra.command
    return ", ".join(f"{library.name}{TOGETHER}{library.version}" for library in extra.own)


def _machine(report: Report) -> Iterator[tuple[str, ...]]:
    yield "cores", str(report.cores)
    yield "threads", "; ".join(report.blas)
    for device in report.devices:
        yield device.kind, _device(device) + (" (used)" if _is_used(device, report) else "")


def _device(device: Device) -> str:
    return device.name if device.memory is None else f"{device.name}, {size(device.memory)} of memory"


def _is_used(device: Device, report: Report) -> bool:
    """Whether networks of torch run there; its "cuda" is the first GPU."""
    return device.kind in (report.device, f"{report.device}:0")


def _kept(report: Report) -> Iterator[tuple[str, ...]]:
    for place in report.places:
        yield place.name, _place(place)
    if report.offline:
        yield "offline", "HF_HUB_OFFLINE is set: nothing is downloaded"


def _place(place: Place) -> str:
    said = [str(place.path)]
    if place.used is not None:
        said.append(f"holds {size(place.used)}")
    if not place.writable:
        said.append("cannot be written to")
    if place.free is not None:
        said.append(f"{size(place.free)} free")
    return ", ".join(said)
