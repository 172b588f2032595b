"""Executors to hand work to: processes of this machine, a Ray cluster."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context, parent_process
from typing import Any, ParamSpec, TypeVar

from audition.errors import InputError, MissingExtraError

P = ParamSpec("P")
T = TypeVar("T")

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What says how many threads a numeric library uses; a worker uses one where nothing else is said."""


class Processes(Executor):
    """So many processes of this machine; where one dies, the next piece finds new ones.

    They are started afresh ("spawn"), so that a script that uses them needs `if __name__ == "__main__":`. Each
    computes with one thread, unless OMP_NUM_THREADS and its kind say otherwise. Raises InputError for no number.
    """

    def __init__(self, workers: int) -> None:
        if type(workers) is not int or workers < 1:
            raise InputError(f"The number of workers must be a positive whole number; got {workers!r}.")
        self._max_workers = workers
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._max_workers, get_context("spawn"), initializer=begin)

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The answer of a call in one of the processes, when it is there."""
        try:
            return self._pool.submit(call, *args, **kwargs)
        except (BrokenExecutor, OSError):  # a pool that breaks just now cannot start its processes
            self._pool.shutdown(wait=False)
            self._pool = self._started()
            return self._pool.submit(call, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the processes; where what runs is not wanted any more, at once."""
        processes = list((getattr(self._pool, "_processes", None) or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=cancel_futures)
        if cancel_futures:
            for process in processes:
                process.terminate()
        self._pool.shutdown(wait=wait)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.shutdown(cancel_futures=kind is not None)


def begin() -> None:
    """What a new process does first: one thread, no ear for Ctrl-C, which the parent hears, and an end with it."""
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in THREADS:  # for the libraries that are loaded later
        os.environ.setdefault(name, "1")
    threadpool_limits(int(os.environ[THREADS[0]]))  # and for those that are there
    threading.Thread(target=_end_with_parent, name="audition-parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class RayCluster(Executor):
    """The workers of a Ray cluster; without an address, of one that is started on this machine.

    Raises MissingExtraError without Ray, InputError where no cluster answers.
    """

    def __init__(self, address: str | None = None) -> None:
        try:
            ray: Any = import_module("ray")
        except ImportError as error:
            raise MissingExtraError("Ray", "ray") from error
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as error:  # it raises kinds of many libraries
            raise InputError(f"No Ray cluster answers at {address!r}: {error}") from error
        self._ray = ray
        self._call: Any = ray.remote(max_retries=0)(_called)
        self._max_workers = int(ray.cluster_resources().get("CPU", 1))

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The answer of a call in one of the workers, when it is there."""
        answer: Future[T] = self._call.remote(call, *args, **kwargs).future()
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster, and ends it where it was started here."""
        self._ray.shutdown()


def _called(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return call(*args, **kwargs)
