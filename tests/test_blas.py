"""The threads of BLAS: how many there are, and one while others make sums side by side."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from threadpoolctl import threadpool_limits

from audition.blas import blas_threads, one_blas_thread


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = blas_threads()
    yield
    assert blas_threads() == before


def test_one_thread_while_it_is_open() -> None:
    with threadpool_limits(2, "blas"):
        with one_blas_thread() as threads:
            assert threads == 2
            assert blas_threads() == 1
        assert blas_threads() == 2


def test_what_it_was_comes_back_after_an_error() -> None:
    with threadpool_limits(2, "blas"):
        with pytest.raises(KeyError), one_blas_thread():
            raise KeyError
        assert blas_threads() == 2


def test_a_second_one_has_a_thread_and_changes_nothing() -> None:
    """In whichever order they end: what the second found, 1, is never put back."""
    before, first_has_it, second_has_it, first_is_done = blas_threads(), Event(), Event(), Event()
    found: list[int] = []

    def first() -> None:
        with one_blas_thread() as threads:
            found.append(threads)
            first_has_it.set()
            second_has_it.wait(60)
        first_is_done.set()

    def second() -> None:
        first_has_it.wait(60)
        with one_blas_thread() as threads:
            found.append(threads)
            second_has_it.set()
            first_is_done.wait(60)

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [before, 1]


def test_a_setting_of_another_thread_is_left_to_it() -> None:
    """Newer versions of threadpoolctl let one thread at a time set it; older ones would let both."""
    set_, done, found = Event(), Event(), []

    def other() -> None:
        with threadpool_limits(2, "blas"):
            set_.set()
            done.wait(60)

    thread = Thread(target=other)
    thread.start()
    set_.wait(60)
    with one_blas_thread() as threads:
        found.append((threads, blas_threads()))
    done.set()
    thread.join()
    assert found[0] in ((1, 2), (2, 1))


@pytest.mark.parametrize("number", ["1", "2"])
def test_what_the_user_asks_for_is_found(number: str) -> None:
    limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), number)
    code = "import numpy, scipy.linalg.blas; from audition.blas import blas_threads; print(blas_threads())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | limits, capture_output=True, text=True, check=True
    )
    assert 1 <= int(done.stdout) <= int(number)
