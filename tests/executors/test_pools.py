"""Processes as an executor: they outlive each other's deaths, and nobody waits for what will not come."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest

from audition.errors import InputError, MissingExtraError
from audition.executors import DaskCluster, Line, Look, Processes, RayCluster
from audition.executors.line import AGAIN
from audition.executors.piece import Shard

LONG = 30.0  # seconds that nothing here may take


def test_processes_compute_with_one_thread_and_outlive_a_death() -> None:
    with Processes(1) as executor:
        assert executor.submit(threads).result() == {1}
        with pytest.raises(BrokenExecutor):
            executor.submit(os._exit, 9).result()
        assert executor.submit(abs, -3).result() == 3


def threads() -> set[int]:
    """Of every numeric library in the process that asks."""
    from scipy.linalg import blas
    from threadpoolctl import threadpool_info

    assert np.isfinite(blas.ddot([1.0], [1.0]))
    return {pool["num_threads"] for pool in threadpool_info()}


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({}, 1),
        ({"OMP_NUM_THREADS": ""}, 1),
        ({"OMP_NUM_THREADS": "2"}, 2),
        ({"OMP_NUM_THREADS": "2,4"}, 2),
        ({"OPENBLAS_NUM_THREADS": "2"}, 2),
        ({"MKL_NUM_THREADS": "2"}, 1),
    ],
)
def test_threads_are_as_many_as_each_library_was_told(
    told: dict[str, str], found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with Processes(1) as executor:
        assert executor.submit(blas_threads).result(LONG) == min(found, os.cpu_count() or 1)


def blas_threads() -> int:
    """Of OpenBLAS, that of numpy and that of scipy, in the process that asks."""
    from threadpoolctl import threadpool_info

    threads()
    (number,) = {one["num_threads"] for one in threadpool_info() if one["internal_api"] == "openblas"}
    return int(number)


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "two", None])
def test_a_number_of_workers_is_positive(workers: Any) -> None:
    with pytest.raises(InputError, match="number of workers must be a positive whole number; got"):
        Processes(workers)


def test_a_death_costs_nobody_else_anything(tmp_path: Path) -> None:
    with Processes(2) as executor:
        other = executor.submit(when_there, tmp_path / "go")
        with pytest.raises(BrokenExecutor, match="has died"):
            executor.submit(os._exit, 9).result(LONG)
        (tmp_path / "go").touch()
        assert other.result(LONG) == "there"


def when_there(path: Path) -> str:
    while not path.exists():
        time.sleep(0.01)
    return "there"


def test_a_death_half_way_through_an_answer_is_a_death() -> None:
    with Processes(2) as executor:
        for _ in range(3):
            with pytest.raises(BrokenExecutor, match="has died"):
                executor.submit(die_writing).result(LONG)
        assert executor.submit(abs, -3).result(LONG) == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_death_is_one_though_a_child_lives_on(tmp_path: Path) -> None:
    """It must not hold the pipe of the dead."""
    child = tmp_path / "child"
    try:
        with Processes(1) as executor, pytest.raises(BrokenExecutor, match="has died"):
            executor.submit(die_writing, child).result(LONG)
        assert is_alive(int(child.read_text()))
    finally:
        os.kill(int(child.read_text()), signal.SIGKILL)


def die_writing(child: Path | None = None) -> NoReturn:
    """Says that it will write much, writes little, and is killed."""
    if child is not None:
        if pid := os.fork():
            child.write_text(str(pid))
        else:
            time.sleep(4 * LONG)
            os._exit(0)
    (pipe,) = (found for found in gc.get_objects() if isinstance(found, Connection))
    os.write(pipe.fileno(), (10_000_000).to_bytes(4, "big") + b"half of it")
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_process_that_is_killed_while_it_waits_costs_nothing() -> None:
    with Processes(1) as executor:
        first = executor.submit(os.getpid).result()
        os.kill(first, signal.SIGKILL)
        until(lambda: not workers())  # /proc says so before the last of its threads has ended
        assert executor.submit(os.getpid).result(LONG) != first


def test_all_pieces_come_though_processes_are_killed_while_large_answers_are_on_their_way() -> None:
    def pieces() -> Iterator[tuple[str, Look]]:
        return (("all", Look(Shard("run", place, 1, 40, "rows"))) for place in range(40))

    killed = 0
    with Processes(2) as executor:
        for place, answer in enumerate(Line(executor, large, pieces()).of("all")):
            assert answer[0] == place
            if place in (8, 20):  # fewer deaths than one piece may have
                killed += kill_one()
    assert killed == 2 <= AGAIN


def large(look: Look) -> np.ndarray[Any, Any]:
    return np.full(1_000_000, look.shard.start)


def kill_one() -> int:
    workers()[0].kill()
    return 1


def workers() -> list[Any]:
    return [child for child in multiprocessing.active_children() if child.name == "audition-worker"]


def test_errors_come_back_as_they_were_raised() -> None:
    with Processes(1) as executor:
        with pytest.raises(KeyError, match="what") as caught:
            executor.submit({}.__getitem__, "what").result(LONG)
        assert "raised by another process" in caught.value.__notes__[0]
        with pytest.raises(Exception, match="function cannot be sent back by a process"):
            executor.submit(unsendable).result(LONG)
        with pytest.raises(Exception, match="Local cannot be sent back by a process .*: mine"):
            executor.submit(raising).result(LONG)
        with pytest.raises(Exception, match="Odd cannot be sent back by a process .*: this and that"):
            executor.submit(raising_odd).result(LONG)
        with pytest.raises(Exception, match="[Pp]ickle"):
            executor.submit(lambda: 1).result(LONG)
        assert executor.submit(abs, -3).result(LONG) == 3


def unsendable() -> Callable[[], None]:
    return lambda: None


def raising() -> NoReturn:
    class Local(Exception):
        pass

    raise Local("mine")


class Odd(Exception):
    """Pickled, it cannot be made again."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other}")


def raising_odd() -> NoReturn:
    raise Odd("this", "that")


def test_a_shutdown_waits_for_what_runs_and_ends_the_processes() -> None:
    executor = Processes(1)
    child = executor.submit(os.getpid).result()
    jobs = [executor.submit(time.sleep, 0.2) for _ in range(2)]
    executor.shutdown()
    assert all(job.done() and job.exception() is None for job in jobs)
    assert not is_alive(child)
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(abs, 1)


def test_a_shutdown_that_does_not_wait_ends_the_processes_when_all_is_done() -> None:
    executor = Processes(1)
    child = executor.submit(os.getpid).result()
    job = executor.submit(time.sleep, 0.5)
    executor.shutdown(wait=False)
    assert not job.done()
    assert job.result(LONG) is None
    until(lambda: not is_alive(child))
    executor.shutdown()


def test_what_runs_is_ended_when_an_error_leaves_the_block() -> None:
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Processes(1) as executor:
        executor.submit(abs, 1).result()
        executor.submit(time.sleep, 60)
        raise KeyboardInterrupt
    assert time.monotonic() - began < LONG


@pytest.mark.parametrize("after", [0.0, 0.02, 0.2])
def test_no_process_starts_beside_the_end(after: float) -> None:
    """One has died, and another is about to take its place."""
    executor = Processes(2)
    jobs = [executor.submit(os._exit, 9), *(executor.submit(time.sleep, 60) for _ in range(6))]
    time.sleep(after)
    end = threading.Thread(target=executor.shutdown, kwargs={"cancel_futures": True})
    end.start()
    end.join(LONG)
    assert not end.is_alive()
    assert all(job.done() for job in jobs)
    assert workers() == []


def test_what_was_shut_down_is_forgotten() -> None:
    """At the end of the program nothing is left to do."""
    with Processes(1) as executor:
        to_do = weakref.ref(executor._at_exit)
    del executor
    gc.collect()
    assert to_do() is None


def test_a_machine_without_room_for_a_process_is_said() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Processes(1) as executor:
        executor.submit(abs, -3).result(LONG)
        with pytest.raises(BrokenExecutor):
            executor.submit(os._exit, 9).result(LONG)
        resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free_handle() + 1, hard))
        try:
            with pytest.raises(InputError, match=r"^No process can be started for the work: .*open files\.$"):
                executor.submit(abs, -3).result(LONG)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert executor.submit(abs, -3).result(LONG) == 3


def lowest_free_handle() -> int:
    with open(os.devnull) as file:
        return file.fileno()


UNGUARDED = """
from audition import rank
from audition.errors import InputError
from audition.executors import Processes
from executors.networks import Network, rows_and_labels
with Processes(1) as executor:
    try:
        rank([Network("one"), Network("two")], rows_and_labels(), executor=executor)
    except InputError as error:
        print(error)
"""


def test_a_script_that_each_process_would_run_again_is_told_so(tmp_path: Path) -> None:
    """And not that networks take too much memory."""
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    paths = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=LONG, env=paths
    )
    assert done.stdout == (
        "A process for the work ended before it began, with exit code 1; what it printed says why. "
        'A script that uses processes needs: if __name__ == "__main__":\n'
    )
    assert "bootstrapping phase" in done.stderr


def test_a_process_that_is_killed_before_it_listens_costs_its_piece() -> None:
    with Processes(1) as executor:
        job = executor.submit(abs, -3)
        until(lambda: len(workers()) == 1)
        workers()[0].kill()
        with pytest.raises(BrokenExecutor, match="has died"):
            job.result(LONG)
        assert executor.submit(abs, -3).result(LONG) == 3


FORGETS = """
from audition.executors import Processes
if __name__ == "__main__":
    executor = Processes(2)
    print(executor.submit(abs, -3).result())
"""
WAITS = """
import os, time
from audition.executors import Processes
if __name__ == "__main__":
    executor = Processes(1)
    print(executor.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""
INTERRUPTED = """
import time
from audition.executors import Processes
if __name__ == "__main__":
    try:
        with Processes(2) as executor:
            jobs = [executor.submit(time.sleep, 60) for _ in range(2)]
            print("begun", flush=True)
            time.sleep(60)
    except KeyboardInterrupt:
        print("ended")
"""


def test_a_program_ends_that_never_shuts_them_down() -> None:
    done = subprocess.run([sys.executable, "-c", FORGETS], capture_output=True, text=True, timeout=LONG)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


@pytest.mark.parametrize("after", [0.0, 0.3])
def test_processes_that_have_hardly_begun_say_nothing_of_ctrl_c(after: float) -> None:
    """A terminal interrupts them, too."""
    words, pipe = [sys.executable, "-c", INTERRUPTED], subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == "begun\n"
        time.sleep(after)
        os.killpg(parent.pid, signal.SIGINT)
        assert parent.communicate(timeout=LONG) == ("ended\n", "")


def test_processes_end_with_the_one_that_began_them() -> None:
    """Killed, it cannot tell them."""
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    until(lambda: not is_alive(child))


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


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
