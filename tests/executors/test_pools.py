"""Processes, Ray and Dask as executors: each does the same work, and outlives a worker that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor
from typing import Any

import pytest

from audition.errors import InputError, MissingExtraError
from audition.executors import DaskCluster, Processes, RayCluster


def test_processes_compute_with_one_thread_and_outlive_a_death() -> None:
    with Processes(1) as executor:
        assert executor.submit(threads).result() == {1}
        with pytest.raises(BrokenExecutor):
            executor.submit(os._exit, 9).result()
        assert executor.submit(abs, -3).result() == 3


def threads() -> set[int]:
    """Of every numeric library in the process that asks."""
    import numpy as np
    from scipy.linalg import blas
    from threadpoolctl import threadpool_info

    assert np.isfinite(blas.ddot([1.0], [1.0]))
    return {pool["num_threads"] for pool in threadpool_info()}


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "two", None])
def test_a_number_of_workers_is_positive(workers: Any) -> None:
    with pytest.raises(InputError, match="number of workers must be a positive whole number; got"):
        Processes(workers)


def test_what_runs_is_ended_when_an_error_leaves_the_block() -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Processes(1) as executor:
        executor.submit(abs, 1).result()
        executor.submit(time.sleep, 60)
        raise KeyboardInterrupt
    assert time.monotonic() - began < 30


def test_processes_end_with_the_one_that_began_them() -> None:
    """Killed, it cannot tell them."""
    code = (
        "import os, time; from audition.executors import Processes\n"
        "if __name__ == '__main__':\n"
        "    executor = Processes(1); print(executor.submit(os.getpid).result(), flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 20
    while is_alive(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_alive(child)


def is_alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("make", "library", "extra"),
    [(RayCluster, "ray", "ray"), (lambda: DaskCluster("tcp://nowhere:1"), "distributed", "dask")],
)
def test_an_engine_that_is_not_installed_is_named(
    make: Any, library: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=rf"pip install 'audition\[{extra}\]'"):
        make()
