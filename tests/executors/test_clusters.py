"""Real clusters of Ray and Dask on this machine; minutes, so only where AUDITION_CLUSTERS=1 asks for them."""

from __future__ import annotations

import os
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from audition.errors import InputError
from audition.executors import DaskCluster, RayCluster


def test_the_names_of_the_engines_are_right(framework: Any) -> None:
    ray, distributed = framework("ray"), framework("distributed")
    from audition.executors.line import LOST

    for name in LOST:
        library, _, kind = name.partition(".")
        assert hasattr({"ray": ray.exceptions, "distributed": distributed}[library], kind), name


def test_a_cluster_that_does_not_answer_is_named(framework: Any) -> None:
    framework("distributed")
    with pytest.raises(InputError, match=r"^No Dask cluster answers at 'tcp://127\.0\.0\.1:9'"):
        DaskCluster("tcp://127.0.0.1:9", patience=0.2)


@pytest.mark.parametrize("address", ["nonsense", "", "tcp://nonsense", "127.0.0.1"])
def test_what_is_no_address_is_refused_at_once(framework: Any, address: str) -> None:
    framework("distributed")
    began = time.monotonic()
    with pytest.raises(
        InputError, match=r"is no address of a Dask cluster: it must be of the form host:port\.$"
    ):
        DaskCluster(address)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:9", r"^No Ray cluster answers at '127\.0\.0\.1:9': .*refused"),
        ("ray://127.0.0.1:9", r"^No Ray cluster answers at 'ray://127\.0\.0\.1:9': .*refused"),
        ("127.0.0.1", r"^'127\.0\.0\.1' is no address of a Ray cluster: it must be of the form host:port\.$"),
        ("", "^'' is no address of a Ray cluster"),
    ],
)
def test_a_ray_cluster_that_does_not_answer_is_named_soon(framework: Any, address: str, said: str) -> None:
    """Ray itself asks for minutes, and hears no Ctrl-C meanwhile."""
    framework("ray")
    began = time.monotonic()
    with pytest.raises(InputError, match=said):
        RayCluster(address)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("banner", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_what_listens_and_is_no_ray_is_refused_at_once(framework: Any, banner: bytes) -> None:
    """Ray itself asks for 20 seconds."""
    framework("ray")
    began = time.monotonic()
    with answering(banner) as port, pytest.raises(InputError) as refused:
        RayCluster(f"127.0.0.1:{port}")
    assert str(refused.value) == (
        f"No Ray cluster answers at '127.0.0.1:{port}': what listens there is something else"
    )
    assert time.monotonic() - began < 4


@contextmanager
def answering(banner: bytes) -> Iterator[int]:
    """A port where a server says the same to everybody, and hangs up."""

    class Server(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1000)
            self.request.sendall(banner)

    with socketserver.TCPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_what_is_sent_to_dask_may_be_large(framework: Any, tmp_path: Path) -> None:
    """Dask itself warns of more than 10 MB; items in memory have no smaller way."""
    framework("distributed")
    assert in_its_own_process(LARGE, tmp_path, quiet=True) == ["12000000"]


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_ray_is_whole_when_an_interrupt_is_heard(framework: Any, tmp_path: Path, number: str) -> None:
    """Or it would crash at the end of the program; and it would put an ear of its own in the place of ours."""
    framework("ray")
    assert in_its_own_process(INTERRUPTED, tmp_path, number) == ["made", "interrupted", "False", "True"]


def test_an_error_in_a_worker_of_ray_is_as_it_was_raised(framework: Any, tmp_path: Path) -> None:
    framework("ray")
    assert in_its_own_process(RAISED, tmp_path) == ["ValueError('what')", "True"]


def test_a_dask_cluster_ranks_as_one_process_does_and_says_when_a_worker_dies(
    framework: Any, tmp_path: Path
) -> None:
    framework("distributed")
    assert in_its_own_process(DASK, tmp_path) == ["True 0", "True"]


@pytest.mark.parametrize("round", range(3))
def test_a_model_that_kills_each_worker_of_dask_costs_its_row(
    framework: Any, tmp_path: Path, round: int
) -> None:
    """Also where a worker dies that holds the answer of another piece, which by Dask's own executor waits for ever."""
    framework("distributed")
    assert in_its_own_process(POISON, tmp_path) == ["[True, False]"]


@pytest.mark.parametrize("gone", ["worker", "scheduler"])
def test_a_dask_cluster_that_is_gone_is_not_waited_for(framework: Any, tmp_path: Path, gone: str) -> None:
    """Its last worker has died and nobody starts it again; or its scheduler is gone."""
    framework("distributed")
    assert in_its_own_process(GONE, tmp_path, gone, quiet=True) == ["True", "True", "True"]


def test_a_ray_cluster_ranks_as_one_process_does_though_a_worker_dies(framework: Any, tmp_path: Path) -> None:
    framework("ray")
    assert in_its_own_process(RAY, tmp_path) == ["True 1", "True"]


def test_a_cluster_that_is_gone_is_not_looked_for(
    framework: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray notes where the last cluster of a machine was, and would wait there for ever."""
    framework("ray")
    with tempfile.TemporaryDirectory(prefix="r") as folder:  # a short name: sockets lie in it
        (Path(folder) / "ray").mkdir()
        (Path(folder) / "ray" / "ray_current_cluster").write_text("192.0.2.2:63978")
        monkeypatch.setenv("RAY_TMPDIR", folder)
        assert in_its_own_process(FRESH, tmp_path) == ["3"]


def test_ray_that_is_in_use_is_used_and_left_in_use(framework: Any, tmp_path: Path) -> None:
    """As in a notebook."""
    framework("ray")
    said = "Ray is in use here already: leave the address '127.0.0.1:9' out to use it, too."
    assert in_its_own_process(IN_USE, tmp_path) == ["3", said, "True", "True"]


STEPS = """
    alone = rank([Network("one", 1), Network("two", 2)], DATA)
    found = rank([Network("one", 1), Deadly("two", 2, folder=sys.argv[1], times=TIMES)], DATA, executor=cluster)
    print("=", [(row.model, dict(row.scores)) for row in found.rows] ==
          [(row.model, dict(row.scores)) for row in alone.rows], len(os.listdir(sys.argv[1])))
    print("=", is_lost(cluster.submit(os._exit, 9)))
"""
DASK = f"""TIMES = 0
import os, sys
from audition import rank
from executors.networks import Deadly, Network, rows_and_labels
DATA = rows_and_labels()
import dask
from distributed import LocalCluster
from audition.executors import DaskCluster
from audition.executors.line import is_lost
if __name__ == "__main__":
  dask.config.set({{"distributed.scheduler.allowed-failures": 0}})
  with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as local:
   with DaskCluster(local.scheduler_address) as cluster:{STEPS}
"""
POISON = """
import os, sys
from audition import rank
from executors.networks import Deadly, Network, rows_and_labels
from distributed import LocalCluster
from audition.executors import DaskCluster
import dask
if __name__ == "__main__":
  dask.config.set({"distributed.scheduler.allowed-failures": 0})
  with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local:
   with DaskCluster(local.scheduler_address) as cluster:
    found = rank([Network("one", 1), Deadly("two", 2, folder=sys.argv[1])], rows_and_labels(), executor=cluster)
    print("=", [row.error is None for row in found.rows])
"""
GONE = """
import json, os, subprocess, sys, time
from pathlib import Path
from audition.executors import DaskCluster
from audition.executors.line import is_lost
FILE = Path(sys.argv[1], "scheduler.json")
def started(module, *words):
    words = [sys.executable, "-m", f"distributed.cli.dask_{module}", "--scheduler-file", FILE, *words]
    return subprocess.Popen(words, stderr=subprocess.DEVNULL)
scheduler = started("scheduler", "--port", "0", "--no-dashboard")
worker = started("worker", "--nthreads", "1", "--no-nanny", "--no-dashboard")
try:
    while not FILE.exists():
        time.sleep(0.1)
    with DaskCluster(json.loads(FILE.read_text())["address"], alone=3) as cluster:
        print("=", cluster.submit(abs, -3).result() == 3)
        begun, waits = (cluster.submit(time.sleep, 60) for _ in range(2))
        (worker if sys.argv[2] == "worker" else scheduler).kill()
        print("=", is_lost(begun))
        print("=", is_lost(waits))
finally:
    scheduler.kill(), worker.kill()
"""
RAY = f"""TIMES = 1
import os, sys, time
from audition import rank
from executors.networks import Deadly, Network, rows_and_labels
DATA = rows_and_labels()
from audition.executors import RayCluster
from audition.executors.line import is_lost
if __name__ == "__main__":
  with RayCluster() as cluster:{STEPS}
    time.sleep(2)  # until Ray would have said what it has to say
"""
LARGE = """
from distributed import LocalCluster
from audition.executors import DaskCluster
if __name__ == "__main__":
  with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as local:
   with DaskCluster(local.scheduler_address) as cluster:
    print("=", cluster.submit(len, bytes(12_000_000)).result())
"""
INTERRUPTED = """
import os, signal, sys
import ray
from audition.executors import RayCluster
core = ray._raylet.CoreWorker
def made_slowly(*given, **options):
    made = core(*given, **options)
    os.kill(os.getpid(), getattr(signal, sys.argv[2]))  # it came meanwhile
    print("=", "made")
    return made
ray._raylet.CoreWorker = made_slowly
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        RayCluster()
    except KeyboardInterrupt:
        print("=", "interrupted")
    print("=", ray.is_initialized())
    print("=", signal.getsignal(signal.SIGTERM) == signal.default_int_handler)
"""
RAISED = """
from audition.executors import RayCluster
def fails():
    raise ValueError("what")
if __name__ == "__main__":
    with RayCluster() as cluster:
        print("=", repr(cluster.submit(fails).exception()))
        waits = cluster.submit(abs, -3)
        print("=", waits.cancel() or waits.done())
"""
IN_USE = """
import time
import ray
from audition.executors import RayCluster
if __name__ == "__main__":
    ray.init(num_cpus=1, log_to_driver=False, logging_level="ERROR")
    with RayCluster() as cluster:
        print("=", cluster.submit(abs, -3).result())
        slow = cluster.submit(time.sleep, 1)
    try:
        RayCluster("127.0.0.1:9")
    except ValueError as error:
        print("=", error)
    print("=", slow.done())
    print("=", ray.is_initialized())
"""


FRESH = """
from audition.executors import RayCluster
if __name__ == "__main__":
    with RayCluster() as cluster:
        print("=", cluster.submit(abs, -3).result())
"""


def in_its_own_process(code: str, folder: Path, *more: str, quiet: bool = False) -> list[str]:
    """What a script prints behind "="; the engines leave threads behind, but print nothing where tables go."""
    script = folder / "script.py"  # their workers want a file
    script.write_text(code, encoding="utf-8")
    (deaths := folder / "deaths").mkdir()
    words, paths = (
        [sys.executable, str(script), str(deaths), *more],
        {"PYTHONPATH": str(Path(__file__).parents[1])},
    )
    done = subprocess.run(words, capture_output=True, text=True, timeout=200, env=os.environ | paths)
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("= ") for line in done.stdout.splitlines()), done.stdout
    assert not (quiet and done.stderr), done.stderr
    return [line.removeprefix("= ") for line in done.stdout.splitlines()]
