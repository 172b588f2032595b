"""Files that are written whole: what is left of a writer that was killed, and of one that writes just now."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE

import numpy as np
import pytest
from safetensors.numpy import save_file

from audition import files
from audition.errors import InputError
from audition.files import held, temporary_for, written_whole

WRITER = """
import sys, time
from pathlib import Path
from audition.files import written_whole
with written_whole(Path(sys.argv[1])) as part:
    part.write_text("half")
    print(part.name, flush=True)
    time.sleep(60)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="without locks on files")


def writing(path: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that stands in the middle of writing, and what it writes to."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    return process, path.parent / process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "r[1].json"  # a name that a pattern would take for another
    process, part = writing(path)
    end(process)
    assert part.read_text() == "half" and not path.exists()
    others = [
        tmp_path / name for name in (".r1.json.01234567.part", ".r[1].json.part", ".r[1].json.xyz.part")
    ]
    for other in others:
        other.touch()
    with written_whole(path) as now:
        now.write_text("whole")
    assert path.read_text() == "whole"
    assert sorted(tmp_path.iterdir()) == sorted([path, *others])


def test_so_does_what_is_left_of_a_folder(tmp_path: Path) -> None:
    left, path = tmp_path / ".tuned.0123abcd.part", tmp_path / "tuned"
    left.mkdir()
    (left / "weights").touch()
    assert temporary_for(path).parent == tmp_path and list(tmp_path.iterdir()) == []
    left.mkdir()
    with held(left):
        temporary_for(path)
        assert left.is_dir()


def test_what_another_writes_just_now_stays(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    process, part = writing(path)
    try:
        with written_whole(path) as now:
            now.write_text("whole")
        assert part.read_text() == "half"
    finally:
        end(process)


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text("old")
    with pytest.raises(InputError, match="No space"), written_whole(path) as part:
        part.write_text("half")
        raise OSError(28, os.strerror(28))
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_writers_of_one_path_never_take_each_other_for_a_leftover(tmp_path: Path) -> None:
    path = tmp_path / "r.json"

    def write(number: int) -> None:
        with written_whole(path) as part:
            part.write_text(f"{number}" * 100)

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(200)))  # raises what any of them raised
    assert len(path.read_text()) >= 100 and list(tmp_path.iterdir()) == [path]


def test_a_file_is_held_until_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, other, replace = tmp_path / "r.json", tmp_path / "other", os.replace

    def while_others_write(part: Path, to: Path) -> None:
        temporary_for(path)
        replace(part, to)

    monkeypatch.setattr("audition.files.os.replace", while_others_write)
    with written_whole(path) as part:
        part.write_text("as it is")
    assert path.read_text() == "as it is"
    with written_whole(path) as part:
        other.write_text("a library's own file, renamed")
        replace(other, part)
    assert path.read_text() == "a library's own file, renamed"


@pytest.mark.parametrize("folder", [False, True])
def test_one_that_is_taken_before_it_is_held_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    part, opened = tmp_path / ".r.json.0123abcd.part", files._opened
    taken: list[int] = []

    def opened_too_late(one: Path) -> int:
        if len(taken) < 2:
            descriptor = opened(one)
            one.rmdir() if folder else one.unlink()
            taken.append(descriptor)
            return descriptor if len(taken) == 1 else opened(one)
        return opened(one)

    monkeypatch.setattr(files, "_opened", opened_too_late)
    with held(part, folder=folder):
        assert len(taken) == 2 and part.is_dir() == folder
        temporary_for(tmp_path / "r.json")
        assert part.exists()
    os.close(taken[1])
    temporary_for(tmp_path / "r.json")
    assert not part.exists()


def test_whoever_reads_any_new_file_reads_one_that_a_library_wrote(tmp_path: Path) -> None:
    for umask, mode in ((0o022, 0o644), (0o077, 0o600)):
        path, before = tmp_path / f"{umask}.safetensors", os.umask(umask)
        try:
            with written_whole(path) as part:
                save_file({"x": np.zeros(3)}, part)
        finally:
            os.umask(before)
        assert S_IMODE(path.stat().st_mode) == mode
