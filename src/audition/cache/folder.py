"""The files of an entry's folder: which are ours, which are left over. No link is ever followed."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from audition.cache.shards import span_of

DAMAGED = ".damaged"
_PART = ".part"
_TRASH = ".removed-"
_OF_SAFETENSORS = re.compile(r"\.tmp\w{6}")  # its own temporary file, where it was killed in the middle


def is_folder(path: Path) -> bool:
    """Whether there is a folder at a path, and not a link to one."""
    return path.is_dir() and not path.is_symlink()


def contents(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The plain files of a folder; none where it cannot be read."""
    with suppress(OSError), os.scandir(folder) as found:
        yield from (each for each in found if each.is_file(follow_symlinks=False))


def shard_names(folder: Path) -> set[str]:
    """The names of the shards in a folder."""
    return {each.name for each in contents(folder) if span_of(each.name)}


def size_of(folder: Path) -> int:
    """The bytes of all files of a folder."""
    total = 0
    for each in contents(folder):
        with suppress(OSError):
            total += each.stat(follow_symlinks=False).st_size
    return total


def set_aside(path: Path) -> None:
    """Takes a damaged file out of use; raises OSError where that is not possible."""
    os.replace(path, path.with_name(path.name + DAMAGED))


def remove_parts(folder: Path, suffixes: tuple[str, ...] = (_PART,)) -> int:
    """Removes what killed writers left half written; gives the bytes freed.

    Only for a folder that nobody else uses: a writer that is still at work has such files, too.
    """
    freed = 0
    for each in list(contents(folder)):
        if each.name.endswith(suffixes) or _OF_SAFETENSORS.fullmatch(each.name):
            with suppress(OSError):
                size = each.stat(follow_symlinks=False).st_size
                os.unlink(each.path)
                freed += size
    return freed


def remove_leftovers(folder: Path) -> int:
    """Removes half-written files and those set aside, under the same condition; gives the bytes freed."""
    return remove_parts(folder, (_PART, DAMAGED))


def remove_folder(folder: Path) -> None:
    """Removes a folder at once for all who look, then its files; raises OSError where it may not be."""
    trash = folder.with_name(f"{_TRASH}{secrets.token_hex(4)}")
    os.replace(folder, trash)
    shutil.rmtree(trash, ignore_errors=True)


def remove_trash(parent: Path) -> None:
    """Removes what a killed remove_folder left."""
    with suppress(OSError), os.scandir(parent) as found:
        for each in found:
            if each.name.startswith(_TRASH) and each.is_dir(follow_symlinks=False):
                shutil.rmtree(each.path, ignore_errors=True)
