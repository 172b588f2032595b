"""A process of this machine that does one call after another, and of which is known at once when it has died."""

from __future__ import annotations

import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What says how many threads a numeric library uses; a worker uses one where nothing else is said."""

LOOK = 1.0  # seconds between two looks at a process that has not answered
PATIENCE = 10.0  # seconds that a process has to end by itself

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Process:
    """A process that starts when it is first called, and afresh where it has died. One thread at a time calls it.

    Its pipe is its own, and the end that it writes to is held by nobody else: whenever it dies, also half-way
    through an answer, the pipe ends, so that nobody waits for the rest and no other process is touched.
    """

    def __init__(self) -> None:
        self._lock, self._over = threading.Lock(), False
        self._process: BaseProcess | None = None
        self._pipe: Any = None

    def call(self, call: Call) -> Any:
        """What a call gives there; raises what it raises there, and BrokenExecutor where the process dies."""
        raised, answer = pickle.loads(self._answer(ForkingPickler.dumps(call)))
        if raised:
            raise answer
        return answer

    def kill(self) -> None:
        """Ends the process whatever it does, for good; from any thread."""
        with self._lock:
            self._over = True
            if self._process is not None:
                self._process.kill()

    def leave(self) -> None:
        """Nothing more will come: it ends when it has done what it does."""
        with self._lock:
            self._over = True
            if self._pipe is not None:
                self._pipe.close()

    def join(self) -> None:
        """Waits until a process that was left has ended; not for long."""
        if self._process is not None:
            self._process.join(PATIENCE)
            self._process.kill()
            self._process.join()

    def _answer(self, asked: Any) -> bytes:
        try:
            pipe, process = self._started()
            pipe.send_bytes(asked)
            while not pipe.poll(LOOK):
                if not process.is_alive():  # and one that it has started holds its end of the pipe
                    raise EOFError
            answer: bytes = pipe.recv_bytes()
        except BaseException as error:
            self._clear()  # what has stopped half-way cannot be gone on with
            if isinstance(error, (EOFError, OSError)):
                raise BrokenExecutor("a process that was at work has died") from error
            raise
        return answer

    def _started(self) -> tuple[Any, BaseProcess]:
        """The process, alive, and this side's end of its pipe."""
        with self._lock:
            if self._over:
                raise BrokenExecutor("the processes were ended")
            if self._process is None or not self._process.is_alive():
                spawn = get_context("spawn")
                here, there = spawn.Pipe()
                process = spawn.Process(target=serve, args=(there,), name="audition-worker")
                process.start()
                there.close()
                self._process, self._pipe = process, here
            return self._pipe, self._process

    def _clear(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.join()
                self._pipe.close()
                self._process = None


def serve(pipe: Connection) -> None:
    """What a process does: one call after another, until its pipe ends."""
    begin()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=pipe.close)  # or it would not end with this process
    with suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(_done(pipe.recv_bytes()))


def _done(asked: bytes) -> Any:
    """Whether a call has raised, and what, or what it gave, packed."""
    try:
        call, args, kwargs = pickle.loads(asked)
        del asked
        return _packed(False, call(*args, **kwargs))
    except BaseException as error:
        error.add_note("It was raised by another process:\n" + traceback.format_exc())
        return _packed(True, error)


def _packed(raised: bool, answer: Any) -> Any:
    try:
        return ForkingPickler.dumps((raised, answer))
    except Exception as error:  # what an object raises that cannot be pickled is its own affair
        why = f"{type(answer).__name__} cannot be sent back by a process ({error})"
        return ForkingPickler.dumps((True, pickle.PicklingError(f"{why}: {answer}" if raised else why)))


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
