"""A shortlist as a table with reasons, and as a candidates file."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition.errors import printable
from audition.ranking.candidates_file import quoted
from audition.ranking.table import print_whole
from audition.recommendation.cost import amount
from audition.version import __version__

if TYPE_CHECKING:
    from audition.shortlisting.value import Chosen, Shortlist

NARROW = 80
UNKNOWN = "?"


def heading(found: Shortlist) -> str:
    """How many of how many, for what."""
    told = (
        f"{len(found)} of {found.listed:,} networks for {printable(found.data)} ({found.kind}, {found.task})"
    )
    return f"{told}, out of {' and '.join(found.where)}"


def table(found: Shortlist) -> Table:
    """A row a candidate: what it is, and what it takes."""
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    shown.add_column("", justify="right", no_wrap=True)
    shown.add_column("model", no_wrap=True)
    for head in ("params", "download"):
        shown.add_column(head, justify="right", no_wrap=True)
    shown.add_column("licence", no_wrap=True)
    for one in found:
        cells = [str(one.place), one.model, _params(one), _download(one), one.licence or UNKNOWN]
        shown.add_row(*map(Text, cells))
    return shown


def reasons(one: Chosen) -> str:
    """Why one candidate is in."""
    return f"{one.model}: {', '.join(one.why)}."


def left_out(found: Shortlist) -> str:
    """How many were left out for which reason; "" where none was."""
    told = [f"{number:,} {reason}" for reason, number in found.left.items()]
    return f"Left out: {', '.join(told)}." if told else ""


def closing(found: Shortlist) -> str:
    """What the candidates would take, and what to do with them."""
    if not len(found):
        return "No network is within the limits: widen them, or look elsewhere with --from."
    untold = sum(one.download is None for one in found)
    if not found.download and not untold:
        return "Nothing has been downloaded, nor has to be: all of them are here."
    if not found.download:
        return f"Nothing has been downloaded; ranking them downloads {untold} of unknown size."
    more = f", beside {untold} of unknown size" if untold else ""
    return f"Nothing has been downloaded; ranking them takes {amount('disk', found.download)}{more}."


def print_shortlist(found: Shortlist, console: Console) -> None:
    """Heading, table, why each is in, what was left out, and what it would take."""
    console.print(Text(heading(found)), soft_wrap=True)
    console.print()
    if len(found):
        print_whole(table(found), console)
        console.print()
    for one in found:
        console.print(Text(reasons(one)), soft_wrap=True)
    for note in found.notes:
        console.print(Text(printable(note), style="yellow"), soft_wrap=True)
    if told := left_out(found):
        console.print(Text(told, style="dim"), soft_wrap=True)
    console.print(Text(closing(found), style="bold"), soft_wrap=True)


def as_text(found: Shortlist) -> str:
    """The shortlist as plain text."""
    file = io.StringIO()
    print_shortlist(found, Console(file=file, width=NARROW, color_system=None))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def as_candidates(found: Shortlist) -> str:
    """The text of a candidates file: a [[model]] each, with why it is in as a comment."""
    asked = " ".join(found.asked)
    lines = [
        f"# {_plain(heading(found))}.",
        f"# Made by audition {__version__} from {_plain(asked)}; nothing was downloaded.",
    ]
    for one in found:
        lines += ["", "[[model]]", f"name = {quoted(one.model)}"]
        lines += [f"source = {quoted(one.trained_on)}"] * bool(one.trained_on)
        lines += [f"architecture = {quoted(one.architecture)}"] * bool(one.architecture)
        lines += [f"# {_plain(why)}" for why in (_takes(one), *one.why)]
    return "\n".join(lines) + "\n"


def _takes(one: Chosen) -> str:
    return f"{_params(one)} parameters, {_download(one)}, {one.licence or 'licence not told'}"


def _params(one: Chosen) -> str:
    return UNKNOWN if one.parameters is None else amount("parameters", one.parameters)


def _download(one: Chosen) -> str:
    if one.download is None:
        return UNKNOWN
    return amount("disk", one.download) if one.download else "here"


def _plain(text: str) -> str:
    """On one line, of characters that can be printed."""
    return "".join(character if character.isprintable() else " " for character in text)
