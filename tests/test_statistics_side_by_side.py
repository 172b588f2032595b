"""Blocks of rows that threads sum up side by side: what one thread would give, whatever the threads."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from audition import Statistics, stream_statistics, sufficient_statistics
from audition.arrays import as_features
from audition.blas import blas_threads
from audition.data.array_rows import rows_of
from audition.errors import InputError
from audition.statistics import mean_and_scatter, side_by_side

ROWS = 16  # of a block
TASKS = ["classification", "multilabel", "regression"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(side_by_side, "shared_rows", lambda columns: ROWS)


def problem(task, rows=150, columns=5, seed=0):
    """Features far from 0, the last column the same throughout, and labels that not every block has."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, columns)) * [1, 10, 0.1, 1e3, 0] + 1e4
    if task == "classification":
        return features, np.sort(rng.integers(6, size=rows))
    labels = rng.normal(size=(rows, 3)) if task == "regression" else rng.integers(2, size=(rows, 3))
    return features, labels


def arrays_of(statistics: Statistics):
    moments, others = statistics.moments, statistics.groups or statistics.targets
    found = {name: getattr(moments, name) for name in ("mean", "scatter", "cubic", "quartic")}
    names = ("means", "squares", "counts") if statistics.groups else ("mean", "scatter", "cross")
    return found | {f"label {name}": getattr(others, name) for name in names}


def with_threads(number, task, features, labels):
    with threadpool_limits(number, "blas"):
        return arrays_of(sufficient_statistics(features, labels, task=task))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("rows", [2 * ROWS, 150])
def test_every_bit_is_the_same_whatever_the_threads(task, rows):
    given = problem(task, rows)
    alone = with_threads(1, task, *given)
    for number in (2, 3, 8, 16):
        for name, array in with_threads(number, task, *given).items():
            np.testing.assert_array_equal(array, alone[name], err_msg=f"{name}, {number} threads")


@pytest.mark.parametrize("task", TASKS)
def test_it_is_what_the_blocks_give_in_turn(task, monkeypatch):
    features, labels = problem(task)
    side = arrays_of(sufficient_statistics(features, labels, task=task))
    monkeypatch.setattr(side_by_side, "NARROW", 0)
    for name, array in arrays_of(sufficient_statistics(features, labels, task=task)).items():
        unit = np.abs(array).max() or 1.0
        np.testing.assert_allclose(side[name] / unit, array / unit, rtol=1e-11, atol=1e-12, err_msg=name)
    assert side["scatter"][4].tolist() == [0.0] * 5  # nothing of a column that never changes


def test_it_is_what_the_formulas_say():
    features, labels = problem("classification")
    found = sufficient_statistics(features, labels)
    z = (features - features.mean(axis=0)).astype(np.longdouble)
    squares = (z**2).sum(axis=1)
    np.testing.assert_allclose(found.scatter, (z.T @ z).astype(float), rtol=1e-10, atol=1e-4)
    np.testing.assert_allclose(found.moments.cubic, (squares @ z).astype(float), rtol=1e-8, atol=1e-2)
    np.testing.assert_allclose(found.moments.quartic, float((squares**2).sum()), rtol=1e-10)


def test_a_stream_of_batches_of_any_size():
    features, labels = problem("classification")
    whole = arrays_of(sufficient_statistics(features, labels))
    for step in (7, 40, 149):
        parts = ((features[i : i + step], labels[i : i + step]) for i in range(0, 150, step))
        for name, array in arrays_of(stream_statistics(parts, task="classification")).items():
            unit = np.abs(array).max()
            np.testing.assert_allclose(array / unit, whole[name] / unit, rtol=1e-10, atol=1e-12, err_msg=name)


def test_a_batch_may_be_written_over_by_the_next():
    """Nothing of a batch is looked at after it was added: streams read into one array again and again."""
    features, labels = problem("classification", rows=160)
    held = np.empty((80, 5))

    def parts():
        for start in (0, 80):
            held[:] = features[start : start + 80]
            yield held, labels[start : start + 80]
        held[:] = np.nan

    streamed = arrays_of(stream_statistics(parts(), task="classification"))
    for name, array in arrays_of(sufficient_statistics(features, labels)).items():
        np.testing.assert_array_equal(streamed[name], array, err_msg=name)


def test_sparse_rows():
    features, labels = problem("classification")
    features = np.where(np.arange(150)[:, None] % 3 == 0, features, 0)
    dense, sparse = (arrays_of(sufficient_statistics(x, labels)) for x in (features, sp.csr_array(features)))
    for name, array in dense.items():
        np.testing.assert_array_equal(sparse[name], array, err_msg=name)


def test_the_mean_and_the_scatter_alone():
    features, labels = problem("classification")
    whole = sufficient_statistics(features, labels)
    mean, lower = mean_and_scatter(as_features(features))
    np.testing.assert_array_equal(mean, whole.mean)
    np.testing.assert_array_equal(np.tril(lower), np.tril(whole.scatter))


def test_what_is_wrong_in_a_late_block_is_said_and_the_threads_come_back(tmp_path, monkeypatch):
    """A file is looked at while it is read, when blocks before are under way."""
    features, labels = problem("classification")
    features[100, 3] = np.nan
    np.save(tmp_path / "f.npy", features)
    monkeypatch.setattr("audition.data.array_rows.LARGE", 0)
    with threadpool_limits(2, "blas"):
        with pytest.raises(InputError, match="the first at row 100, column 3"):
            sufficient_statistics(rows_of(tmp_path / "f.npy"), labels)
        assert blas_threads() == 2


def test_what_a_thread_raises_reaches_the_caller():
    def broken(rows, block):
        raise ZeroDivisionError(f"row {rows.start}")

    features = np.zeros((10 * ROWS, 5))
    with threadpool_limits(2, "blas"), pytest.raises(ZeroDivisionError, match="row 0"):
        side_by_side.Blocks().sum(features, features[0], broken, lambda rows, block, made: None)


def test_blocks_come_in_order_and_no_more_than_a_few_are_held():
    features = np.arange(40.0 * ROWS)[:, None] * np.ones(5)
    seen, places = [], set()

    def add(rows, block, made):
        seen.append(rows.start)
        places.add(block.__array_interface__["data"][0])
        assert made == block[0, 0] == rows.start

    with threadpool_limits(3, "blas"):
        side_by_side.Blocks().sum(features, np.zeros(5), lambda rows, block: block[0, 0].copy(), add)
    assert seen == list(range(0, 40 * ROWS, ROWS))
    assert len(places) == 4
