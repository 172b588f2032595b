"""Folders are written whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE

from audition.errors import InputError
from audition.files import check_place, held, sync_folder, temporary_for, user_path
from audition.tuning.results.config import CONFIG


def check_new_folder(path: Path) -> None:
    """Raises InputError where a new folder cannot be made: it holds something already, or its place is not usable."""
    user_path(path)
    if os.path.lexists(path) and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"{str(path)!r} exists already: give another name, or remove it first.")
    check_place(_absolute(path))


def checked_out(out: str | Path | None, resume: bool) -> Path | None:
    """Where checkpoints go while a folder is not there yet; raises InputError where one cannot be written.

    resume: whether some that are there already are to be gone on from.
    """
    if out is None:
        if resume:
            raise InputError("resume=True goes on from the checkpoints beside a folder: say which by out.")
        return None
    folder = _absolute(user_path(out))
    if resume and (folder / CONFIG).is_file():
        raise InputError(f"{str(folder)!r} holds a run that came to its end: there is nothing to go on with.")
    check_new_folder(folder)
    place = folder.with_name(f"{folder.name}.tuning")
    if place.exists() and not resume:
        raise InputError(
            f"{str(place)!r} holds a run that was broken off: go on by resume=True (--resume), or remove it."
        )
    return place


@contextmanager
def folder_written_whole(path: Path) -> Iterator[Path]:
    """A temporary folder to write into; what is there at the end is synced and takes the name of `path`.

    A crash leaves a whole folder or none; what it leaves of the temporary one goes with the next. Raises InputError
    where one is there already or it cannot be written.
    """
    check_new_folder(path)
    target = _absolute(path)
    part = temporary_for(target)
    try:
        with held(part, folder=True):
            yield part
            _sync(part)
            with suppress(FileNotFoundError):
                target.rmdir()  # an empty one, in whose place a folder can be renamed on some systems only
            part.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _mode_of_new(folder: Path) -> int:
    new = folder / f".{secrets.token_hex(4)}"
    new.touch()
    mode = S_IMODE(new.stat().st_mode)
    new.unlink()
    return mode


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))


def _sync(folder: Path) -> None:
    """All files and folders below a folder, and itself, on the disk, and read by whom any new file is read by.

    Those of safetensors nobody but the user could read.
    """
    mode = _mode_of_new(folder)
    for where, _, files in os.walk(folder, topdown=False):
        for name in files:
            os.chmod(Path(where, name), mode)
            with open(Path(where, name), "rb+") as file:
                os.fsync(file.fileno())
        sync_folder(Path(where))
