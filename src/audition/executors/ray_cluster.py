"""A Ray cluster as an executor."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Executor, Future
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from audition.errors import InputError, MissingExtraError
from audition.executors.address import place_of, scheme_of

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 5.0  # seconds for a cluster to take a connection
LOOKED_UP = ("auto", "local")  # what Ray finds or starts by itself


class RayCluster(Executor):
    """The workers of the Ray cluster at an address: "host:port", "ray://host:port", or "auto" for one that runs here.

    Without an address, of the one that `ray.init` was called for, which goes on afterwards, or else of one that is
    started on this machine. Raises MissingExtraError without Ray, InputError where no cluster answers.
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
        answer: Future[T] = self._call.remote(call, *args, **kwargs).future()
        self._open.add(answer)
        answer.add_done_callback(self._open.discard)
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster, and ends it where it was started here; what is not done is waited for, or not wanted."""
        if wait and not cancel_futures:
            futures.wait(list(self._open))
        for answer in list(self._open):
            answer.cancel()
        if self._own and self._ray.is_initialized():
            self._ray.shutdown()
            _notices(True)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.shutdown(cancel_futures=kind is not None)


def _connect(ray: Any, address: str | None) -> None:
    """Makes Ray ready; raises InputError where it cannot be, and at once where nothing listens."""
    asked = address if address is not None else os.environ.get("RAY_ADDRESS") or "local"
    try:
        if asked not in LOOKED_UP and scheme_of(asked) in ("", "ray"):  # Ray itself would ask for minutes
            socket.create_connection(place_of(asked, "Ray"), timeout=PATIENCE).close()
        _notices(False)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except BaseException as error:  # of kinds of many libraries
        _notices(True)
        if isinstance(error, InputError) or not isinstance(error, Exception):
            raise
        raise InputError(f"No Ray cluster answers at {asked!r}: {error}") from error


def _notices(shown: bool) -> None:
    """Whether Ray may write to standard output, where tables go and JSON.

    It says there, in colours, that a worker has died, which rankings say themselves; it has no option for it, and a
    switch that its debugger uses.
    """
    worker: Any = import_module("ray._private.worker")
    worker._worker_logs_enabled = shown


def _called(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return call(*args, **kwargs)
