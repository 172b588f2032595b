"""What can go wrong, as a tree: one sentence each that says what, where and what to do.

AuditionError (a ValueError)
├── InputError          features, labels, data or a path that cannot be used as they are
│   └── UnknownNameError    no model, measure, variant or option of that name ("Did you mean ...?")
├── MissingExtraError   a library that this needs is not installed
└── ModelError          a network that cannot be loaded or run

AuditionWarning (a UserWarning)
├── AmbiguousTaskWarning    the labels could be classes or numbers; says which was taken
├── CacheWarning            what is kept cannot be used as asked; it is computed again
└── UnreliableScoreWarning  a score is defined but says little for this input; says why
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

LONGEST = 2000  # characters of a sentence: a value that it quotes may be a whole file
_BREAKS = re.compile(r"\s*[\n\r]\s*")
_NOUN = re.compile(r"(.*?)((?: (?:of|in) .*)?)", re.DOTALL)  # "layer", " of zoo:cnn-mnist"


def printable(text: str) -> str:
    r"""A text as any terminal, file and page can show it: what does not print is written as its escape.

    >>> printable("a\x1b[31mb\nc")
    'a\\x1b[31mb\\nc'
    """
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def one_sentence(text: str) -> str:
    """A text on one line, of characters that print, and with its middle left out where it is very long."""
    line = printable(_BREAKS.sub(" ", text.strip()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 500]} ... {line[-400:]}"


class AuditionError(ValueError):
    """The base of every error that audition raises on purpose; its message is one line that prints."""

    def __init__(self, message: object = "") -> None:
        super().__init__(one_sentence(str(message)))

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), str(self))  # in another process it says the same


def _again(kind: type[AuditionError], message: str) -> AuditionError:
    """An error of any kind with its message, as its own constructor once made it."""
    error = kind.__new__(kind)
    AuditionError.__init__(error, message)
    return error


class InputError(AuditionError):
    """Features, labels, data or a path that cannot be used as they are."""


class UnknownNameError(InputError):
    """A name that nothing answers to; the message carries the nearest that exists."""

    def __init__(self, kind: str, name: str, known: Iterable[str], how_to_list: str = "") -> None:
        known = sorted(known)
        lower = {other.lower(): other for other in known}
        near = get_close_matches(str(name).lower(), lower, n=1, cutoff=0.6)
        if near:
            hint = f"Did you mean {lower[near[0]]!r}?"
        else:
            hint = f"There are: {', '.join(known)}." if len(known) <= 20 else ""
        noun, where = _NOUN.fullmatch(kind).groups()  # type: ignore[union-attr]  # it matches any text
        sentence = f"There is no {noun} {name!r}{where}. {hint}".rstrip()
        super().__init__(f"{sentence} {how_to_list}".rstrip())


class MissingExtraError(AuditionError):
    """A library that is not installed; the message names the extra that brings it.

    what: the library, or what needs one of several: then `needs` names them.
    """

    def __init__(self, what: str, extra: str, needs: str = "") -> None:
        problem = f"{what} needs {needs}" if needs else f"{what} is not installed"
        super().__init__(f"{problem}: pip install 'audition[{extra}]'")


class ModelError(AuditionError):
    """A network that cannot be loaded or run."""


class AuditionWarning(UserWarning):
    """The base of every warning that audition gives; its message is one line that prints."""

    def __init__(self, message: object = "") -> None:
        super().__init__(one_sentence(str(message)))


class AmbiguousTaskWarning(AuditionWarning):
    """The labels could be classes or numbers; the message says which was taken and how to choose."""


class CacheWarning(AuditionWarning):
    """The cache cannot be used as asked; the run goes on, and computes again what it would have read."""


class UnreliableScoreWarning(AuditionWarning):
    """A score that is defined but says little for this input; the message says why."""
