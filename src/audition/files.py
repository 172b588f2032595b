"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import IO

from audition.errors import InputError

TOKEN = 4  # bytes
HAS_LOCKS = sys.platform != "win32"


def user_path(text: str | os.PathLike[str], folder: Path | None = None) -> Path:
    """A path as a user writes it: with ~ as the home folder, and from a folder where it is relative.

    Whether there is anything is another matter. Raises InputError for what no path can be.
    """
    written = os.fspath(text)
    try:
        path = Path(folder or "", os.path.expanduser(written))
        os.lstat(path)
    except ValueError as error:  # NUL, half a surrogate pair
        raise InputError(f"{written!r} is no path of a file or folder: {error}.") from None
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):
            raise InputError(f"{written!r} is no path of a file or folder: {error.strerror}.") from None
    return path


def check_new(path: Path) -> None:
    """Raises InputError where a new file cannot be made: it exists, or its folder is not usable."""
    user_path(path)
    if os.path.lexists(path):
        raise InputError(f"{str(path)!r} exists already: give another name, or remove it first.")
    check_place(path)


def check_place(path: Path) -> None:
    """Raises InputError where nothing can be written beside a path: there is no folder, or it is read-only."""
    _check_folder(path)
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"{str(path)!r} cannot be written: the folder {str(path.parent)!r} is read-only.")


def _check_folder(path: Path) -> None:
    if not path.parent.is_dir():
        raise InputError(f"{str(path)!r} cannot be written: there is no folder {str(path.parent)!r}.")


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A temporary path to write to; what is there at the end is synced and takes the place of `path`.

    A crash leaves the old file or the new one, never half of one; what it leaves of the temporary one goes with the
    next write. Raises InputError where the path cannot be written.
    """
    _check_folder(path)
    _remove_leftovers(path)
    # A name of its own, so that two writers never share a half-written file.
    part = path.with_name(f".{path.name}.{secrets.token_hex(TOKEN)}.part")
    try:
        with _held(part):
            yield part
        with open(part, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, path)
        sync_folder(path.parent)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


def _remove_leftovers(path: Path) -> None:
    """Removes temporary files for a path whose writers are gone: nobody holds them any more."""
    if not HAS_LOCKS:
        return
    for part in path.parent.glob(f".{escape(path.name)}.{'[0-9a-f]' * 2 * TOKEN}.part"):
        with suppress(OSError), open(part, "rb+") as left:
            if _lock(left):
                part.unlink()


@contextmanager
def _held(part: Path) -> Iterator[None]:
    """While it is open, a new file is held by this process, so that no other takes it for a leftover."""
    if not HAS_LOCKS:
        yield
        return
    with open(part, "wb") as file:
        _lock(file)
        yield


def _lock(file: IO[bytes]) -> bool:
    """Whether an open file is held by this process alone from now on; not on a file system without locks."""
    from fcntl import LOCK_EX, LOCK_NB, flock

    try:
        flock(file.fileno(), LOCK_EX | LOCK_NB)
    except OSError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    """So that the rename outlives a power cut, too, where folders can be synced (not on Windows)."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_new_text(path: Path, text: str) -> None:
    """Writes text to a new file; raises InputError where one exists or it cannot be written."""
    check_new(path)
    with written_whole(path) as part:
        part.write_text(text, encoding="utf-8")
