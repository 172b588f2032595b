"""A report as Markdown: the answer, and tables in place of figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from audition.ranking.words import heading
from audition.reporting import rows
from audition.reporting.costs import KINDS
from audition.reporting.table import Cell, caveats, table
from audition.reporting.value import Report


def as_markdown(report: Report) -> str:
    """The text of an .md file."""
    parts = [
        f"# {escaped(report.ranking.data)}", escaped(heading(report.ranking)), *_answer(report), *_ranking(report),
        *_costs(report), *_agreement(report), *_shifts(report), *_depths(report), *_motion(report), *_data(report),
        *_truth(report), *_ran(report),
    ]  # fmt: skip
    return "\n\n".join(filter(None, parts)) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown and HTML leave as it is.

    >>> escaped("<b>|a_b*")
    '&lt;b&gt;\\\\|a\\\\_b\\\\*'
    """
    for letter in "\\`*_[]|#":
        text = text.replace(letter, f"\\{letter}")
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").split())


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(heads) - 1)]
    body = [[escaped(cell) for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in [[escaped(head) for head in heads], rule, *body])


def _answer(report: Report) -> list[str]:
    facts = "\n".join(f"- {escaped(fact.what)}: **{escaped(fact.said)}**" for fact in report.answer.facts)
    first, *others = report.answer.sentences
    return [f"**{escaped(first)}**", *map(escaped, others), facts]


def _ranking(report: Report) -> list[str]:
    found = table(report.ranking)
    heads = [found.heads[1], "place", *found.heads[2:]]
    lines = [
        (line.name.full or line.name.shown, *_cells(line.cells, line.error, len(heads) - 1))
        for line in found.lines
    ]
    notes = "\n".join(f"- {escaped(note)} ({escaped(names)})" for note, names in found.notes)
    return ["## The ranking", _table(heads, lines), *map(escaped, caveats(report.ranking)), notes]


def _cells(cells: Sequence[Cell], error: str | None, number: int) -> list[str]:
    shown = [f"{cell.shown} ({cell.under})" if cell.under else cell.shown for cell in cells]
    return shown if error is None else [*shown, f"failed: {error}", *[""] * (number - len(shown) - 1)]


def _costs(report: Report) -> list[str]:
    found = ["## Quality against cost"] if report.trades else []
    for trade in report.trades:
        found += [
            f"The front by {KINDS[trade.what]}:",
            _table(["candidate", KINDS[trade.what], trade.quality], rows.trade_rows(trade)),
        ]
    return found


def _agreement(report: Report) -> list[str]:
    if report.agreement is None:
        return []
    said = "\n".join(
        f"- {escaped(each.name)}: place {each.high_place:g} by {each.high}, place {each.low_place:g} by {each.low}"
        for each in report.agreement.disputes
    )
    return [
        "## Do the measures agree?",
        _table(["τ_w", *report.agreement.measures], rows.tau_rows(report.agreement)),
        said,
    ]


def _shifts(report: Report) -> list[str]:
    found = []
    for shift in report.shifts:
        lines = [(move.name, str(move.before), str(move.after)) for move in shift.moves]
        tau = "" if shift.tau is None else f"τ_w between the two orders is {rows.decimals(shift.tau)}."
        found += [
            f"## From {escaped(shift.before)} to {escaped(shift.after)}",
            escaped(tau),
            _table(["candidate", shift.before, shift.after], lines),
        ]
    return found


def _depths(report: Report) -> list[str]:
    found = ["## Layers"] if report.depths else []
    for each in report.depths:
        lines = [(trace.measure, trace.best or "–") for trace in each.traces]
        found += [
            f"{escaped(each.model)}, the layer that each measure prefers of {escaped(', '.join(each.layers))}:",
            _table(["measure", "layer"], lines),
        ]
    return found


def _motion(report: Report) -> list[str]:
    if report.motion is None:
        return []
    what = f"{escaped(report.motion.model)}, layer {escaped(report.motion.layer)}:"
    return [
        "## The motion of PED",
        what,
        _table(["step", "energy", "summed moves"], rows.energy_rows(report.motion)),
    ]


def _data(report: Report) -> list[str]:
    data = report.data
    if data is None:
        return []
    facts = [
        f"- {data.items:,} rows, {data.duplicates} exact duplicates, {len(data.conflicts)} under two labels"
    ]
    if data.constant:
        facts.append(f"- {data.constant[0]} of {data.constant[1]} features are nearly constant")
    facts += [f"- **{escaped(warning)}**" for warning in data.warnings]
    classes = (
        [_table(["class", "rows"], [(name, str(count)) for name, count in data.classes])]
        if data.classes
        else []
    )
    return ["## The data", "\n".join(facts), *classes]


def _truth(report: Report) -> list[str]:
    if report.judged is None:
        return []
    lines = [
        (
            each.measure,
            rows.decimals(each.tau),
            " to ".join(map(rows.decimals, each.span)) if each.span else "–",
            str(len(each.points)),
        )
        for each in report.judged.verdicts
    ]
    notes = "\n".join(f"- {escaped(note)}" for note in report.judged.notes)
    return [
        "## Beside the truth",
        _table(["measure", "τ_w", "90 % over models", "models"], lines),
        notes,
        escaped(report.judged.citation),
    ]


def _ran(report: Report) -> list[str]:
    ran = report.ran
    command = f"```\n{ran.command.replace('```', '')}\n```" if ran.command else ""
    lines = [(stage.what, f"{stage.seconds:.2f} s") for stage in ran.stages]
    made = [
        f"Ranked by audition {ran.ranked_by}",
        f"report by audition {ran.reported_by}",
        f"Python {ran.python}",
    ]
    by = ", ".join([*made, *ran.libraries, ran.machine, f"seed {ran.seed}"])
    return ["## What ran", command, _table(["stage", "seconds"], lines), escaped(by)]
