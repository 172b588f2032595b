"""A report in a terminal: the answer, the table, and a line for each of the other parts."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from audition.ranking.table import print_table
from audition.ranking.words import WIDE, heading, remarks
from audition.reporting.costs import KINDS
from audition.reporting.rows import decimals
from audition.reporting.value import Report


def print_report(report: Report, console: Console) -> None:
    """Heading, answer, table, and what else is known in a line each."""
    console.print(Text(heading(report.ranking)))
    console.print()
    for place, sentence in enumerate(report.answer.sentences):
        console.print(Text(sentence, style="" if place else "bold"))
    console.print()
    print_table(report.ranking, console)
    for line in _lines(report):
        console.print(Text(line))
    for remark in remarks(report.ranking):
        console.print(Text(remark, style="yellow"))


def as_text(report: Report) -> str:
    """The report as plain text."""
    held = io.StringIO()
    print_report(report, Console(file=held, width=WIDE, color_system=None, force_jupyter=False))
    return "\n".join(line.rstrip() for line in held.getvalue().splitlines())


def _lines(report: Report) -> Iterator[str]:
    for trade in report.trades:
        yield f"Front by {KINDS[trade.what]}: {', '.join(each.name for each in trade.front)}."
    if report.agreement:
        low, one, other = min(
            (value, report.agreement.measures[i], report.agreement.measures[j])
            for i, taus in enumerate(report.agreement.taus) for j, value in enumerate(taus) if value is not None
        )  # fmt: skip
        yield f"The measures agree least between {one} and {other}: τ_w {decimals(low)}."
    for shift in report.shifts:
        moved = sum(move.before != move.after for move in shift.moves)
        yield f"From {shift.before} to {shift.after}, {moved} of {len(shift.moves)} change their place."
    if report.motion:
        energy = report.motion.energy
        yield f"PED moves {report.motion.model} in {len(energy) - 1} steps, energy {energy[0]:.4g} to {energy[-1]:.4g}."
    yield from report.data.warnings if report.data else ()
    if report.judged and (known := [each for each in report.judged.verdicts if each.tau is not None]):
        yield f"{known[0].measure} agrees best with {report.judged.truth}: τ_w {decimals(known[0].tau)}."
