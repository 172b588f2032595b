"""The text in a file, as UTF-8 with or without a byte order mark, or one sentence that says what it is."""

from __future__ import annotations

from pathlib import Path

from audition.data.remote import opened
from audition.errors import InputError

UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path) -> str:
    """All of a file, its line ends as they are; raises InputError where it is not UTF-8 or cannot be read."""
    try:
        with opened(path) as file:
            content = file.read()
    except OSError as error:
        raise InputError(f"Cannot read {str(path)!r}: {error.strerror or error}.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = "UTF-16" if content.startswith(UTF_16) else f"not UTF-8 (in line {line})"
        raise InputError(f"{str(path)!r} is {what}: save it as UTF-8.") from None
