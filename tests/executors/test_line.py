"""Pieces on their way: in order whatever order they end in, and sent again where a worker died."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from executors.networks import Reversed

from audition.errors import InputError, ModelError
from audition.executors import Line, Look, Processes, check_executor
from audition.executors.line import AGAIN, AHEAD, WORKERS, is_lost, workers_of
from audition.executors.piece import Shard

OWNERS = ("a", "a", "a", "b", "b", "c")


@dataclass(frozen=True)
class Work(Look):
    """Of which one asks whether it is summed."""

    summed: None = None


def looks(owners: tuple[str, ...] = OWNERS) -> Iterator[tuple[str, Work]]:
    return ((owner, Work(Shard("run", place, 1, len(owners), "rows"))) for place, owner in enumerate(owners))


def place_of(look: Look) -> int:
    return look.shard.start


class Mortal(Executor):
    """Answers at once, but where its worker dies: each piece as many times as `deaths` says."""

    def __init__(self, deaths: dict[int, int], error: BaseException | None = None) -> None:
        self._max_workers = 2
        self.deaths, self.error, self.given = dict(deaths), error or BrokenExecutor("gone"), list[int]()

    def submit(self, call: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        place = place_of(*args)
        self.given.append(place)
        if self.deaths.get(place, 0):
            self.deaths[place] -= 1
            future.set_exception(self.error)
        else:
            future.set_result(call(*args, **kwargs))
        return future


def test_answers_come_in_order_when_the_last_ends_first() -> None:
    executor = Reversed(2)
    line = Line(executor, place_of, looks())
    assert [list(line.of(owner)) for owner in "abc"] == [[0, 1, 2], [3, 4], [5]]
    assert executor.order == [3, 2, 1, 0, 4, 5]


def test_no_more_is_sent_than_workers_can_take() -> None:
    executor = Mortal({})
    line = Line(executor, place_of, looks(("a",) * 50))
    answers = line.of("a")
    assert [next(answers) for _ in range(3)] == [0, 1, 2]
    assert len(executor.given) == 2 * AHEAD + 3


def test_a_dead_worker_costs_its_piece_and_no_other() -> None:
    executor = Mortal({1: AGAIN, 4: 1})
    line = Line(executor, place_of, looks())
    assert [list(line.of(owner)) for owner in "abc"] == [[0, 1, 2], [3, 4], [5]]
    assert executor.given.count(1) == 1 + AGAIN
    assert executor.given.count(4) == 2
    assert executor.given.count(2) == 1


def test_nothing_new_is_sent_beside_a_piece_that_was_lost() -> None:
    """A pool of processes breaks as a whole: the culprit must be alone when it is tried again."""
    executor = Mortal({2: 1})
    line = Line(executor, place_of, looks())
    list(line.of("a"))
    assert executor.given[:5] == [0, 1, 2, 3, 2]


def test_a_piece_that_kills_each_worker_fails_its_owner() -> None:
    line = Line(Mortal({1: AGAIN + 1}), place_of, looks())
    answers = line.of("a")
    assert next(answers) == 0
    with pytest.raises(
        ModelError, match="^a: the worker that had its items 1 to 2 died, 3 times; it may need more"
    ):
        next(answers)
    line.give_up("a")
    assert [list(line.of(owner)) for owner in "bc"] == [[3, 4], [5]]


def test_what_is_given_up_is_not_sent() -> None:
    executor = Mortal({})
    line = Line(executor, place_of, looks(("a",) * 20 + ("b",)))
    assert next(line.of("a")) == 0
    line.give_up("a")
    assert list(line.of("b")) == [20]
    assert executor.given == [0, 1, 2, 3, 4, 20]


@pytest.mark.parametrize("library", ["distributed", "ray"])
def test_what_the_engines_say_of_a_dead_worker_is_known(library: str) -> None:
    """By its name and that of its library, since neither is imported for it."""
    name = {"distributed": "KilledWorker", "ray": "WorkerCrashedError"}[library]
    kind = type(name, (Exception,), {"__module__": f"{library}.exceptions"})
    child = type("Child", (kind,), {"__module__": "elsewhere"})
    for error, lost in ((kind(), True), (child(), True), (CancelledError(), True), (ValueError(), False)):
        future: Future[int] = Future()
        future.set_exception(error)
        assert is_lost(future) is lost


def test_an_error_of_no_worker_is_raised() -> None:
    line = Line(Mortal({0: 1}, KeyError("what")), place_of, looks())
    with pytest.raises(KeyError, match="what"):
        list(line.of("a"))


def test_an_executor_that_is_shut_down_is_an_input_error() -> None:
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(
        InputError, match="^The executor takes no work: cannot schedule new futures after shutdown"
    ):
        list(Line(executor, place_of, looks()).of("a"))


def test_workers_are_as_the_executor_says() -> None:
    with ThreadPoolExecutor(3) as executor:
        assert workers_of(executor) == 3
    assert workers_of(Executor()) == WORKERS


@pytest.mark.parametrize("given", [2, "processes", Processes])
def test_what_is_no_executor_is_named(given: Any) -> None:
    with pytest.raises(
        InputError, match=r"^The 'executor' parameter must be a concurrent\.futures\.Executor; got "
    ):
        check_executor(given)


def test_an_executor_is_one_also_of_others_or_none() -> None:
    for given in (None, Mortal({}), Reversed(1)):
        check_executor(given)
