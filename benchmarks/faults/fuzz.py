"""Every reader of the suite on as many inputs as are asked for, and a table of what came of them."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
import warnings
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from faults.judge import CLEAR, fuzzed, judged, status
from faults.readers import READERS, Reader
from hypothesis import given, settings

from benchmarks.machine import machine_line


def fuzz(only: str) -> int:
    """Prints a line a reader; 1 where one of them failed."""
    print(
        f"{machine_line()}\n\n{'reader':24} {'inputs':>7} {'read':>6} {'refused':>8} {'slowest':>9} {'memory':>9}"
    )
    failed = 0
    for reader in READERS:
        if only in reader.name:
            missing = [name for name in reader.needs if find_spec(name) is None]
            line, broke = (f"not installed: {', '.join(missing)}", False) if missing else tried(reader)
            print(f"{reader.name:24} {line}", flush=True)
            failed += broke
    return int(failed > 0)


def tried(reader: Reader) -> tuple[str, bool]:
    """What a reader made of its inputs, in words, and whether one broke it."""
    said: Counter[str] = Counter()
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        path = Path(folder, f"input{reader.suffix}")

        @settings(fuzzed, derandomize=True, deadline=None)
        @given(reader.inputs())
        def read(content: bytes) -> None:
            nonlocal slowest
            path.write_bytes(content)
            began = time.process_time()
            said[judged(lambda: reader.read(path))] += 1
            slowest = (
                max(slowest, time.process_time() - began) if said.total() > 1 else 0.0
            )  # the first imports

        before = started()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            return f"{said.total():7} broke it: {type(error).__name__}: {str(error)[:200]!r}", True
    memory = f"{max(0, status('VmHWM') - before) / 2**20:5.0f} MiB" if before else "not known"
    return f"{said.total():7} {said['read']:6} {said['refused']:8} {1e3 * slowest:6.0f} ms {memory:>9}", False


def started() -> int:
    """The memory in use now, from which the peak begins anew; 0 where the system does not say."""
    if not CLEAR.exists() or not os.access(CLEAR, os.W_OK):
        return 0
    CLEAR.write_text("5")
    return status("VmRSS")
