"""A Dask cluster as an executor that never waits for workers that are gone."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import BrokenExecutor, Executor, Future, InvalidStateError
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from audition.errors import InputError, MissingExtraError
from audition.executors.address import place_of, scheme_of

P = ParamSpec("P")
T = TypeVar("T")

PATIENCE = 10.0
ALONE = 60.0
LOOK = 1.0  # seconds between two looks at who is there
LOGS = ("distributed.client", "distributed.batched")
"""Who tell of a scheduler or a worker that is lost."""
LARGE = "distributed.admin.large-graph-warning-threshold"
"""From where on Dask warns of what is sent: of items in memory there is no smaller way."""
PLACES = ("", "tcp", "tls", "ws", "wss")  # schemes whose addresses are a host and a port


class DaskCluster(Executor):
    """The workers of a Dask cluster, by the address of its scheduler. patience: seconds to wait for it.

    alone: seconds that work waits where there were workers and none is left; it is lost then, as it is with a worker
    that dies. A cluster that has yet to find its first worker is waited for. Raises MissingExtraError without Dask,
    InputError where no cluster answers.
    """

    def __init__(self, address: str, *, patience: float = PATIENCE, alone: float = ALONE) -> None:
        try:
            library: Any = import_module("distributed")
        except ImportError as error:
            raise MissingExtraError("Dask", "dask") from error
        if scheme_of(address) in PLACES:
            place_of(address, "Dask")
        try:
            self._client = library.Client(address, set_as_default=False, timeout=patience)
        except (OSError, ValueError, ImportError) as error:
            raise InputError(f"No Dask cluster answers at {address!r}: {error}") from error
        threads = self._workers()
        self._max_workers, self._seen = max(1, threads), threads > 0
        self._of_any_size = partial(import_module("dask").config.set, {LARGE: 2**60})
        self._alone, self._open, self._closed = alone, set[Future[Any]](), threading.Event()
        for name in LOGS:
            logging.getLogger(name).addFilter(self._is_told)
        threading.Thread(target=self._watch, name="audition-dask", daemon=True).start()

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The answer of a call in a worker, when it is there; raises RuntimeError where the cluster is gone."""
        try:
            with self._of_any_size():
                asked = self._client.submit(partial(call, *args, **kwargs), pure=False)
        except Exception as error:  # of kinds of its own, once it has lost the scheduler
            raise RuntimeError(f"the Dask cluster takes nothing more: {error}".rstrip(".")) from error
        answer: Future[T] = Future()
        self._open.add(answer)
        answer.add_done_callback(partial(self._ended, asked))
        asked.add_done_callback(partial(_hand_over, answer))
        return answer

    def _ended(self, asked: Any, answer: Future[Any]) -> None:
        self._open.discard(answer)
        if asked.done():
            self._seen = True  # somebody has done it
        else:  # nobody waits for it any more
            with suppress(Exception):  # of a client that is closed, or has lost its scheduler
                asked.cancel()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leaves the cluster, which goes on; what is not done is waited for, or taken back."""
        if wait and not cancel_futures:
            futures.wait(list(self._open))
        for answer in list(self._open):
            answer.cancel()
        self._closed.set()
        self._client.close()
        for name in LOGS:
            logging.getLogger(name).removeFilter(self._is_told)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.shutdown(cancel_futures=kind is not None)

    def _is_told(self, _record: logging.LogRecord) -> bool:
        return False  # what they tell, the answers say, too

    def _watch(self) -> None:
        """Gives up what is open once no worker has been there for long."""
        without = 0.0
        while not self._closed.wait(LOOK):
            there = self._workers() > 0
            self._seen |= there
            without = 0.0 if there else without + LOOK
            if self._seen and without >= self._alone:
                for answer in list(self._open):
                    _hand_over(answer, None)

    def _workers(self) -> int:
        """How many threads the workers have that are there; 0 where the scheduler does not answer either."""
        try:
            return sum(self._client.nthreads().values())
        except Exception:  # of many kinds, and none of them an answer
            return 0


def _hand_over(answer: Future[Any], asked: Any | None) -> None:
    """Gives an answer what came of what was asked for; where nobody is left to ask, that.

    Dask's own executor leaves an answer open for ever whose worker dies between its end and its way here.
    """
    try:
        if asked is None:
            raise BrokenExecutor("no worker of the Dask cluster is left")
        result = asked.result()
    except BaseException as error:
        if asked is not None and asked.status != "error":  # not of the call, but of the way here
            error = BrokenExecutor(f"the Dask cluster has lost it: {error}")
        with suppress(InvalidStateError):  # it was taken back in the meantime
            answer.set_exception(error)
    else:
        with suppress(InvalidStateError):
            answer.set_result(result)
