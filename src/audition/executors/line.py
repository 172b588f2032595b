"""Pieces on their way: sent ahead of their turn, given back in order, sent again where a worker died."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from audition.errors import InputError, ModelError
from audition.executors.piece import Shard

T = TypeVar("T")

AGAIN = 2  # times that a piece is sent again whose worker died
AHEAD = 2  # pieces on their way for each worker: one that runs, and one that waits
WORKERS = 16  # where an executor does not say how many it has

LOST = {
    "distributed.KilledWorker", "ray.WorkerCrashedError", "ray.NodeDiedError", "ray.LocalRayletDiedError",
    "ray.OutOfMemoryError", "ray.ObjectLostError", "ray.RayActorError",
}  # fmt: skip
"""What the engines say where a worker is gone: the library, and the name of the error or of a parent of it."""


class Work(Protocol):
    """What can be sent: it is about a shard."""

    @property
    def shard(self) -> Shard: ...


W = TypeVar("W", bound=Work)


@dataclass(frozen=True, eq=False)
class _Sent(Generic[W, T]):
    owner: str
    piece: W
    future: Future[T]


class Line(Generic[W, T]):
    """Pieces of several owners, one owner's after another's, on their way through an executor.

    call: what a worker does with a piece; it must be found by its name there. pieces: (owner, piece) in order, made
    as they are sent. No more are sent than `AHEAD` for each worker, so that what waits for its turn takes little
    memory. The order in which they end has no part in what comes back.
    """

    def __init__(self, executor: Executor, call: Callable[[W], T], pieces: Iterator[tuple[str, W]]) -> None:
        self._executor, self._call, self._pieces = executor, call, pieces
        self._ahead = AHEAD * workers_of(executor)
        self._waiting: deque[_Sent[W, T]] = deque()
        self._given_up: set[str] = set()

    def of(self, owner: str) -> Iterator[T]:
        """What came of the pieces of an owner, in order; raises ModelError where a worker died each time."""
        self._fill()
        while self._waiting and self._waiting[0].owner == owner:
            first = self._waiting.popleft()
            done = self._result(first)
            self._fill()
            yield done

    def give_up(self, owner: str) -> None:
        """The rest of an owner's pieces is not wanted any more."""
        self._given_up.add(owner)
        for sent in self._waiting:
            if sent.owner == owner:
                sent.future.cancel()
        self._waiting = deque(sent for sent in self._waiting if sent.owner != owner)

    def close(self) -> None:
        """Takes back what has not begun."""
        for sent in self._waiting:
            sent.future.cancel()
        self._waiting.clear()

    def _fill(self) -> None:
        """Sends pieces up to the number that may be on their way; none beside one whose worker died.

        A pool of processes breaks as a whole: what was on its way with the culprit is sent again one by one.
        """
        if any(sent.future.done() and is_lost(sent.future) for sent in self._waiting):
            return
        while len(self._waiting) < self._ahead:
            found = next(self._pieces, None)
            if found is None:
                return
            owner, piece = found
            if owner not in self._given_up:
                self._waiting.append(_Sent(owner, piece, self._submit(piece)))

    def _result(self, sent: _Sent[W, T]) -> T:
        future = sent.future
        for _ in range(AGAIN):
            if not is_lost(future):
                break
            future = self._submit(sent.piece)
        if not is_lost(future):
            return future.result()
        shard = sent.piece.shard
        raise ModelError(
            f"{sent.owner}: the worker that had its items {shard.start} to {shard.stop} died, {AGAIN + 1} times; "
            "it may need more memory than a worker has."
        )

    def _submit(self, piece: W) -> Future[T]:
        try:
            return self._executor.submit(self._call, piece)
        except BrokenExecutor as error:
            broken: Future[T] = Future()
            broken.set_exception(error)
            return broken
        except RuntimeError as error:  # it was shut down
            raise InputError(f"The executor takes no work: {error}.") from error


def check_executor(executor: object) -> None:
    """Raises InputError for what is neither an executor nor None."""
    if executor is not None and not isinstance(executor, Executor):
        raise InputError(
            f"The 'executor' parameter must be a concurrent.futures.Executor; got {executor!r}: "
            "those of audition.executors are Processes, RayCluster and DaskCluster."
        )


def is_lost(future: Future[Any]) -> bool:
    """Whether the worker that had a piece is gone; waits for the piece."""
    try:
        error = future.exception()
    except (
        CancelledError
    ):  # by an engine that has lost its machines: nobody else takes back what is waited for
        return True
    kinds = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(error).__mro__}
    return isinstance(error, (BrokenExecutor, CancelledError)) or not kinds.isdisjoint(LOST)


def workers_of(executor: Executor) -> int:
    """How many workers an executor has, as far as it says so."""
    known = getattr(executor, "_max_workers", None)
    return known if isinstance(known, int) and known > 0 else WORKERS
