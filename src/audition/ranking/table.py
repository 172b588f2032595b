"""A ranking as a table for terminals."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from audition.ranking.costs import costs_of
from audition.ranking.standings import NO_VOTE, Row, Standings
from audition.recommendation.words import cost_columns
from audition.uncertainty import Standing

MISSING = "–"
MINUS = "−"  # as in sentences


def number(value: float | None) -> str:
    """Four significant digits, aligned to be compared; a dash where there is no score."""
    if value is None:
        return MISSING
    sign, size = MINUS * (value < 0), abs(value)
    if size == 0 or 1e-3 <= size < 1e5:
        digits = 4 if size < 10 else 3 if size < 100 else 2
        return f"{sign}{size:.{digits}f}"
    return f"{sign}{size:.3g}"


def tables(ranking: Standings, width: int, beside: Mapping[str, Sequence[str]] | None = None) -> list[Table]:
    """The ranking as one table, or where that is too wide as several, one under the other.

    Each has place and candidate, then measures and how sure the place is; the first to go is what candidates
    cost. beside: other columns in place of the cost, header -> a cell a row.
    """
    columns = _columns(ranking)
    last = [(name, list(cells)) for name, cells in (beside or {}).items()]
    kept = kept_costs(ranking, width) if beside is None else []
    whole = _table(ranking, [*columns, *last, *kept])
    if _width(whole) <= width:
        return [whole]
    blocks: list[list[Column]] = [[]]
    for column in [*columns, *last]:
        if blocks[-1] and _width(_table(ranking, [*blocks[-1], column])) > width:
            blocks.append([])
        blocks[-1].append(column)
    return [_table(ranking, block) for block in blocks]


Column = tuple[str, Sequence[str]]


def _columns(ranking: Standings) -> list[Column]:
    """All but what candidates cost."""
    return [*odds(ranking), *_measures(ranking), *_certainty(ranking).items(), *seen(ranking)]


def kept_costs(ranking: Standings, width: int) -> list[Column]:
    """What candidates cost, as far as there is room for it beside the rest."""
    columns, cost = _columns(ranking), costs(ranking)
    fitting = (kept for kept in range(len(cost), 0, -1) if _fits(ranking, [*columns, *cost[:kept]], width))
    return cost[: next(fitting, 0)]


def _fits(ranking: Standings, columns: Sequence[Column], width: int) -> bool:
    return _width(_table(ranking, columns)) <= width


def has_stars(ranking: Standings, width: int) -> bool:
    """Whether a table of that width marks candidates that none is expected to be better than for less."""
    return any(cell.endswith("*") for _, cells in kept_costs(ranking, width) for cell in cells)


def _measures(ranking: Standings) -> list[Column]:
    """The scores, and the mean place where that orders."""
    by_mean = ranking.order == "mean place"
    headers = [*ranking.metrics, *(["mean place"] if by_mean else [])]
    numbers = [_numbers(ranking, row, by_mean) for row in ranking.rows]
    return [(name, [row[i] for row in numbers]) for i, name in enumerate(headers)]


def seen(ranking: Standings) -> list[Column]:
    """The rows that each has seen, where a race left some behind."""
    if not any(row.items for row in ranking.rows):
        return []
    return [("rows", ["" if row.error else f"{row.items or ranking.items:,}" for row in ranking.rows])]


def odds(ranking: Standings) -> list[Column]:
    """How likely each is the best once it is tuned, and how many points it is expected to lose, in a consensus."""
    if ranking.recommendation is None or len(ranking.recommendation) == 1:
        return []  # the only one is the best of all
    found = list(ranking.recommendation)
    failed = [""] * (len(ranking.rows) - len(found))
    best = [percent(row.best) for row in found]
    return [("best", [*best, *failed]), ("loses\npoints", [*(f"{row.regret:.1f}" for row in found), *failed])]


def costs(ranking: Standings) -> list[Column]:
    """Seconds; of a consensus what using each costs, with a star where none is expected better for less."""
    if ranking.recommendation is None:
        return list(_seconds(ranking).items())
    failed = [""] * len(ranking.failed)
    columns = cost_columns(ranking.recommendation, costs_of(ranking))
    if len(ranking.recommendation) == 1:
        columns = {name: [cell.rstrip("* ") for cell in cells] for name, cells in columns.items()}
    return [(name, [*cells, *failed]) for name, cells in columns.items()]


def _table(ranking: Standings, columns: Sequence[Column]) -> Table:
    """Place, candidate and some columns; as wide as its cells, so that nothing is cut."""
    names = _names(ranking)
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True)
    shown.add_column("", justify="right", no_wrap=True)
    for name in names:
        shown.add_column(name, no_wrap=True)
    for name, _ in columns:
        shown.add_column(header(name), justify="right", no_wrap=True)
    for i, row in enumerate(ranking.rows):
        level = row.place != 1 and ranking.recommendation is None and row.standing and row.standing.contender
        cells = [f"={row.place}" if level else str(row.place or MISSING)]  # cannot be told from the first
        cells += [column[i] for column in names.values()]
        cells += [column[i] for _, column in columns]
        # Text, so that no name is read as markup.
        shown.add_row(*map(Text, cells), style="bold green" if row.place == 1 else "bold" if level else "")
    shown.width = _width(shown)
    return shown


def _width(table: Table) -> int:
    """The columns of a terminal that a table takes when nothing in it is cut."""
    if table.width is None:
        return Console(width=10_000, file=io.StringIO()).measure(table).maximum
    return table.width


def print_table(
    ranking: Standings, console: Console, beside: Mapping[str, Sequence[str]] | None = None
) -> None:
    """The table, in several parts where the console is narrow, and an empty line after each."""
    for part in tables(ranking, console.width, beside):
        print_whole(part, console)
        console.print()


def print_whole(table: Table, console: Console) -> None:
    """A table as wide as its cells, whatever the console's width, and without blanks at the ends of lines."""
    table.width = _width(table)
    print_lines(table, console)


def print_lines(table: Table, console: Console) -> None:
    """A table without blanks at the ends of its lines."""
    options = console.options.update(width=max(table.width or 0, console.width))
    for line in console.render_lines(table, options, pad=False):
        console.print(Segments([*_without_blanks(line), Segment.line()]), end="", crop=False, soft_wrap=True)


def _without_blanks(line: list[Segment]) -> list[Segment]:
    """A line without the blanks at its end."""
    kept = list(line)
    while kept and not kept[-1].text.rstrip():
        kept.pop()
    return [*kept[:-1], Segment(kept[-1].text.rstrip(), kept[-1].style)] if kept else []


def _names(ranking: Standings) -> dict[str, list[str]]:
    """What the candidates are called: models, layers, or both where both differ."""
    several, mixed = ranking.layered, ranking.mixed
    models = (
        {ranking.called_by: [ranking.shown[row.model] for row in ranking.rows]}
        if mixed or not several
        else {}
    )
    return models | ({"layer": [row.layer for row in ranking.rows]} if several else {})


def _certainty(ranking: Standings) -> dict[str, list[str]]:
    """The places that each may stand at, and how likely it is the first; nothing where nobody knows."""
    standings = [row.standing for row in ranking.rows]
    if ranking.recommendation is not None or not any(standings):
        return {}
    return {
        "places": [_places(each) if each else "" for each in standings],
        "first": [percent(each.best) if each else "" for each in standings],
    }


def _places(standing: Standing) -> str:
    return str(standing.first) if standing.first == standing.last else f"{standing.first}–{standing.last}"


def percent(share: float) -> str:
    """A share as whole per cent, never 0 or 100 where it is not exactly that.

    >>> percent(0.42), percent(0.999), percent(1.0)
    ('42 %', '> 99 %', '100 %')
    """
    rounded = round(100 * share)
    if rounded == 100 and share < 1:
        return "> 99 %"
    if rounded == 0 and share > 0:
        return "< 1 %"
    return f"{rounded} %"


def _seconds(ranking: Standings) -> dict[str, list[str]]:
    """Seconds of the forward passes and of the measures; blank where a candidate failed."""
    alive = [row.error is None for row in ranking.rows]
    return {
        "features": [
            f"{row.feature_seconds:.2f} s" * ok for row, ok in zip(ranking.rows, alive, strict=True)
        ],
        "scoring": [f"{row.scoring_seconds:.2f} s" * ok for row, ok in zip(ranking.rows, alive, strict=True)],
    }


def header(name: str) -> str:
    """A long name over two lines, so that tables fit a terminal of 80 columns."""
    if len(name) <= 9 or "\n" in name:
        return name
    places = [place + 1 for place, letter in enumerate(name) if letter in "_: " and place + 1 < len(name)]
    middle = min(places, key=lambda place: max(place, len(name) - place), default=0)
    return f"{name[:middle].rstrip()}\n{name[middle:]}" if middle else name


def _numbers(ranking: Standings, row: Row, by_mean: bool) -> list[str]:
    """The cells of the measures and of the mean place of one row."""
    if row.error is not None and not any(score is not None for score in row.scores.values()):
        return ["failed", *[""] * (len(ranking.metrics) - 1 + by_mean)]
    scores = [_cell(metric, row.scores.get(metric)) for metric in ranking.metrics]
    digits = 1 if all(_in_tenths(each.mean_place) for each in ranking.rows) else 2
    place = MISSING if row.mean_place is None else f"{row.mean_place:.{digits}f}"
    return scores + ([place] if by_mean else [])


def _in_tenths(place: float | None) -> bool:
    return place is None or round(place, 1) == round(place, 6)


def _cell(metric: str, score: float | None) -> str:
    """A score, or how many parameters, which is a whole number."""
    return f"{score:,.0f}" if metric == NO_VOTE and score is not None else number(score)
