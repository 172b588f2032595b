"""An evaluation in words and as tables for terminals."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition.errors import InputError
from audition.evaluation.bootstrap import FEWEST, Interval
from audition.evaluation.compare import decimals
from audition.evaluation.estimate import Estimate
from audition.evaluation.kinds import WEIGHTED_TAU
from audition.ranking.table import MISSING, header
from audition.ranking.words import WIDE

if TYPE_CHECKING:
    from audition.evaluation.value import Evaluation

REGRET = "regret@1"
EQUAL = 1e-9  # values of τ_w that differ by rounding
ALL = {2: "Both", 3: "All three", 4: "All four", 5: "All five"}


def heading(evaluation: Evaluation) -> str:
    """What was judged by what, and how the intervals were made."""
    drawn = _drawn(evaluation)
    how = f"; {_percent(evaluation)} intervals over {drawn}" if drawn else ""
    return f"{len(evaluation.models)} models on {_where(evaluation)}{how}"


def _where(evaluation: Evaluation) -> str:
    """The data sets; the name of a truth of a single one without a name is said once."""
    if evaluation.datasets == (evaluation.truth,):
        return evaluation.truth
    datasets = len(evaluation.datasets)
    where = evaluation.datasets[0] if datasets == 1 else f"{datasets} data sets"
    return f"{where} of {evaluation.truth}"


def _drawn(evaluation: Evaluation) -> str:
    """What intervals come from, or nothing where there are too few of either."""
    if len(evaluation.datasets) >= FEWEST:
        return "data sets"
    return "models" if len(evaluation.models) >= FEWEST else ""


def verdict(evaluation: Evaluation) -> str:
    """Which measures agree best, which cannot be told from them, and what following them costs."""
    taus = {name: evaluation[name][WEIGHTED_TAU].value for name in evaluation}
    ordered = [name for name in evaluation if _has_order(evaluation, name)]
    if not ordered:
        return "No measure has an order: on every data set all scores, or all results, are equal."
    best = evaluation.best
    first = [name for name in ordered if math.isclose(taus[name], taus[best], abs_tol=EQUAL)]
    others = [name for name in ordered if name not in first]
    tau = f"τ_w {_number(taus[best])}"
    return f"{_agree(first, others, tau)}{_apart(evaluation, first, others)}.{_cost(evaluation, first)}"


def _agree(first: Sequence[str], others: Sequence[str], tau: str) -> str:
    """Who agrees best with fine-tuning, and how well."""
    if others:
        return f"{_listed(first)} {'agrees' if len(first) == 1 else 'agree'} best with fine-tuning ({tau})"
    if len(first) == 1:
        return f"{first[0]} agrees with fine-tuning to {tau}"
    return f"{ALL.get(len(first), f'All {len(first)}')} agree equally with fine-tuning ({tau})"


def _apart(evaluation: Evaluation, first: Sequence[str], others: Sequence[str]) -> str:
    """Which of the others cannot be told from the first, or that there is too little to tell any."""
    if not _drawn(evaluation) and len(first) + len(others) > 1:
        datasets = len(evaluation.datasets)
        on = f" on {datasets} data sets" if datasets > 1 else ""
        return f"; {len(evaluation.models)} models{on} are too few to tell measures apart"
    level = [name for name in others if not all(_told_apart(evaluation, best, name) for best in first)]
    if level:
        return f"; {_listed(level)} cannot be told from {'it' if len(first) == 1 else 'them'}"
    return ", and better than each of the others" if others else ""


def _told_apart(evaluation: Evaluation, best: str, other: str) -> bool:
    try:
        return evaluation.compare(best, other).decided
    except InputError:  # they share no data set
        return False


def _cost(evaluation: Evaluation, first: Sequence[str]) -> str:
    regrets = [evaluation[name][REGRET].value for name in first if REGRET in evaluation[name]]
    if not regrets:
        return ""
    low, high = f"{min(regrets):.2f}", f"{max(regrets):.2f}"
    lost = low if low == high else f"{low} to {high}"
    whose = "its" if len(first) == 1 else "their"
    on_average = " on average" if len(evaluation.datasets) > 1 else ""
    return f" Taking {whose} first loses {lost} of accuracy{on_average}, in the unit of the truth."


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def summaries(evaluation: Evaluation, width: int) -> list[Table]:
    """A row a measure: τ_w with its interval, then the other coefficients; in several tables where one is too wide."""
    columns = _columns(evaluation)
    blocks = [[columns[0]]]
    for column in columns[1:]:
        if len(blocks[-1]) > 1 and _width(_summary(evaluation, [*blocks[-1], column])) > width:
            blocks.append([columns[0]])
        blocks[-1].append(column)
    return [_summary(evaluation, block) for block in blocks]


def _columns(evaluation: Evaluation) -> list[tuple[str, list[str]]]:
    """Headers, each with a cell a measure; the first holds the measures' names."""
    taus = [held[WEIGHTED_TAU] for held in map(evaluation.__getitem__, evaluation)]
    others = [kind for kind in evaluation.settings.coefficients if kind.name != WEIGHTED_TAU]
    return [
        ("measure", list(evaluation)),
        ("τ_w", [_number(tau.value) for tau in taus]),
        (_percent(evaluation), [_interval(_sure(evaluation, tau)) for tau in taus]),
        *(
            (kind.symbol, [_number(evaluation[name][kind.name].value) for name in evaluation])
            for kind in others
        ),
    ]


def _summary(evaluation: Evaluation, columns: Sequence[tuple[str, list[str]]]) -> Table:
    table = _empty([header for header, _ in columns])
    for name, cells in zip(evaluation, zip(*(cells for _, cells in columns), strict=True), strict=True):
        table.add_row(*map(Text, cells), style="bold green" if name == _best(evaluation) else "")
    table.width = _width(table)
    return table


def _width(table: Table) -> int:
    return Console(width=10_000, file=io.StringIO()).measure(table).maximum


def _best(evaluation: Evaluation) -> str | None:
    return evaluation.best if any(_has_order(evaluation, name) for name in evaluation) else None


def _has_order(evaluation: Evaluation, name: str) -> bool:
    value = evaluation[name][WEIGHTED_TAU].value
    return value == value


def details(evaluation: Evaluation, measure: str) -> Table:
    """A row a coefficient of one measure: its value, both intervals, and its least and most over data sets."""
    table = _empty([measure, "mean", "over data sets", "over models", "from", "to"])
    for kind in evaluation.settings.coefficients:
        held = evaluation[measure][kind.name]
        values = [value for value in held.by_dataset.values() if value == value] or [float("nan")]
        cells = [
            _interval(held.interval),
            _interval(held.over_models),
            _number(min(values)),
            _number(max(values)),
        ]
        table.add_row(*map(Text, [kind.symbol, _number(held.value), *cells]))
    return table


def print_evaluation(evaluation: Evaluation, console: Console, *, detailed: bool = False) -> None:
    """Heading, table, what was left out, and the verdict; detailed: a table for each measure, too."""
    tables = [details(evaluation, name) for name in evaluation] if detailed else []
    console.print(Text(heading(evaluation)))
    for table in [*summaries(evaluation, console.width), *tables]:
        console.print()
        console.print(table, crop=False)
    console.print()
    for note in evaluation.notes:
        console.print(Text(note, style="yellow"))
    console.print(Text(verdict(evaluation), style="bold"))
    if evaluation.citation:
        console.print(Text(f"Results: {evaluation.citation}", style="dim"))


def as_text(evaluation: Evaluation) -> str:
    """The evaluation as plain text."""
    file = io.StringIO()
    print_evaluation(evaluation, Console(file=file, width=WIDE, color_system=None, force_jupyter=False))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def _empty(headers: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    for place, name in enumerate(headers):
        table.add_column(header(name) if place else name, justify="right" if place else "left", no_wrap=True)
    return table


def _sure(evaluation: Evaluation, estimate: Estimate) -> Interval | None:
    """The interval that the heading speaks of: over data sets, or over models where those are too few."""
    return estimate.interval if len(evaluation.datasets) >= FEWEST else estimate.over_models


def _percent(evaluation: Evaluation) -> str:
    return f"{100 * evaluation.settings.confidence:g} %"


def _interval(bounds: Interval | None) -> str:
    return MISSING if bounds is None else f"{_number(bounds[0])} to {_number(bounds[1])}"


def _number(value: float) -> str:
    """Three decimals, two where they are points of accuracy; a dash where there is none."""
    return MISSING if value != value else decimals(value)
