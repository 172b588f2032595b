"""The list of what may go wrong (README.md beside this file) names tests that exist, and every one of this folder."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall((HERE / "README.md").read_text(encoding="utf-8"))
    assert len(named) > 40
    for path, test in named:
        assert f"def {test}(" in (HERE.parent / path).read_text(encoding="utf-8"), f"{path}::{test}"


def test_every_file_of_tests_here_is_named() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in HERE.glob("test_*.py")} - {Path(__file__).name}
    assert [name for name in sorted(files) if f"faults/{name}::" not in text] == []
