"""What a cache holds, as plain values to print."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from audition.cache import folder as files
from audition.cache.cover import cover, rows_of
from audition.cache.lease import LOCK
from audition.cache.shards import HEAD, DamagedError, Shard, layer_output, read_shard
from audition.cache.sidecar import NewerVersionError, Sidecar, read_sidecar
from audition.errors import printable

State = Literal["complete", "partial", "newer", "unknown"]


@dataclass(frozen=True)
class EntryInfo:
    """One entry, by what is seen without reading its rows.

    layers: name -> how many rows are there. rows: how many there are in all, where that is known.
    bytes: on disk. created, last_used: seconds since 1970. state: "newer" where a newer audition wrote
    it, "unknown" where the file that says what it is of is missing.
    """

    digest: str
    model: str
    data: str
    precision: str
    layers: Mapping[str, int]
    rows: int | None
    bytes: int
    created: float
    last_used: float
    state: State


@dataclass(frozen=True)
class CacheInfo:
    """A cache as a whole."""

    path: Path
    entries: int
    bytes: int
    last_used: float | None
    writable: bool


@dataclass(frozen=True)
class Removed:
    """What prune or clear removed, and what it left.

    bytes: freed. in_use: entries that another process uses, or that may not be removed. newer: those that
    a newer audition wrote.
    """

    entries: tuple[EntryInfo, ...]
    bytes: int
    in_use: tuple[EntryInfo, ...] = ()
    newer: tuple[EntryInfo, ...] = ()


@dataclass(frozen=True)
class Verified:
    """What verify read.

    files: how many were whole. damaged: entry's digest and name of each that was not; it is set aside.
    newer: entries of a newer audition, which are not looked into.
    """

    files: int
    damaged: tuple[tuple[str, str], ...] = ()
    newer: tuple[EntryInfo, ...] = ()


def describe(folder: Path) -> EntryInfo:
    """What a folder holds, by the headers of its shards."""
    try:
        sidecar = read_sidecar(folder)
    except NewerVersionError:
        return _info(folder, None, {}, "newer")
    if sidecar is None or sidecar.key.digest != folder.name:
        return _info(folder, None, {}, "unknown")
    shards = list(_readable(folder))
    names = {name for shard in shards for name in shard.outputs} - {HEAD}
    layers = {name.removeprefix(layer_output("")): rows_of(cover(shards, name)) for name in sorted(names)}
    finished = bool(layers) and all(rows == sidecar.rows for rows in layers.values())
    return _info(folder, sidecar, layers, "complete" if finished else "partial")


def _readable(folder: Path) -> Iterable[Shard]:
    for name in sorted(files.shard_names(folder)):
        with suppress(DamagedError, OSError):
            shard = read_shard(folder / name, folder.name)
            if shard is not None:
                yield shard


def _info(folder: Path, sidecar: Sidecar | None, layers: Mapping[str, int], state: State) -> EntryInfo:
    used = last_used(folder)
    return EntryInfo(
        digest=folder.name,
        model=printable(sidecar.key.model) if sidecar else "?",
        data=printable(sidecar.data) if sidecar else "?",
        precision=printable(sidecar.key.precision) if sidecar else "?",
        layers={printable(layer): rows for layer, rows in layers.items()},
        rows=sidecar.rows if sidecar else None,
        bytes=files.size_of(folder),
        created=sidecar.created if sidecar else used,
        last_used=used,
        state=state,
    )


def last_used(folder: Path) -> float:
    """When an entry was last opened: the time of its lock file."""
    for path in (folder / LOCK, folder):
        with suppress(OSError):
            return path.stat().st_mtime
    return time.time()
