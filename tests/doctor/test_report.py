"""The whole report, by the command: real processes, with pretended libraries where one is to be broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from audition.cli import run
from audition.doctor import examine
from audition.doctor.machine import cores, cpu_name, memory

WORKING = """
__version__ = "2.99.0+cpu"
from types import SimpleNamespace as _Space
_gpu = _Space(name="A Fast One", total_memory=80 * 10**9)
cuda = _Space(device_count=lambda: 1, is_available=lambda: True, get_device_properties=lambda place: _gpu)
version = _Space(cuda="12.9")
backends = _Space(mps=_Space(is_available=lambda: True))
hub = _Space(get_dir=lambda: "/nowhere/torch/hub")
device = str
"""
MISMATCHED = "raise RuntimeError('operator torchvision::nms does not exist')"
CRASHING = "import os, sys\nprint('libc10.so: undefined symbol', file=sys.stderr, flush=True)\nos._exit(134)"


@pytest.fixture
def pretend(tmp_path: Path) -> Path:
    """A folder for libraries that stand before those that are installed."""
    return tmp_path


def add(folder: Path, name: str, version: str, code: str) -> None:
    (folder / f"{name}.py").write_text(code)
    information = folder / f"{name}-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def doctor(folder: Path, *words: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "audition", "doctor", *words],
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_accelerators_and_json(pretend: Path) -> None:
    add(pretend, "torch", "2.99.0", WORKING)
    add(pretend, "torchvision", "0.99.0", "")
    code, out, err = doctor(pretend, "--json", "-", HF_HUB_OFFLINE="1")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert [device["kind"] for device in report["devices"]] == ["cuda:0", "mps", "cpu"]
    assert report["devices"][0] | {"name": "A Fast One", "memory": 80 * 10**9} == report["devices"][0]
    assert (report["device"], report["offline"], report["problems"]) == ("cuda", True, [])
    torch = next(extra for extra in report["extras"] if extra["name"] == "torch")
    assert {"name": "torch", "version": "2.99.0", "needs": ">=2.6"} in torch["libraries"]
    assert report["places"][-1]["path"] == "/nowhere/torch/hub"


def test_a_pair_that_does_not_match(pretend: Path) -> None:
    add(pretend, "torch", "2.99.0", WORKING)
    add(pretend, "torchvision", "0.99.0", MISMATCHED)
    code, out, err = doctor(pretend)
    assert (code, err) == (1, "")
    said = " ".join(out.split())
    assert "torchvision 0.99.0 does not match torch 2.99.0+cpu: install the pair from the same index." in said
    assert "cuda:0 A Fast One, 80.0 GB of memory (used)" in said and "Nothing is broken" not in said


def test_a_library_that_takes_the_process_with_it(pretend: Path) -> None:
    add(pretend, "torch", "2.99.0", CRASHING)
    code, out, err = doctor(pretend)
    assert (code, err) == (1, "")
    assert "torch stops Python when it is imported: libc10.so: undefined symbol" in out


def test_a_version_that_is_too_old(pretend: Path) -> None:
    add(pretend, "torch", "1.13.0", WORKING)
    add(pretend, "torchvision", "0.99.0", "")
    code, out, _ = doctor(pretend)
    assert code == 1
    assert "torch 1.13.0 where >=2.6 is needed: pip install 'audition[torch]'" in " ".join(out.split())
    line = next(line for line in out.splitlines() if line.strip().startswith("torch "))
    assert line.split()[:2] == ["torch", "broken"]


def test_a_table_of_80_columns(pretend: Path) -> None:
    add(pretend, "torch", "2.99.0", WORKING)
    add(pretend, "torchvision", "0.99.0", "")
    code, out, err = doctor(pretend, COLUMNS="200")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert max(map(len, lines)) <= 80 and lines[0].startswith("audition 0.1.0, Python ")
    assert all(line == line.rstrip() for line in lines)
    assert [line for line in lines if line and line[0] != " "][1:] == [
        "extras",
        "machine",
        "kept in",
        "Nothing is broken.",
    ]


def test_a_cache_that_cannot_be_written(pretend: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    (pretend / "file").write_text("")
    monkeypatch.setenv("AUDITION_CACHE", str(pretend / "file" / "cache"))
    monkeypatch.setattr("audition.doctor.report.torch_sees", dict)
    assert run(["doctor"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert f"Broken: The folder '{pretend / 'file' / 'cache'}' (features) cannot be written to." in out


def test_a_driver_that_torch_does_not_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audition.doctor.report.torch_sees", lambda: {"used": "cpu"})
    monkeypatch.setattr(
        "audition.doctor.report.installed", lambda name: "2.99.0" if name == "torch" else None
    )
    assert not any("NVIDIA" in note for note in examine().notes)
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert any("torch 2.99.0 does not use it" in note for note in examine().notes)


def test_the_machine() -> None:
    assert cores() >= 1 and cpu_name()
    found = memory()
    assert found is None or found > 10**8


def test_json_to_a_file_that_is_there(pretend: Path, capsys: Any) -> None:
    (pretend / "out.json").write_text("mine")
    assert run(["doctor", "--json", str(pretend / "out.json")]) == 2
    assert "exists already" in capsys.readouterr().err
