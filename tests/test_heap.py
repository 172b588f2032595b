"""Memory that is kept for the next batch: counted in page faults, in a process of its own."""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
from typing import Any

import pytest

from audition import heap

COMMON = """
import resource, threading
from audition.heap import keep_memory, kept_memory

BLOCK = 24 * 2**20

def faults(times=8):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(times):
        b"x" * BLOCK
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

def resident():
    with open("/proc/self/statm") as sizes:
        return int(sizes.read().split()[1]) * resource.getpagesize()

pages = BLOCK // resource.getpagesize()
"""

glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")


def run(script: str, **environment: str) -> list[int]:
    """The numbers that a script prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", COMMON + script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(number) for number in done.stdout.split()]


@glibc
def test_a_block_that_was_freed_is_used_again_while_memory_is_kept() -> None:
    # As workers of Dask are started: what is freed goes back at once.
    before, first, kept, pages = run(
        "print(faults())\nwith kept_memory(): print(faults(1), faults())\nprint(pages)",
        MALLOC_TRIM_THRESHOLD_="65536",
    )
    assert before > 4 * pages
    assert first > pages // 2
    assert kept < pages // 10


@glibc
def test_what_was_kept_goes_back_at_the_end() -> None:
    script = """
before = resident()
with kept_memory():
    faults()
    print(resident() - before)
print(resident() - before)
"""
    kept, after = run(script)
    assert kept > 20 * 2**20
    assert after < 4 * 2**20


@glibc
def test_an_inner_end_gives_nothing_back() -> None:
    script = """
with kept_memory():
    faults()
    with kept_memory():
        faults()
    print(faults(), pages)
"""
    again, pages = run(script)
    assert again < pages // 10


@glibc
def test_a_worker_keeps_what_it_frees_for_good() -> None:
    first, again, pages = run("keep_memory()\nprint(faults(1), faults(), pages)")
    assert first > pages // 2
    assert again < pages // 10


@glibc
def test_it_decorates_a_function() -> None:
    again, pages = run("@kept_memory()\ndef run():\n    faults(1)\n    return faults()\nprint(run(), pages)")
    assert again < pages // 10


def test_large_pages_are_asked_for_unless_the_user_has_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_ask", lambda how: None)
    for said, expected in ((None, "1"), ("0", "0")):
        monkeypatch.delenv(heap.HUGE_PAGES, raising=False)
        if said is not None:
            monkeypatch.setenv(heap.HUGE_PAGES, said)
        heap.keep_memory.__wrapped__()
        assert os.environ[heap.HUGE_PAGES] == expected


@pytest.mark.parametrize("error", [TypeError, OSError, AttributeError])
def test_without_glibc_nothing_happens(error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: Any) -> None:
        raise error

    heap._from_glibc.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", missing)
    with heap.kept_memory():
        pass
    heap._from_glibc.cache_clear()
