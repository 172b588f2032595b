"""Candidates files: models in a TOML or CSV file, for what is too long to type, and what is known of them."""

from __future__ import annotations

import csv
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from audition.errors import InputError, UnknownNameError
from audition.models.rooted import FILE_SOURCES, rooted
from audition.models.spec import ModelSpec

KEYS = ("name", "source", "architecture")


@dataclass(frozen=True)
class Listed:
    """An entry of a candidates file: a name or pattern.

    source: what the model was trained on, and architecture: what it is, where the file says so.
    """

    name: str
    source: str | None = None
    architecture: str | None = None


def listed_models(path: Path) -> list[str]:
    """The names in a candidates file, in order; see `listed_candidates`."""
    return [candidate.name for candidate in listed_candidates(path)]


def listed_candidates(path: Path) -> list[Listed]:
    """The entries of a candidates file, in order.

    TOML has `models = ["SOURCE:NAME", ...]`, or a table `[[model]]` for each with name, source and
    architecture, or both; CSV has a column "model" and may have "source" and "architecture". Relative
    paths inside names start from the file's folder, or from `root = "..."` in it (TOML), which is relative
    to that folder itself. Raises InputError for a file that is missing or of another form.
    """
    if not os.path.isfile(path):  # unlike a Path's own, of a name that no system has, too
        raise InputError(f"There is no candidates file {str(path)!r}.")
    try:
        text = path.read_text(encoding="utf-8-sig")
        root, entries = _from_csv(text) if path.suffix.lower() == ".csv" else _from_toml(text)
    except InputError:
        raise
    except (OSError, ValueError, RecursionError, csv.Error) as error:
        raise InputError(f"The candidates file {str(path)!r} cannot be read: {error}.") from error
    except _FormError as error:
        raise InputError(f"The candidates file {str(path)!r} {error}.") from None
    folder = path.parent / root
    return [replace(entry, name=_rooted(entry.name, folder)) for entry in entries]


class _FormError(Exception):
    """What a candidates file lacks."""


def _from_toml(text: str) -> tuple[str, list[Listed]]:
    contents = tomllib.loads(text)
    names, tables, root = contents.get("models", []), contents.get("model", []), contents.get("root", "")
    texts = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not texts or not isinstance(tables, list) or not (names or tables):
        raise _FormError('needs models = ["SOURCE:NAME", ...], or [[model]] with name = "SOURCE:NAME"')
    if not isinstance(root, str):
        raise _FormError('gives a root that is no text: write root = "../weights"')
    return root, [*map(Listed, names), *map(_of_table, tables)]


def _of_table(table: Any) -> Listed:
    if not isinstance(table, Mapping) or not all(isinstance(value, str) for value in table.values()):
        raise _FormError(f'has a [[model]] of other than texts: {table!r}; write source = "ImageNet-1k"')
    for key in table:
        if key not in KEYS:
            raise UnknownNameError("key of a [[model]] in a candidates file", key, KEYS)
    if not table.get("name"):
        raise _FormError(f'has a [[model]] without name = "SOURCE:NAME": {dict(table)!r}')
    return Listed(**table)


def _from_csv(text: str) -> tuple[str, list[Listed]]:
    reader = csv.DictReader(text.splitlines())
    if "model" not in (reader.fieldnames or ()):
        raise _FormError(f"needs a column 'model'; it has {', '.join(reader.fieldnames or ()) or 'nothing'}")
    rows = [
        {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)} for row in reader
    ]
    found = list(_named(rows))
    if not found:
        raise _FormError("names no model")
    return "", found


def _named(rows: Iterable[Mapping[str, str]]) -> Iterable[Listed]:
    for row in rows:
        if row["model"]:
            yield Listed(row["model"], row.get("source") or None, row.get("architecture") or None)


def _rooted(name: str, folder: Path) -> str:
    """Patterns of what a library lists have no paths; those of files have."""
    if ":" not in name:
        return name
    spec = ModelSpec.parse(name)
    is_pattern = any(character in spec.name for character in "*[")
    return name if is_pattern and spec.source not in FILE_SOURCES else rooted(name, folder)
