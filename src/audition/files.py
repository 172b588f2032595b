"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from stat import S_IMODE

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
    part = temporary_for(path)
    try:
        with held(part):
            mode = S_IMODE(part.stat().st_mode)
            yield part
            with _held_still(part):
                os.chmod(part, mode)  # of any new file; those of safetensors nobody but the user could read
                with open(part, "rb+") as file:
                    os.fsync(file.fileno())
                os.replace(part, path)
        sync_folder(path.parent)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


def temporary_for(path: Path) -> Path:
    """Where a file or folder is written before it takes its name: a name of its own, so that no two writers share it.

    What writers that were killed have left for the same path is removed: nobody holds it any more.
    """
    if HAS_LOCKS:
        for part in path.parent.glob(f".{escape(path.name)}.{'[0-9a-f]' * 2 * TOKEN}.part"):
            with suppress(OSError), _descriptor_of(part) as left:
                if _lock(left) and _is_at(left, part):
                    shutil.rmtree(part) if part.is_dir() else part.unlink()
    return path.with_name(f".{path.name}.{secrets.token_hex(TOKEN)}.part")


@contextmanager
def held(part: Path, *, folder: bool = False) -> Iterator[None]:
    """While it is open, a temporary file, or folder, is this writer's, and no leftover; made where it is not there.

    It is to be open until the file has its name: what nobody holds, the next writer of the same path removes.
    """
    descriptor = _held_by_us(part, folder)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _held_by_us(part: Path, folder: bool) -> int | None:
    """What holds a temporary file or folder; None on a system without locks.

    It is made anew where another writer took it for a leftover before it was held.
    """
    while True:
        part.mkdir(exist_ok=True) if folder else part.touch()
        if not HAS_LOCKS:
            return None
        with suppress(FileNotFoundError):
            descriptor = _opened(part)
            _lock(descriptor, wait=True)
            if _is_at(descriptor, part):
                return descriptor
            os.close(descriptor)


@contextmanager
def _held_still(part: Path) -> Iterator[None]:
    """The same of the file that is there once it is written: some libraries write another, and give it the name."""
    if not HAS_LOCKS:
        yield
        return
    with _descriptor_of(part) as descriptor:
        _lock(descriptor)
        yield


@contextmanager
def _descriptor_of(part: Path) -> Iterator[int]:
    descriptor = _opened(part)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _opened(part: Path) -> int:
    return os.open(part, os.O_RDONLY if part.is_dir() else os.O_RDWR)


def _is_at(descriptor: int, part: Path) -> bool:
    """Whether what is open has that name still."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(part))
    except FileNotFoundError:
        return False


def _lock(descriptor: int, *, wait: bool = False) -> bool:
    """Whether a file or folder is held by this process alone from now on; not on a file system without locks.

    wait: until whoever looks whether it is a leftover has done so.
    """
    from fcntl import LOCK_EX, LOCK_NB, flock

    try:
        flock(descriptor, LOCK_EX if wait else LOCK_EX | LOCK_NB)
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
