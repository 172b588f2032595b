"""How long something may take, as people write it."""

from __future__ import annotations

import re

from audition.errors import InputError

_NUMBER = r"(\d+(?:\.\d+)?)\s*"
_PARTS = re.compile(
    rf"(?:{_NUMBER}h(?:ours?)?)?\s*(?:{_NUMBER}m(?:in(?:ute)?s?)?)?\s*(?:{_NUMBER}s(?:ec(?:ond)?s?)?)?"
)


def parse_duration(text: str | float, examples: str = "30m, 90s or 1h 30m") -> float:
    """Seconds of a text such as "30m", "1h 30m" or "90s"; a number is seconds.

    Raises InputError for others, with examples of what to write.

    >>> parse_duration("1h 30m"), parse_duration("90s"), parse_duration("2.5min")
    (5400.0, 90.0, 150.0)
    """
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        seconds = float(text)
    else:
        found = _PARTS.fullmatch(str(text).strip().lower())
        hours, minutes, rest = (float(part or 0) for part in found.groups()) if found else (0.0, 0.0, 0.0)
        seconds = 3600 * hours + 60 * minutes + rest
    if not 0 < seconds < float("inf"):
        raise InputError(f"{text!r} is no time to spend. Write it as {examples}.")
    return seconds


def is_duration(text: str) -> bool:
    """Whether a budget means the time of a whole run, "10m" or "1h 30m": seconds alone are those of a sample.

    >>> is_duration("10m"), is_duration("5s"), is_duration("20M params")
    (True, False, False)
    """
    found = _PARTS.fullmatch(text.strip())  # "20M" is a mistake for 20M params, and no time
    return found is not None and (found[1] is not None or found[2] is not None)
