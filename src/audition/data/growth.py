"""Files that would fill the memory when they are unpacked are refused, by what they say before they are."""

from __future__ import annotations

import zipfile
from pathlib import Path

from audition.errors import InputError

LARGE = 2**28
"""Bytes: of what unpacks to less nothing is asked."""

GROWTH = 200
"""How many times its size on disk a file may take in memory; numbers that were measured pack to a third or so."""


def check_growth(name: str, packed: int, unpacked: int) -> None:
    """Raises InputError where `packed` bytes on disk would become far more in memory.

    name: what to call it. unpacked: the bytes that it says it holds.

    >>> check_growth("features.npz", 10**6, 10**8)
    >>> check_growth("features.npz", 10**6, 10**9)
    Traceback (most recent call last):
    audition.errors.InputError: 'features.npz' would take 0.9 GiB in memory, 1,000 times its size on disk, and is \
not unpacked: if that is right, save it without compression.
    """
    if unpacked > LARGE and unpacked > GROWTH * packed:
        raise InputError(
            f"{name!r} would take {unpacked / 2**30:,.1f} GiB in memory, {unpacked / max(packed, 1):,.0f} times its "
            "size on disk, and is not unpacked: if that is right, save it without compression."
        )


def check_archive(path: Path) -> None:
    """Raises InputError for a zip archive that would fill the memory; what is no archive is left to its reader."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return
    check_growth(str(path), path.stat().st_size, unpacked)
