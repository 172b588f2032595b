"""What candidates cost, and which of them are beyond what may be spent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from audition.errors import InputError
from audition.models.base import parameters_of
from audition.ranking.candidates import Candidate
from audition.ranking.duration import is_duration, parse_duration
from audition.ranking.standings import Row, Standings
from audition.recommendation.cost import Cost, Limit, beyond, limit_of, parse_limit

Budget = str | Sequence[str] | None
KNOWN = ("parameters", "seconds", "disk")
BYTES = 4  # of a parameter, as weights are mostly kept
LONG = 1.0  # seconds: so much is rather meant for a whole run than for one sample of it
RUN = "10m or 1h 30m"
_A_SAMPLE = re.compile(r"\s*\ba (?:sample|item)\s*$")
_A_COUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kMGBT]?)\s*", re.IGNORECASE)


def limits_of(budget: Budget) -> tuple[Limit, ...]:
    """The limits of texts such as "20M params" or "5ms"; the time of the whole run is none of a candidate.

    Raises InputError for one that is none, and for what a ranking does not know of its candidates.
    """
    return tuple(_limit(text) for text in _texts(budget) if not is_duration(text))


def _limit(text: str) -> Limit:
    """The limit of one text; "20s a sample" says that so much time is not meant for the whole run."""
    plain = _A_SAMPLE.sub("", text)
    if plain != text:
        return _of_a_sample(plain)
    if count := _A_COUNT.fullmatch(text):
        written = f"{count[1]}{count[2]} params"
        raise InputError(f"{text!r} is no budget: of what? Write {written!r}, or '80MB' of weights.")
    limit = parse_limit(text)
    if limit.what not in KNOWN:
        known = "parameters, weights and time"
        raise InputError(
            f"A ranking knows {known}, not {text!r}: write 20M params, 80MB or 5ms, or 10m for all of it."
        )
    if limit.what == "seconds" and limit.most >= LONG:
        raise InputError(
            f"{text!r} would be what one sample may take: for the whole run write minutes, {_minutes(limit.most)!r}; "
            f"if a sample is meant, '{text.strip()} a sample'."
        )
    return limit


def _of_a_sample(text: str) -> Limit:
    """The limit of a time that a sample may take."""
    limit = limit_of("seconds", text)
    if limit is None:
        raise InputError(f"{text!r} is no time that a sample may take: write it as 5ms.")
    return limit


def _minutes(seconds: float) -> str:
    """Seconds as a time of a whole run, which is told by its minutes."""
    whole, rest = divmod(seconds, 60)
    return f"{whole:g}m" + (f" {rest:g}s" if rest else "")


def seconds_of(budget: Budget) -> float | None:
    """The time that a whole run may take, of texts such as "10m"; None where none is said.

    Raises InputError for two of them.
    """
    times = [parse_duration(text, RUN) for text in _texts(budget) if is_duration(text)]
    if len(times) > 1:
        raise InputError("The budget holds two times: give one, such as 10m.")
    return times[0] if times else None


def _texts(budget: Budget) -> list[str]:
    """The texts of a budget; raises InputError where it holds something else."""
    if budget is None or isinstance(budget, str):
        return [] if budget is None else [budget]
    given: Any = budget
    for text in given if isinstance(given, Sequence) else [given]:
        if not isinstance(text, str):
            raise InputError(
                f"A budget is a text, or several: '20M params', '80MB' or '5ms' for a model, '10m' for the whole run; "
                f"got {text!r}."
            )
    return list(budget)


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
