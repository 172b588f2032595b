"""A Ray cluster as an executor."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from audition.errors import InputError, MissingExtraError
from audition.executors.address import place_of, scheme_of
from audition.executors.interrupts import held_back

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 5.0  # seconds for a cluster to take a connection
LOOKED_UP = ("auto", "local")  # what Ray finds or starts by itself
HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""What a client of HTTP/2 says first, as those of Ray are: a greeting, and settings that change nothing."""
SETTINGS = 4  # the kind of the frame with which a server answers it, in its fourth byte of nine


class RayCluster(Executor):
    """The workers of the Ray cluster at an address: "host:port", "ray://host:port", or "auto" for one that runs here.

    Without an address, of the one that `ray.init` was called for, which goes on afterwards, or else of one that is
    started on this machine. Ctrl-C meanwhile is heard when Ray is ready, a second one at once.
    Raises MissingExtraError without Ray, InputError where no cluster answers.
    """

    def __init__(self, address: str | None = None) -> None:
        try:
            ray: Any = import_module("ray")
        except ImportError as error:
            raise MissingExtraError("Ray", "ray") from error
        self._ray, self._own = ray, not ray.is_initialized()
        if self._own:
            _connect(ray, address)
        elif address is not None:
            raise InputError(f"Ray is in use here already: leave the address {address!r} out to use it, too.")
        self._call: Any = ray.remote(max_retries=0)(_called)
        self._open = set[Future[Any]]()
        self._max_workers = int(ray.cluster_resources().get("CPU", 1))

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The answer of a call in one of the workers, when it is there."""
        answer: Future[T] = Future()
        self._open.add(answer)
        answer.add_done_callback(self._open.discard)
        asked: Future[T] = self._call.remote(call, *args, **kwargs).future()
        asked.add_done_callback(partial(_hand_over, answer))
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster, and ends it where it was started here; what is not done is waited for, or not wanted."""
        if wait and not cancel_futures:
            futures.wait(list(self._open))
        for answer in list(self._open):
            answer.cancel()
        if self._own:
            _leave(self._ray)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.shutdown(cancel_futures=kind is not None)


def _connect(ray: Any, address: str | None) -> None:
    """Makes Ray ready; raises InputError where it cannot be, and at once where nothing listens."""
    asked = address if address is not None else os.environ.get("RAY_ADDRESS") or "local"
    try:
        if asked not in LOOKED_UP and scheme_of(asked) in ("", "ray"):  # Ray itself would ask for minutes
            _greet(*place_of(asked, "Ray"))
        _notices(False)
        # Stopped before it is ready, Ray would crash at the end of the program.
        with held_back(), _ears():
            ray.init(address=asked, log_to_driver=False, logging_level=logging.ERROR)
    except BaseException as error:  # of kinds of many libraries
        _leave(ray)
        if isinstance(error, InputError) or not isinstance(error, Exception):
            raise
        raise InputError(f"No Ray cluster answers at {asked!r}: {error}") from error


def _leave(ray: Any) -> None:
    with held_back():
        if ray.is_initialized():
            ray.shutdown()
        _notices(True)


@contextmanager
def _ears() -> Iterator[None]:
    """Keeps Ray from an ear of its own for SIGTERM, for which, too, it has no option."""
    utils: Any = import_module("ray._private.utils")
    before = utils.set_sigterm_handler
    utils.set_sigterm_handler = lambda _ear: None
    try:
        yield
    finally:
        utils.set_sigterm_handler = before


def _greet(host: str, port: int) -> None:
    """Raises OSError where nothing answers that could be Ray."""
    with socket.create_connection((host, port), timeout=PATIENCE) as line:
        if os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true"):
            return  # it would take a certificate to ask
        line.sendall(HELLO)
        with line.makefile("rb") as answer:
            if answer.read(9)[3:4] != bytes((SETTINGS,)):
                raise OSError("what listens there is something else")


def _hand_over(answer: Future[Any], asked: Future[Any]) -> None:
    """Gives an answer what came of a call; an error as it was raised there, without the lines that Ray adds."""
    with suppress(InvalidStateError):  # it was taken back in the meantime
        if (error := asked.exception()) is None:
            answer.set_result(asked.result())
        else:
            answer.set_exception(getattr(error, "cause", None) or error)


def _notices(shown: bool) -> None:
    """Whether Ray may write to standard output, where tables go and JSON.

    It says there, in colours, that a worker has died, which rankings say themselves; it has no option for it, and a
    switch that its debugger uses.
    """
    worker: Any = import_module("ray._private.worker")
    worker._worker_logs_enabled = shown


def _called(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return call(*args, **kwargs)
