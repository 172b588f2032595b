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

from audition.errors import InputError

ALL = "OMP_NUM_THREADS"
OWN = {"openblas": "OPENBLAS_NUM_THREADS", "mkl": "MKL_NUM_THREADS"}
"""What says how many threads a numeric library uses: ALL of them, or one alone by a variable of its own."""

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
        self._listens = False

    def call(self, call: Call) -> Any:
        """What a call gives there; raises what it raises there, and BrokenExecutor where the process dies.

        Raises InputError where no process can be started.
        """
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
            if not self._listens:
                _wait_for(pipe, process)
                self._listens = True
            pipe.send_bytes(asked)
            answer = _received(pipe, process)
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
                self._pipe, self._process = _begun()
                self._listens = False
            return self._pipe, self._process

    def _clear(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._process.join()
                self._pipe.close()
                self._process = None


def _begun() -> tuple[Any, BaseProcess]:
    """A new process, and this side's end of its pipe; raises InputError where the machine has no room for it."""
    spawn = get_context("spawn")
    try:
        here, there = spawn.Pipe()
        with there:
            process = spawn.Process(target=serve, args=(there,), name="audition-worker")
            process.start()
    except OSError as error:
        raise InputError(f"No process can be started for the work: {error.strerror or error}.") from error
    return here, process


def _wait_for(pipe: Any, process: BaseProcess) -> None:
    """Waits until a new process listens; raises InputError where it has ended by itself, as the next one would."""
    try:
        _received(pipe, process)
    except (EOFError, OSError):
        process.join(LOOK)
        if not (code := process.exitcode) or code < 0:  # it was killed
            raise
        raise InputError(
            f"A process for the work ended before it began, with exit code {code}; what it printed says why. "
            'A script that uses processes needs: if __name__ == "__main__":'
        ) from None


def _received(pipe: Any, process: BaseProcess) -> bytes:
    """What comes next; raises EOFError or OSError where the process has died."""
    while not pipe.poll(LOOK):
        if not process.is_alive():  # and one that it has started holds its end of the pipe
            raise EOFError
    answer: bytes = pipe.recv_bytes()
    return answer


def serve(pipe: Connection) -> None:
    """What a process does: it says that it listens, then one call after another, until its pipe ends."""
    begin()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=pipe.close)  # or it would not end with this process
    with suppress(EOFError, OSError):
        pipe.send_bytes(b"")
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
        packed = ForkingPickler.dumps((raised, answer))
        if raised:
            pickle.loads(packed)  # some errors go and never arrive
        return packed
    except Exception as error:  # what an object raises that cannot be pickled is its own affair
        why = f"{type(answer).__name__} cannot be sent back by a process ({error})"
        return ForkingPickler.dumps((True, pickle.PicklingError(f"{why}: {answer}" if raised else why)))


def begin() -> None:
    """What a new process does first: one thread, no ear for Ctrl-C, which the parent hears, and an end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_to_one_thread()
    threading.Thread(target=_end_with_parent, name="audition-parent", daemon=True).start()


def _keep_to_one_thread() -> None:
    """One thread for each numeric library of which nothing else is said."""
    from threadpoolctl import threadpool_info, threadpool_limits

    if os.environ.get(ALL):  # which each has heard by itself, or will when it is loaded
        return
    unsaid = {name for name in (ALL, *OWN.values()) if not os.environ.get(name)}
    os.environ |= dict.fromkeys(unsaid, "1")  # for the libraries that are loaded later
    there = {one["prefix"]: OWN.get(one["internal_api"], ALL) for one in threadpool_info()}
    threadpool_limits({prefix: 1 for prefix, name in there.items() if name in unsaid})


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
