"""A search in words: what was ranked, tried and left out, what won, and what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audition.ranking.forecast import duration
from audition.ranking.table import percent
from audition.tuning.results.words import lines

if TYPE_CHECKING:
    from audition.tuning.search.auto import Search
    from audition.tuning.search.contest import Run

NAMED = 3  # of those that were not tried


def as_text(search: Search, folder: str | None = None) -> str:
    """All of it, a line each. folder: where the winner was saved."""
    ranking = search.ranking
    told = [f"{len(ranking.rows)} candidates ranked on {ranking.items} rows. {ranking.verdict}", ""]
    for number, played in enumerate(search.rounds, start=1):
        told.append(f"Round {number}, {played.called}:")
        told += [f"  {_run(run, search)}" for run in played.runs]
    told += [*_left_out(search), "", *lines(search.tuned, folder)]
    return "\n".join([*told, f"All of it took {duration(search.seconds)}."])


def _run(run: Run, search: Search) -> str:
    name = search.ranking.shown.get(run.model, run.model)
    if run.score is None:
        return f"{name}: {run.note}"
    note = f", {run.note}" if run.note else ""
    return f"{name}: held-out score {run.score:.3f} in {duration(run.seconds)}{note}"


def _left_out(search: Search) -> list[str]:
    """Who was not tried, and how likely the best is among them."""
    rows, missed = search.contenders.left_out, search.contenders.missed
    failed = [f"Not ranked: {len(search.ranking.failed)}; their rows in ranking.json say why."]
    said = failed if search.ranking.failed else []
    if not rows:
        return said
    names = [search.ranking.called(row) for row in rows[:NAMED]]
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    chance = "" if missed is None else f"; the chance that the best is among them is {percent(missed)}"
    return [*said, f"Not tried: {', '.join(names)}{more}{chance}."]
