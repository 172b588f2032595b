"""What a cache says of itself, and what it removes."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from cache.worker import key_of

from audition.cache import Cache, CacheWarning, EntryInfo, listing, upkeep
from audition.cache.catalogue import CATALOGUE
from audition.cache.lease import LOCK
from audition.errors import InputError
from audition.statistics import sufficient_statistics

HOUR = 3600.0
MODELS = ("oldest", "older", "new")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """Three entries of about 40 kB, last used one, two and three hours ago."""
    cache = Cache(tmp_path / "cache")
    for hours, model in zip((3, 2, 1), MODELS):
        entry = cache.entry(key_of(model), data=f"data of {model}")
        entry.append(0, {"last": np.full((100, 100), hours, dtype=np.float32)})
        entry.finish(100)
        del entry
        age(cache, model, hours * HOUR)
    return cache


def folder(cache: Cache, model: str) -> Path:
    return cache.path / "entries" / key_of(model).digest


def age(cache: Cache, model: str, seconds: float) -> None:
    """As if it had not been touched for so long."""
    then = time.time() - seconds
    for path in (folder(cache, model) / LOCK, folder(cache, model)):
        os.utime(path, (then, then))


def models(cache: Cache) -> list[str]:
    return [info.model for info in cache.ls()]


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were looked into."""
    folders: list[Path] = []

    def describe(path: Path) -> EntryInfo:
        folders.append(path)
        return listing.describe(path)

    monkeypatch.setattr(upkeep, "describe", describe)
    return folders


def test_lists_what_there_is(cache: Cache) -> None:
    cache.entry(key_of("new")).append(0, {"early": np.ones((40, 3))})
    newest, *rest = cache.ls()
    assert [info.model for info in rest] == ["older", "oldest"]
    assert (newest.model, newest.data, newest.precision) == ("new", "data of new", "float32")
    assert newest.layers == {"early": 40, "last": 100} and newest.rows == 100
    assert newest.state == "partial" and rest[0].state == "complete"
    assert newest.bytes == sum(path.stat().st_size for path in folder(cache, "new").iterdir())
    assert abs(newest.last_used - time.time()) < 60 < time.time() - rest[0].last_used
    info = cache.info()
    assert (info.path, info.entries, info.writable) == (cache.path, 3, True)
    assert info.bytes == sum(each.bytes for each in cache.ls()) and info.last_used == newest.last_used


def test_the_catalogue_remembers(cache: Cache, looked: list[Path]) -> None:
    """An entry is looked into once, and again when it has changed; use alone needs no look."""
    first = cache.ls()
    assert len(looked) == 3
    assert Cache(cache.path).ls() == first
    cache.entry(key_of("oldest"))
    assert models(cache)[0] == "oldest"
    assert len(looked) == 3
    cache.entry(key_of("older")).put_statistics(
        "last", "labels", sufficient_statistics(np.eye(4), [0, 0, 1, 1])
    )
    assert cache.ls()[0].bytes > first[1].bytes
    assert looked[3:] == [folder(cache, "older")]


@pytest.mark.parametrize(
    "harm", ["removed", "overwritten", "truncated", "emptied", "a folder", "another table"]
)
def test_a_lost_or_damaged_catalogue_costs_nothing(cache: Cache, harm: str) -> None:
    before = cache.ls()
    path = cache.path / CATALOGUE
    whole = path.read_bytes()
    path.unlink()
    if harm == "overwritten":
        path.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    elif harm == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif harm == "emptied":
        path.touch()
    elif harm == "a folder":
        path.mkdir()
    elif harm == "another table":
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE entries (x)")
            database.execute("INSERT INTO entries VALUES (1)")
            database.commit()
    for _ in range(3):
        assert Cache(cache.path).ls() == before
    if harm != "a folder":
        with closing(sqlite3.connect(path)) as database:
            assert database.execute("SELECT count(*) FROM entries").fetchone()[0] in (1, 3)


def test_every_damaged_byte_of_a_catalogue_is_survived(cache: Cache) -> None:
    """What it says may be out of date, never what is served: rows do not come from it."""
    cache.ls()
    path = cache.path / CATALOGUE
    whole = path.read_bytes()
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        assert len(Cache(cache.path).ls()) == 3


def test_a_catalogue_of_a_newer_version_is_left_alone(cache: Cache) -> None:
    before = cache.ls()
    path = cache.path / CATALOGUE
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")
    whole = path.read_bytes()
    with pytest.warns(CacheWarning, match="is of a newer audition: it is left as it is") as told:
        other = Cache(cache.path)
        assert other.ls() == before and other.ls() == before
    assert len(told) == 1 and path.read_bytes() == whole


def test_a_catalogue_in_use_is_waited_for_and_done_without(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audition.cache.catalogue._WAIT", 0.05)
    with closing(sqlite3.connect(cache.path / CATALOGUE, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        assert models(cache) == ["new", "older", "oldest"]
    assert (cache.path / CATALOGUE).stat().st_size == 0
    cache.ls()
    assert (cache.path / CATALOGUE).stat().st_size > 0


def test_prunes_the_longest_unused_first(cache: Cache) -> None:
    removed = cache.prune(max_bytes=100_000)
    assert [info.model for info in removed.entries] == ["oldest"]
    assert removed.bytes == removed.entries[0].bytes > 40_000
    assert models(cache) == ["new", "older"] and not folder(cache, "oldest").exists()
    assert cache.prune(max_bytes=100_000).entries == ()
    assert cache.prune(older_than=1.5 * HOUR).entries[0].model == "older"
    assert cache.prune().entries == ()
    assert models(cache) == ["new"]
    cache.entry(key_of("oldest")).append(0, {"last": np.ones((2, 2))})
    assert models(cache) == ["oldest", "new"]


def test_use_keeps_an_entry(cache: Cache) -> None:
    cache.entry(key_of("oldest"))
    assert [info.model for info in cache.prune(max_bytes=50_000).entries] == ["older", "new"]


def test_what_is_in_use_stays(cache: Cache) -> None:
    """As long as an entry or a matrix of it is there, in this process or in another."""
    pytest.importorskip("fcntl")
    matrix = cache.entry(key_of("oldest")).matrix("last")
    removed = Cache(cache.path).clear()
    assert [info.model for info in removed.in_use] == ["oldest"] and len(removed.entries) == 2
    assert matrix[99, 99] == 3
    del matrix
    assert [info.model for info in cache.clear().entries] == ["oldest"]
    assert models(cache) == []


def test_more_entries_than_a_process_may_open_files(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are used without a hold."""
    monkeypatch.setattr("audition.cache.lease._MOST", 0)
    matrix = cache.entry(key_of("oldest")).matrix("last")
    assert len(Cache(cache.path).clear().entries) == 3
    with pytest.raises(InputError, match="run again"):
        matrix[:]


def test_clear_removes_nothing_of_others(cache: Cache) -> None:
    """A cache in a folder that was chosen by mistake."""
    others = [
        cache.path / "thesis.tex",
        cache.path / "entries" / "notes",
        cache.path / "entries" / ("A" * 64),
    ]
    for path in others:
        path.write_text("mine")
    (cache.path / "entries" / "abc").mkdir()
    assert len(cache.clear().entries) == 3
    assert all(path.read_text() == "mine" for path in others) and (cache.path / "entries" / "abc").is_dir()
    assert models(cache) == []


def test_leftovers_of_killed_runs_are_removed(cache: Cache) -> None:
    """Half-written files when their entry is opened alone, the rest by prune."""
    part = folder(cache, "new") / ".000-x.safetensors.1f.part"
    part.write_bytes(b"x" * 1000)
    library = part.with_name(".tmpa1B2c3")  # safetensors writes to a file of its own, and gives it our name
    library.write_bytes(b"x" * 1000)
    trash = cache.path / "entries" / ".removed-12ab"
    trash.mkdir()
    (trash / "shard").write_bytes(b"x")
    entry = cache.entry(key_of("new"))
    assert not part.exists() and not library.exists()
    part.write_bytes(b"x" * 1000)
    assert Cache(cache.path).prune().bytes == 0 and part.exists()  # somebody is at work
    del entry
    set_aside = part.with_name("a.damaged")
    set_aside.write_bytes(b"x" * 10)
    assert cache.prune().bytes == 1010
    assert not part.exists() and not set_aside.exists() and not trash.exists()


def test_an_entry_that_goes_while_it_is_listed(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process prunes."""
    there = upkeep.entry_folders(cache.path / "entries")
    monkeypatch.setattr(upkeep, "entry_folders", lambda root: [*there, root / ("0" * 64)])
    assert len(cache.ls()) == 3 and cache.verify().damaged == ()


@pytest.mark.parametrize("limits", [{"max_bytes": -1}, {"older_than": -0.1}])
def test_negative_limits_are_refused(cache: Cache, limits: dict[str, float]) -> None:
    with pytest.raises(InputError, match="zero or more"):
        cache.prune(**limits)  # type: ignore[arg-type]
    assert len(cache.ls()) == 3
