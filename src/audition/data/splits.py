"""The parts that data comes in: train, validation and test, as folders or as files in one folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from audition.errors import InputError, UnknownNameError

NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
"""What a part is called, in lower case -> the name that it goes by here."""

ALL = "all"
T = TypeVar("T")


def split_of(name: str) -> str | None:
    """The split that the name of a folder or of a file stands for, or None."""
    return NAMES.get(name.lower())


def parts_of(paths: Sequence[Path], where: Path) -> dict[str, Path]:
    """Those of some paths that are called as splits are; raises InputError for two of one split."""
    found: dict[str, Path] = {}
    for path in paths:
        split = split_of(path.stem)
        if split is None:
            continue
        if split in found:
            raise InputError(
                f"{str(where)!r} holds {found[split].name!r} and {path.name!r}: give one of them by its path."
            )
        found[split] = path
    return found


class NoSplitError(InputError):
    """Data without the part that is asked for."""


class _UnknownSplitError(UnknownNameError, NoSplitError):
    """The same, of data that have other parts."""


def choose_split(parts: Mapping[str, T], asked: str | None, where: str) -> list[T]:
    """The parts that are asked for: one by its name, "all", or by default those to train on.

    Raises UnknownNameError for one that is not there.
    """
    if asked == ALL:
        return list(parts.values())
    if asked is None:
        return [parts.get("train", next(iter(parts.values())))]
    wanted = NAMES.get(asked.lower(), asked)
    if wanted not in parts:
        raise _UnknownSplitError(f"split of {where!r}", asked, [*parts, ALL])
    return [parts[wanted]]


def refuse_split(asked: str | None, what: str) -> None:
    """Raises InputError where a split is asked for of what has none."""
    if asked not in (None, ALL):
        raise NoSplitError(f"{what} has no splits: leave --split (split=) out.")
