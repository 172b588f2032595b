"""A recommendation in words and as a table for terminals of 80 columns."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition.recommendation.cost import Cost, amount, known_kinds, pareto_front
from audition.recommendation.value import OWN, PUBLISHED, Reason, Recommendation, Recommended

SHOWN = 3  # candidates whose reasons are told
NAMED = 3  # candidates that a verdict names
WORTH = 0.9  # the probability that the best is among those said to be worth tuning
NARROW = 80
HEADS = {"parameters": "params", "flops": "operations", "seconds": "a sample", "disk": "on disk"}

Names = Mapping[str, str]
Beside = Mapping[str, Sequence[str]]
NO_NAMES: Names = MappingProxyType({})


def heading(found: Recommendation) -> str:
    """What the order rests on."""
    return f"The order to try {_number(len(found))} in, by {rests_on(found)}"


def rests_on(found: Recommendation) -> str:
    """How many measures, and what is known of how many candidates."""
    known = sum(row.known for row in found)
    of = "it" if len(found) == 1 else f"{known} of them" if known < len(found) else "all of them"
    by = [f"{len(found.measures)} measure{'s' * (len(found.measures) > 1)}"] if found.measures else []
    by += [f"what results elsewhere say of {of}"] if known else []
    return " and ".join(by) or "what little is known of them"


def _number(of: int) -> str:
    return f"{of} candidate{'s' * (of != 1)}"


def verdict(found: Recommendation, names: Names = NO_NAMES) -> str:
    """What to tune, and how many to have the best one almost surely."""
    first, title = found.best, titles(found, names)
    if len(found) == 1:
        return f"{title[first.place]} is the only candidate."
    sentence = (
        f"Tune {title[first.place]} first: the best with {_percent(first.best)}, "
        f"expected to lose {_points(first.regret)} against the best of all."
    )
    worth = worth_tuning(found)
    if len(worth) == 1:
        return sentence
    together = _percent(sum(row.best for row in worth))
    if len(worth) == len(found):
        return f"{sentence} What is known of the others leaves none of them out."
    if len(worth) > NAMED:
        return f"{sentence} The first {len(worth)} hold the best one with {together}."
    return f"{sentence} With {_listed([title[row.place] for row in worth[1:]])}, {together} to have it."


def worth_tuning(found: Recommendation) -> tuple[Recommended, ...]:
    """The first candidates, as many as hold the best with 90 %."""
    taken, total = [], 0.0
    for row in found:
        taken.append(row)
        total += row.best
        if total >= WORTH:
            break
    return tuple(taken)


def reasons(row: Recommended) -> str:
    """Why a candidate stands where it stands: what speaks for it, then what against, the largest first."""
    speaking = [said(reason) for reason in row.why if reason.term > 0]
    against = [said(reason) for reason in row.why if reason.term < 0]
    if not speaking:
        return f"against it: {', '.join(against)}" if against else "nothing is known of it"
    return ", ".join(speaking) + (f"; against it: {', '.join(against)}" if against else "")


def told(found: Recommendation, names: Names = NO_NAMES) -> list[str]:
    """Why each of the first three stands where it stands, a sentence each; of one alone there is nothing to say."""
    if len(found) == 1:
        return []
    title = titles(found, names)
    middle = "in the middle by every measure"
    return [
        f"{title[row.place]}: {reasons(row) if row.why or not found.measures else middle}."
        for row in found.candidates[:SHOWN]
    ]


def said(reason: Reason) -> str:
    """One term in words, with what it adds in standard deviations."""
    place = f"{_ordinal(reason.place)} of {reason.of:,}"
    amount = _signed(reason.term)
    results = f"result{'s' * (reason.sets != 1)}"
    if reason.what == OWN:
        return f"{place} by {reason.sets} {results} of yours ({amount})"
    if reason.what == PUBLISHED and reason.sets:
        return f"{place} by {reason.sets} published {results} ({amount})"
    if reason.what == PUBLISHED:
        return f"{place} by family, size and ImageNet accuracy ({amount})"
    return f"{place} by {reason.what} ({amount})"


def table(
    found: Recommendation, names: Names = NO_NAMES, beside: Beside | None = None, width: int = NARROW
) -> Table:
    """A row a candidate: its place, how probably it is the best, and what taking it is expected to lose.

    beside: other columns, header -> a cell a row in the order of places; such as what it costs. Where all do
    not fit in `width`, the expected accuracies go first, then the last of the others.
    """
    columns = {
        "best": [_percent(row.best) for row in found],
        "loses\npoints": [f"{row.regret:.1f}" for row in found],
        "expected": [f"{_signed(row.mean)} ± {row.sd:.2f}" for row in found],
        **(beside or {}),
    }
    for gone in ("expected", *reversed(list(beside or {}))):
        if _width(shown := _table(found, names, columns)) <= width:
            return shown
        del columns[gone]
    return _table(found, names, columns)


def _table(found: Recommendation, names: Names, columns: Beside) -> Table:
    """As wide as its cells, so that nothing is cut."""
    title = titles(found, names)
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    shown.add_column("", justify="right", no_wrap=True)
    shown.add_column("model", no_wrap=True)
    for head in columns:
        shown.add_column(head, justify="right", no_wrap=True)
    for i, row in enumerate(found):
        cells = [str(row.place), title[row.place], *(column[i] for column in columns.values())]
        shown.add_row(*map(Text, cells), style="bold green" if row.place == 1 else "")
    shown.width = _width(shown)
    return shown


def _width(shown: Table) -> int:
    return shown.width or Console(width=10_000, file=io.StringIO()).measure(shown).maximum


def print_recommendation(
    found: Recommendation,
    console: Console,
    *,
    names: Names = NO_NAMES,
    beside: Beside | None = None,
) -> None:
    """Heading, table, the reasons of the first three, notes and the verdict."""
    console.print(Text(heading(found)))
    console.print()
    console.print(table(found, names, beside, console.width), crop=False)
    console.print()
    for sentence in told(found, names):
        console.print(Text(sentence))
    for note in found.notes:
        console.print(Text(note, style="yellow"))
    console.print(Text(scale(found), style="dim"))
    console.print(Text(verdict(found, names), style="bold"))


def cost_columns(found: Recommendation, costs: Sequence[Cost]) -> dict[str, list[str]]:
    """What candidates cost, in their order: a column a kind that all have, * where none is better for less."""
    quality = [row.mean for row in found]
    columns = {}
    for kind in known_kinds(costs):
        amounts = [float(getattr(cost, kind)) for cost in costs]
        front = pareto_front(quality, amounts)
        columns[HEADS[kind]] = [
            f"{amount(kind, value)}{'*' if best else ' '}" for value, best in zip(amounts, front, strict=True)
        ]
    return columns


def scale(found: Recommendation) -> str:
    """What the unit of `expected` is, and how much the scores can tell."""
    unit = (
        f"expected: in standard deviations of the candidates, {found.spread:.1f} points by {found.spread_of}"
    )
    if not found.measures:
        return f"{unit}."
    return f"{unit}; elsewhere such scores told {_percent(found.explained)} of the differences."


def legend(found: Recommendation) -> str:
    """What the points and the stars of a table are, and how much the scores can tell."""
    stars = "a star: none is expected to be better for less"
    points = (
        f"points: a standard deviation of the candidates is taken as {found.spread:.1f}, {found.spread_of}"
    )
    if not found.measures:
        return f"{points}; {stars}."
    return f"{points}; elsewhere such scores told {_percent(found.explained)} of the differences; {stars}."


def as_text(found: Recommendation, width: int = NARROW) -> str:
    """The recommendation as plain text."""
    file = io.StringIO()
    print_recommendation(found, Console(file=file, width=width, color_system=None, force_jupyter=False))
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def titles(found: Recommendation, names: Names = NO_NAMES) -> dict[int, str]:
    """What each candidate is called, by its place: a short name where there is one, its layer where several compete."""
    often = Counter(row.model for row in found)
    return {
        row.place: names.get(row.model, row.model) + f" (layer {row.layer})" * (often[row.model] > 1)
        for row in found
    }


def _percent(share: float) -> str:
    if share < 0.01:
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def _signed(value: float) -> str:
    """A number with its sign, and two decimals; next to nothing has none."""
    shown = f"{value:+.2f}".replace("-", "−")
    return shown if shown.strip("+−0.") else "0.00"


def _points(regret: float) -> str:
    return f"{regret:.1f} point{'' if f'{regret:.1f}' == '1.0' else 's'}"


def _ordinal(place: int) -> str:
    ending = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place:,}{ending}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
