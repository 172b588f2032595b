"""Folders are written whole or not at all."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from audition.errors import InputError

pytest.importorskip("torch", reason="torch is not installed")

from audition.files import temporary_for
from audition.tuning.results import whole
from audition.tuning.results.whole import folder_written_whole


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    with folder_written_whole(tmp_path / "new") as part:
        (part / "in").mkdir()
        (part / "in" / "file").write_text("there")
        assert not (tmp_path / "new").exists()
    assert (tmp_path / "new" / "in" / "file").read_text() == "there"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_files_are_read_by_whom_new_files_are_read_by(tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.touch()
    with folder_written_whole(tmp_path / "new") as part:
        (part / "in").mkdir()
        (part / "in" / "weights").touch(0o600)
    assert (tmp_path / "new" / "in" / "weights").stat().st_mode == usual.stat().st_mode
    assert sorted(path.name for path in (tmp_path / "new").rglob("*")) == ["in", "weights"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with folder_written_whole(tmp_path / "new") as part:
        (part / "file").write_text("there")
    assert (tmp_path / "new" / "file").read_text() == "there"


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), folder_written_whole(tmp_path / "new") as part:
        (part / "file").write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "file").write_text("mine")
    (tmp_path / "plain").write_text("mine")
    for name in ("old", "plain"):
        with pytest.raises(InputError, match="exists already"), folder_written_whole(tmp_path / name):
            pytest.fail("nothing may be written")
    assert (tmp_path / "old" / "file").read_text() == "mine"


def test_a_folder_that_fills_while_another_is_written_stays(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"), folder_written_whole(tmp_path / "new") as part:
        (part / "file").write_text("ours")
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "file").write_text("theirs")
    assert (tmp_path / "new" / "file").read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no folder"), folder_written_whole(tmp_path / "a" / "b"):
        pytest.fail("nothing may be written")


@pytest.mark.skipif(sys.platform != "linux", reason="of /proc")
def test_a_disk_that_takes_nothing_is_one_sentence() -> None:
    with pytest.raises(InputError, match="cannot be written"), folder_written_whole(Path("/proc/new")):
        pytest.fail("nothing may be written")


def test_a_folder_is_nobodys_leftover_until_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer of the same folder, who looks for leftovers while this one is synced, takes it for none."""
    synced = whole._sync

    def looked_at(part: Path) -> None:
        temporary_for(tmp_path / "new")
        synced(part)

    monkeypatch.setattr(whole, "_sync", looked_at)
    with folder_written_whole(tmp_path / "new") as part:
        (part / "a.txt").write_text("whole")
    assert (tmp_path / "new" / "a.txt").read_text() == "whole"
