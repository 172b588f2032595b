"""`config.json`, by which a folder of a tuned model is known: read and checked without torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn, get_args

from audition.data.base import DataKind
from audition.errors import InputError
from audition.version import __version__

SCHEMA = "audition-tuned"
VERSION = 1
CONFIG = "config.json"

Plain = dict[str, Any]


def kind_in(folder: Path) -> DataKind | None:
    """What kind of data the tuned model in a folder takes, by its words alone; None where they do not say."""
    kind = read_config(folder).get("kind")
    return next((known for known in get_args(DataKind) if known == kind), None)


def read_config(folder: Path) -> Plain:
    """The named values of a folder's config.json; raises InputError where it is of no tuned model, or a newer one."""
    if not folder.is_dir():
        raise InputError(f"There is no folder {str(folder)!r}: give one that 'audition tune' wrote.")
    if not (folder / CONFIG).is_file():
        raise InputError(f"{str(folder)!r} holds no {CONFIG}: give a folder that 'audition tune' wrote.")
    config = read_json(folder / CONFIG)
    if config.get("schema") != SCHEMA:
        raise InputError(f"{str(folder / CONFIG)!r} is not of a tuned model: its schema is another.")
    version = config.get("version")
    if isinstance(version, int) and version > VERSION:
        raise InputError(
            f"{str(folder)!r} was written by a newer audition, {config.get('audition')}, in version {version} of "
            f"the format; this one, {__version__}, reads version {VERSION}: update audition."
        )
    if version != VERSION:
        raise InputError(f"{str(folder / CONFIG)!r} is damaged: its version is {version!r}.")
    return config


def read_json(path: Path) -> Plain:
    """The named values of a file; raises InputError where it cannot be read or holds something else."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        damaged(path, error)
    if not isinstance(plain, dict):
        raise InputError(f"{str(path)!r} is damaged: it holds no named values.")
    return plain


def damaged(path: Path, error: Exception) -> NoReturn:
    """Raises InputError for a file of a tuned model in which something is wrong."""
    why = f"it has no {error}" if isinstance(error, KeyError) else str(error).rstrip(".")
    raise InputError(f"{str(path)!r} is damaged: {why}.") from error
