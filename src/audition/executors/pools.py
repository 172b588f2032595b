"""Processes of this machine as an executor, of whom one that dies costs what it was at and nothing else."""

from __future__ import annotations

import atexit
import signal
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from multiprocessing import resource_tracker
from queue import LifoQueue
from typing import Any, ParamSpec, TypeVar

from audition.errors import InputError
from audition.executors.process import Process

P = ParamSpec("P")
T = TypeVar("T")


class Processes(Executor):
    """So many processes of this machine; what one was at that dies raises BrokenExecutor, and another takes its place.

    They are started afresh ("spawn"), so that a script that uses them needs `if __name__ == "__main__":`. Each
    computes with one thread, unless OMP_NUM_THREADS and its kind say otherwise. Raises InputError for no number.
    """

    def __init__(self, workers: int) -> None:
        if type(workers) is not int or workers < 1:
            raise InputError(f"The number of workers must be a positive whole number; got {workers!r}.")
        self._max_workers = workers
        self._processes = tuple(Process() for _ in range(workers))
        self._idle: LifoQueue[Process] = LifoQueue()  # one that is started already comes first
        for process in self._processes:
            self._idle.put(process)
        self._threads = ThreadPoolExecutor(workers, "audition-process", initializer=_deaf)
        self._at_exit = partial(_left, weakref.ref(self))
        atexit.register(self._at_exit)  # before those are joined that still wait for work

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The answer of a call in one of the processes, when it is there; raises RuntimeError after a shutdown."""
        return self._threads.submit(self._called, call, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Ends the processes when all is done; where what runs is not wanted any more, at once."""
        self._threads.shutdown(wait=False, cancel_futures=cancel_futures)
        if cancel_futures:
            for process in self._processes:
                process.kill()
        if wait:
            self._end()
        else:
            threading.Thread(target=self._end, name="audition-end", daemon=True).start()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.shutdown(cancel_futures=kind is not None)

    def _called(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        process = self._idle.get()  # there is one for each thread
        try:
            answer: T = process.call((call, args, kwargs))
            return answer
        finally:
            self._idle.put(process)

    def _end(self) -> None:
        self._threads.shutdown(wait=True)
        for process in self._processes:
            process.leave()
        for process in self._processes:
            process.join()
        atexit.unregister(self._at_exit)


def _left(found: weakref.ref[Processes]) -> None:
    """What nobody has shut down is ended with this process."""
    if (executor := found()) is not None:
        executor.shutdown()


def _deaf() -> None:
    """A thread that leaves Ctrl-C to others, and so do the processes that it starts, from their first moment on."""
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # which would lend them an ear again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
