"""The models of a ranking as a candidates file, by which it can be made again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from audition.errors import InputError
from audition.files import check_new, write_new_text
from audition.ranking.value import Ranking

SUFFIX = ".toml"


def check_candidates_file(path: str | Path) -> None:
    """Raises InputError where a new candidates file cannot be written; to be asked before the work."""
    if Path(path).suffix.lower() != SUFFIX:
        raise InputError(f"Candidates are written as {SUFFIX}; {str(path)!r} is named otherwise.")
    check_new(Path(path))


def save_candidates(ranking: Ranking, path: str | Path) -> None:
    """Writes the models of a ranking to a new candidates file, the best first, which --models @FILE reads.

    Every model once, by its full name; those that failed as comments with the reason. Relative paths in
    names go on to start from the current folder, wherever the file lies.
    Raises InputError where the file exists, cannot be written, or would name no model.
    """
    check_candidates_file(path)
    if not any(row.error is None for row in ranking):
        raise InputError(f"Every candidate failed, so there is none to write to {str(path)!r}.")
    write_new_text(Path(path), "\n".join(_lines(ranking, _root(Path(path)))) + "\n")


def _root(path: Path) -> str:
    """The current folder as the file's folder sees it: "." or "..", with slashes on every system."""
    here, there = Path.cwd(), path.parent.resolve()
    try:
        return Path(os.path.relpath(here, there)).as_posix()
    except ValueError:  # on Windows, of two drives
        return here.as_posix()


def _lines(ranking: Ranking, root: str) -> Iterator[str]:
    yield f"# {len(ranking.rows)} rows on {_plain(ranking.data)}, by audition {ranking.version}; the best first."
    yield f"root = {quoted(root)}"
    yield "models = ["
    names = dict.fromkeys(row.model for row in ranking if row.error is None)
    yield from (f"  {quoted(name)}," for name in names)
    yield "]"
    failed = {row.model: row.error for row in ranking if row.error is not None and row.model not in names}
    yield from (f"# {_plain(name)} failed: {_plain(str(error))}" for name, error in failed.items())


def quoted(text: str) -> str:
    """A text as TOML writes it.

    >>> print(quoted('C:\\\\a "b" é'))
    "C:\\\\a \\"b\\" é"
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    """A text that a comment can hold: on one line, of characters that can be printed."""
    return "".join(character if character.isprintable() else " " for character in text)
