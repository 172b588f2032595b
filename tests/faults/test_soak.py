"""Candidates by the dozen, ranked again and again in one process: memory and open files stay where they are.

`python -m benchmarks.faults soak` does so with a thousand.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not count open files so")


def test_memory_and_open_files_stay_where_they_are(framework: Any, capsys: Any) -> None:
    framework("psutil")
    from benchmarks.faults.soak import soak

    assert soak(12, 3, kept=True) == 0, capsys.readouterr().out
