"""Every reader on inputs that were made to break it: a result or one sentence, in bounded time and memory.

AUDITION_FUZZ says how many inputs each is tried on; 500 where it says nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from faults.judge import fuzzed, in_memory, judged
from faults.readers import READERS, Reader
from hypothesis import given, settings


@pytest.fixture(params=READERS, ids=lambda reader: reader.name)
def reader(
    request: pytest.FixtureRequest,
    framework: Callable[[str], ModuleType],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Reader:
    """Each reader whose libraries are there, in a folder of its own."""
    for name in request.param.needs:
        framework(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        os, "fsync", lambda file: None
    )  # a power cut is not what is tried, and a disk is slow
    return request.param


def test_what_is_whole_is_read(reader: Reader) -> None:
    """What is spoilt below was right before. Names of networks that are nowhere are refused, one is not."""
    found = set(whole(reader))
    assert found == {"read"} or (reader.name == "model names" and "read" in found)


def whole(reader: Reader) -> list[str]:
    """What a reader makes of contents with nothing wrong."""
    path, found = Path(f"input{reader.suffix}").absolute(), []
    for content in reader.whole():
        path.write_bytes(content)
        found.append(judged(lambda: reader.read(path)))
    return found


def test_a_reader(reader: Reader) -> None:
    path = Path(f"input{reader.suffix}").absolute()

    @settings(fuzzed)
    @given(reader.inputs())
    def read(content: bytes) -> None:
        path.write_bytes(content)
        judged(lambda: reader.read(path))

    whole(reader)  # what it imports is not counted below
    with in_memory():
        read()
