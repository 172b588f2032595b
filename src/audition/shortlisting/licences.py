"""Which licences a user takes: by name, by pattern, or all that ask for no more than to be named."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

PERMISSIVE = (
    "apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "isc", "zlib", "unlicense", "cc0-1.0", "cc-by-4.0",
)  # fmt: skip
GROUPS = {"permissive": PERMISSIVE}
UNTOLD = ("", "unknown", "other", "none")


def licence_of(text: object) -> str:
    """A licence as it is compared: lower case; "" where none is told.

    >>> licence_of("Apache-2.0"), licence_of("other"), licence_of(None)
    ('apache-2.0', '', '')
    """
    name = str(text or "").strip().lower()
    return "" if name in UNTOLD or not name.isprintable() else name


def is_taken(licence: str, taken: Sequence[str]) -> bool:
    """Whether a licence is one of those; one that is not told never is.

    >>> is_taken("cc-by-nc-4.0", ["permissive"]), is_taken("cc-by-nc-4.0", ["mit", "cc-*"])
    (False, True)
    """
    wanted = [pattern for name in taken for pattern in GROUPS.get(name.lower(), (name.lower(),))]
    return bool(licence) and any(fnmatchcase(licence, pattern) for pattern in wanted)
