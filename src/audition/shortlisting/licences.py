"""Which licences a user takes: by name, by pattern, or all that ask for no more than to be named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from audition.errors import UnknownNameError

PERMISSIVE = (
    "apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "isc", "zlib", "unlicense", "cc0-1.0", "cc-by-4.0",
)  # fmt: skip
FOUND = (
    "afl-3.0", "agpl-3.0", "apple-amlr", "apple-ascl", "artistic-2.0", "bigcode-openrail-m", "bigscience-openrail-m",
    "bsl-1.0", "cc", "cc-by-3.0", "cc-by-nc-4.0", "cc-by-nc-nd-4.0", "cc-by-nc-sa-4.0", "cc-by-nd-4.0",
    "cc-by-sa-3.0", "cc-by-sa-4.0", "creativeml-openrail-m", "cdla-permissive-2.0", "dinov3-license", "epl-2.0",
    "eupl-1.2", "gemma", "gpl", "gpl-2.0", "gpl-3.0", "lgpl", "lgpl-3.0", "llama2", "llama3", "mpl-2.0", "openrail",
    "openrail++", "wtfpl",
)  # fmt: skip
"""Others that hubs tell."""

GROUPS = {"permissive": PERMISSIVE}
UNTOLD = ("", "unknown", "other", "none")


def licence_of(text: object) -> str:
    """A licence as it is compared: lower case; "" where none is told.

    >>> licence_of("Apache-2.0"), licence_of("other"), licence_of(None)
    ('apache-2.0', '', '')
    """
    name = str(text or "").strip().lower()
    return "" if name in UNTOLD or not name.isprintable() else name


def check_licences(taken: Sequence[str], told: Iterable[str]) -> None:
    """Raises UnknownNameError for a word that is no licence; told: those of what is listed."""
    known = {*GROUPS, *PERMISSIVE, *FOUND, *filter(None, told)}
    for name in taken:
        if not any(fnmatchcase(licence, name.lower()) for licence in known):
            raise UnknownNameError("licence", name, known)


def is_taken(licence: str, taken: Sequence[str]) -> bool:
    """Whether a licence is one of those; one that is not told never is.

    >>> is_taken("cc-by-nc-4.0", ["permissive"]), is_taken("cc-by-nc-4.0", ["mit", "cc-*"])
    (False, True)
    """
    wanted = [pattern for name in taken for pattern in GROUPS.get(name.lower(), (name.lower(),))]
    return bool(licence) and any(fnmatchcase(licence, pattern) for pattern in wanted)
