"""What an option was given, looked at before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from cyclopts import CycloptsError, Token

from audition.errors import InputError


def whole(least: int) -> Callable[[Any, Sequence[Token]], int]:
    """What reads a whole number from `least` on; of anything else it says what the option takes."""

    def read(_: Any, tokens: Sequence[Token]) -> int:
        text, name = tokens[0].value.strip(), tokens[0].keyword
        if not re.fullmatch(r"[+-]?\d+", text, re.ASCII) or int(text) < least:
            raise CycloptsError(msg=f"{name} is a whole number from {least} on; got {text!r}.")
        return int(text)

    return read


def check_given(**lists: Sequence[str] | None) -> None:
    """Raises InputError for an option that takes several values and was given none."""
    for name, values in lists.items():
        if values is not None and not any(value.strip() for value in values):
            raise InputError(f"--{name.replace('_', '-')} needs a value.")
