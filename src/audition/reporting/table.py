"""The table of all candidates: what each cell shows, and what it is sorted by."""

from __future__ import annotations

from dataclasses import dataclass, replace

from audition.ranking.costs import cost_of
from audition.ranking.standings import NO_VOTE, Row
from audition.ranking.table import MISSING, number, percent, seen
from audition.ranking.value import Ranking
from audition.ranking.words import remarks
from audition.recommendation import Recommended
from audition.recommendation.cost import amount
from audition.reporting.answer import contenders
from audition.reporting.costs import expected

INTERVALS = 150  # rows: with more, intervals are left to the figure and the JSON


@dataclass(frozen=True)
class Cell:
    """shown; under: in small type below; full: on hover."""

    shown: str
    under: str = ""
    full: str = ""


@dataclass(frozen=True)
class Line:
    """A candidate: its cells, or why it failed; level: whether it may be the best."""

    name: Cell
    cells: tuple[Cell, ...]
    error: str | None
    level: bool
    first: bool


@dataclass(frozen=True)
class Table:
    """heads: over the name's column and the others; notes: each with the candidates that it is about."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[tuple[str, str], ...]


def table(ranking: Ranking) -> Table:
    """The table of a ranking."""
    level = {id(row) for row in (*ranking.placed[:1], *contenders(ranking))}
    sure = any(row.standing for row in ranking.rows)
    heads = ["", ranking.called_by if ranking.mixed or not ranking.layered else "layer"]
    heads += ["best", "loses points"] if ranking.recommendation else ["places", "first"] if sure else []
    heads += ["parameters", "a sample", *(metric for metric in ranking.metrics if metric != NO_VOTE)]
    heads += ["mean place"] if ranking.order not in ranking.metrics else []
    heads += [name for name, _ in seen(ranking)]
    lines = tuple(
        Line(
            _name(ranking, row),
            tuple(_cells(ranking, row, sure)),
            row.error,
            id(row) in level,
            row.place == 1,
        )
        for row in ranking.rows
    )
    return Table(tuple(heads), lines, _notes(ranking))


def caveats(ranking: Ranking) -> list[str]:
    """What the order does not count, and why nobody knows how sure it is: remarks that are about no candidate."""
    return remarks(replace(ranking, rows=tuple(replace(row, notes=()) for row in ranking.placed)))


def _name(ranking: Ranking, row: Row) -> Cell:
    shown = ranking.called(row)
    return Cell(shown, full=row.model if ranking.shown[row.model] != row.model else "")


def _cells(ranking: Ranking, row: Row, sure: bool) -> list[Cell]:
    """Place and then all behind the name."""
    cells = [Cell(str(row.place or MISSING))]
    if row.error is not None:
        return cells
    cells += _chances(expected(ranking, row)) if ranking.recommendation else _standing(row) if sure else []
    cells += _costs(ranking, row)
    cells += [_score(ranking, row, metric) for metric in ranking.metrics if metric != NO_VOTE]
    if ranking.order not in ranking.metrics:
        cells.append(
            Cell(MISSING if row.mean_place is None else f"{row.mean_place:.2f}".rstrip("0").rstrip("."))
        )
    return cells + [Cell(f"{row.items or ranking.items:,}") for _ in seen(ranking)]


def _standing(row: Row) -> list[Cell]:
    known = row.standing
    if known is None:
        return [Cell(MISSING), Cell(MISSING)]
    places = str(known.first) if known.first == known.last else f"{known.first}–{known.last}"
    return [Cell(places), Cell(percent(known.best))]


def _chances(found: Recommended | None) -> list[Cell]:
    if found is None:
        return [Cell(MISSING), Cell(MISSING)]
    return [Cell(percent(found.best)), Cell(f"{found.regret:.1f}")]


def _score(ranking: Ranking, row: Row, metric: str) -> Cell:
    value, span = row.scores.get(metric), row.intervals.get(metric)
    if span is None or len(ranking.rows) > INTERVALS:
        return Cell(_minus(number(value)))
    return Cell(_minus(number(value)), under=f"{_minus(number(span[0]))} to {_minus(number(span[1]))}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _costs(ranking: Ranking, row: Row) -> list[Cell]:
    cost = cost_of(row, ranking.items)
    kinds = (("parameters", cost.parameters), ("seconds", cost.seconds))
    return [Cell(MISSING) if value is None else Cell(amount(kind, value)) for kind, value in kinds]


def _notes(ranking: Ranking) -> tuple[tuple[str, str], ...]:
    """What measures warn of: a note with all that it is about."""
    about: dict[str, list[str]] = {}
    for row in ranking.placed:
        for note in row.notes:
            about.setdefault(note, []).append(ranking.called(row))
    return tuple((note, _several(names)) for note, names in about.items())


def _several(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} others"
