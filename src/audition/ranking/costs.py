"""What candidates cost, and which of them are beyond what may be spent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from audition.errors import InputError
from audition.models.base import parameters_of
from audition.ranking.candidates import Candidate
from audition.ranking.duration import is_duration, parse_duration
from audition.ranking.standings import Row, Standings
from audition.recommendation.cost import Cost, Limit, beyond, parse_limit

Budget = str | Sequence[str]
KNOWN = ("parameters", "seconds", "disk")
BYTES = 4  # of a parameter, as weights are mostly kept


def limits_of(budget: Budget) -> tuple[Limit, ...]:
    """The limits of texts such as "20M params" or "5ms"; the time of the whole run is none of a candidate.

    Raises InputError for one that is none, and for what a ranking does not know of its candidates.
    """
    texts = [text for text in _texts(budget) if not is_duration(text)]
    limits = tuple(map(parse_limit, texts))
    for text, limit in zip(texts, limits, strict=True):
        if limit.what not in KNOWN:
            known = "parameters, weights and time"
            raise InputError(
                f"A ranking knows {known}, not {text!r}: write 20M params, 80MB or 5ms, or 10m for all of it."
            )
    return limits


def seconds_of(budget: Budget) -> float | None:
    """The time that a whole run may take, of texts such as "10m"; None where none is said.

    Raises InputError for two of them.
    """
    times = [parse_duration(text) for text in _texts(budget) if is_duration(text)]
    if len(times) > 1:
        raise InputError("The budget holds two times: give one, such as 10m.")
    return times[0] if times else None


def _texts(budget: Budget) -> list[str]:
    return [budget] if isinstance(budget, str) else list(budget)


def affordable(candidate: Candidate, limits: Sequence[Limit]) -> Candidate:
    """The candidate, with the reason where it is known to be beyond a limit before it is run."""
    if candidate.model is None:
        return candidate
    why = beyond(_size(parameters_of(candidate.model)), limits)
    return candidate if why is None else replace(candidate, model=None, again=None, error=_refused(why))


def within(rows: Sequence[Row], limits: Sequence[Limit], items: int) -> list[Row]:
    """The rows, those that turned out to be beyond a limit with the reason as their error."""
    why = [None if row.error else beyond(cost_of(row, items), limits) for row in rows]
    return [
        row if said is None else replace(row, error=_refused(said))
        for row, said in zip(rows, why, strict=True)
    ]


def cost_of(row: Row, items: int) -> Cost:
    """Parameters, the bytes of its weights, and seconds a sample where its network was run now."""
    return replace(
        _size(row.parameters),
        seconds=row.feature_seconds / (row.items or items) if row.feature_seconds else None,
    )


def _size(parameters: int | None) -> Cost:
    return Cost(parameters, disk=None if parameters is None else BYTES * parameters)


def costs_of(ranking: Standings) -> list[Cost]:
    """The cost of each candidate that is placed, in order; without its weights, which say what parameters say."""
    return [replace(cost_of(row, ranking.items), disk=None) for row in ranking.placed]


def _refused(why: str) -> str:
    return f"beyond the budget: {why}."
