"""Every reader on inputs that were made to break it: a result or one sentence, in bounded time and memory.

AUDITION_FUZZ says how many inputs each is tried on; 60 in the suite, 500 before a release.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from faults.judge import fuzzed, in_memory, judged
from faults.readers import READERS, Reader
from hypothesis import given, settings


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_reader(
    reader: Reader, framework: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in reader.needs:
        framework(name)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"input{reader.suffix}"

    @settings(fuzzed, max_examples=reader.examples)
    @given(reader.inputs())
    def read(content: bytes) -> None:
        path.write_bytes(content)
        judged(lambda: reader.read(path))

    with in_memory():
        read()
