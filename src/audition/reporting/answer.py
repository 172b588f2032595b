"""The answer in two sentences: what to take and how sure that is; what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audition.ranking.costs import cost_of
from audition.ranking.standings import Row
from audition.ranking.table import percent
from audition.ranking.value import Ranking
from audition.recommendation import Recommendation
from audition.recommendation.cost import amount
from audition.recommendation.words import worth_tuning

NAMED = 3


@dataclass(frozen=True)
class Fact:
    """Something to know at a glance."""

    what: str
    said: str


@dataclass(frozen=True)
class Answer:
    """take: the name of what to take, None where all failed. sentences: the answer. facts: in numbers."""

    take: str | None
    sentences: tuple[str, ...]
    facts: tuple[Fact, ...] = ()


def answer(ranking: Ranking) -> Answer:
    """The answer of a ranking; where every candidate failed, the reason."""
    if not ranking.placed:
        return Answer(None, (ranking.verdict,))
    first, level = ranking.placed[0], contenders(ranking)
    sentences = (_take(ranking, first), _beside(ranking, first, level))
    return Answer(ranking.called(first), tuple(filter(None, sentences)), _facts(ranking, first, level))


def contenders(ranking: Ranking) -> tuple[Row, ...]:
    """Those that cannot be told from the first, without it; none where nobody knows."""
    placed = ranking.placed
    if ranking.recommendation is not None:
        worth = {(each.model, each.layer) for each in worth_tuning(ranking.recommendation)}
        return tuple(row for row in placed[1:] if worth & {(row.model, row.layer), (row.model, "")})
    if not placed or placed[0].standing is None:
        return ()
    return tuple(row for row in placed[1:] if row.standing and row.standing.contender)


def _take(ranking: Ranking, first: Row) -> str:
    """What to take, and how sure that is."""
    name = ranking.called(first)
    if len(ranking.placed) == 1:
        return f"{name} is the only candidate that could be ranked."
    if ranking.recommendation is not None:
        return f"Take {name}: the chance that it is the best of all is {percent(ranking.recommendation.best.best)}."
    if first.standing is None:
        return f"Take {name}: it comes first by {ranking.order}; how sure that is cannot be told here."
    return f"Take {name}: it comes first in {percent(first.standing.best)} of the resamples of the rows."


def _beside(ranking: Ranking, first: Row, level: Sequence[Row]) -> str:
    """Who cannot be told from it, and what it costs."""
    parts = [each for each in (_rivals(ranking, level), _costs(ranking, first, level)) if each]
    return f"{'; '.join(parts)}." if parts else ""


def _rivals(ranking: Ranking, level: Sequence[Row]) -> str:
    known = ranking.placed[0].standing or ranking.recommendation
    if known is None or len(ranking.placed) == 1:
        return ""
    if not level:
        return "All others can be told from it"
    names = _listed([ranking.called(row) for row in level])
    if ranking.recommendation is None:
        return f"{names} cannot be told from it"
    return f"With {names} tuned as well, the chance to have the best is {_together(ranking.recommendation)}"


def _listed(names: Sequence[str]) -> str:
    """a, b and c; of many two, and how many more."""
    shown = list(names) if len(names) <= NAMED else [*names[: NAMED - 1], f"{len(names) - NAMED + 1} others"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _costs(ranking: Ranking, first: Row, level: Sequence[Row]) -> str:
    """What the first costs, and who among its equals costs far less; nothing where nobody knows."""
    cost = cost_of(first, ranking.items)
    parts = [f"has {amount('parameters', cost.parameters)} parameters"] if cost.parameters else []
    parts += [f"takes {amount('seconds', cost.seconds)} a sample where it ran"] if cost.seconds else []
    return f"{ranking.called(first)} {' and '.join(parts)}{_cheaper(ranking, first, level)}" if parts else ""


def _cheaper(ranking: Ranking, first: Row, level: Sequence[Row]) -> str:
    known = [row for row in level if row.parameters and 2 * row.parameters <= (first.parameters or 0)]
    if not known:
        return ""
    least = min(known, key=lambda row: row.parameters or 0)
    size = amount("parameters", least.parameters or 0)
    return f"; of these, {ranking.called(least)} is far smaller, with {size}"


def _facts(ranking: Ranking, first: Row, level: Sequence[Row]) -> tuple[Fact, ...]:
    cost = cost_of(first, ranking.items)
    facts = (
        _chances(ranking.recommendation, len(level))
        if ranking.recommendation
        else _sure(ranking, first, level)
    )
    if cost.parameters:
        facts.append(Fact("Parameters", amount("parameters", cost.parameters)))
        facts.append(Fact("Weights in float32", amount("disk", 4 * cost.parameters)))
    if cost.seconds:
        facts.append(Fact("Time a sample", amount("seconds", cost.seconds)))
    return tuple(facts)


def _sure(ranking: Ranking, first: Row, level: Sequence[Row]) -> list[Fact]:
    """How sure the first place is; nothing where nobody knows."""
    if first.standing is None:
        return []
    told = Fact("Not told apart (90 %)", f"{len(level)} of {len(ranking.placed) - 1} others")
    facts = [Fact("First in", f"{percent(first.standing.best)} of resamples"), told]
    if ranking.more_rows:
        digits = max(len(str(ranking.more_rows)) - 2, 0)
        facts.append(
            Fact("To tell the first two apart", f"about {round(ranking.more_rows, -digits):,} more rows")
        )
    return facts


def _chances(found: Recommendation, level: int) -> list[Fact]:
    best = found.best
    return [
        Fact("Best of all with", percent(best.best)),
        Fact("Expected to lose", f"{best.regret:.1f} points"),
        Fact("Worth tuning", f"{level + 1} of {len(found)}"),
    ]


def _together(found: Recommendation) -> str:
    """The chance that the best is among those worth tuning."""
    return percent(min(sum(row.best for row in worth_tuning(found)), 1.0))
