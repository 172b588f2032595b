"""Interrupts that wait until a library has done what it cannot leave half-way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from audition.executors.interrupts import held_back


class Terminated(Exception):
    """SIGTERM came."""


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """Both are heard here, whoever began the tests."""

    def terminated(number: int, frame: Any) -> None:
        raise Terminated

    before = (
        signal.signal(signal.SIGTERM, terminated),
        signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    yield
    signal.signal(signal.SIGTERM, before[0])
    signal.signal(signal.SIGINT, before[1])


@pytest.mark.parametrize(
    ("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)]
)
def test_an_interrupt_is_heard_at_the_end(number: signal.Signals, error: type[BaseException]) -> None:
    done = []
    with pytest.raises(error), held_back():
        signal.raise_signal(number)
        done.append("all of it")
    assert done == ["all of it"]


def test_a_second_one_is_heard_at_once() -> None:
    with pytest.raises(Terminated), held_back():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError


def test_who_listened_before_listens_afterwards() -> None:
    """Ray puts an ear of its own in the place of another."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with held_back():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_who_did_not_listen_does_not() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with held_back():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_an_error_inside_comes_out() -> None:
    with pytest.raises(ValueError, match="wrong"), held_back():
        raise ValueError("wrong")


def test_another_thread_hears_nothing_anyway() -> None:
    def inside() -> bool:
        with held_back():
            return signal.getsignal(signal.SIGINT) is signal.default_int_handler

    with ThreadPoolExecutor(1) as executor:
        assert executor.submit(inside).result()
    assert threading.current_thread() is threading.main_thread()
