"""Rows in memory while they are few, on disk beyond: the same rows either way."""

import errno
import io
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from audition import spool as home
from audition.arrays import float64_rows, take_columns, take_rows
from audition.errors import InputError
from audition.spool import RowFile, Shelf, Spool


@pytest.fixture
def small_budget(monkeypatch):
    monkeypatch.setattr(home, "BUDGET", 100)


def filled(rows, step=7):
    spool = Spool(len(rows))
    for start in range(0, len(rows), step):
        spool.put(rows[start : start + step])
    return spool.rows()


def test_few_rows_stay_an_array():
    rows = np.arange(12.0).reshape(4, 3)
    assert isinstance(filled(rows), np.ndarray)
    np.testing.assert_array_equal(filled(rows), rows)


@pytest.mark.parametrize("shape", [(100, 5), (100, 3, 4, 4)])
@pytest.mark.parametrize("dtype", ["float32", "uint8", "float64"])
def test_many_rows_go_to_disk_and_come_back(small_budget, shape, dtype):
    rows = (np.random.default_rng(0).random(shape) * 200).astype(dtype)
    stored = filled(rows)
    assert isinstance(stored, RowFile) and stored.shape == shape and stored.dtype == rows.dtype
    assert len(stored) == 100 and stored.ndim == len(shape)
    np.testing.assert_array_equal(stored, rows)
    np.testing.assert_array_equal(stored[3:17], rows[3:17])
    np.testing.assert_array_equal(stored[np.array([9, 2, 2])], rows[[9, 2, 2]])
    np.testing.assert_array_equal(stored[:, 1:3], rows[:, 1:3])


def test_a_file_of_rows_stands_where_features_stand(small_budget):
    rows = np.random.default_rng(0).normal(size=(300, 6)).astype(np.float32)
    stored, origin = filled(rows), np.zeros(6)
    np.testing.assert_array_equal(np.vstack([b.copy() for _, b in float64_rows(stored, origin)]), rows)
    np.testing.assert_array_equal(take_rows(stored, np.array([5, 1]), origin), rows[[5, 1]])
    np.testing.assert_array_equal(take_columns(stored, slice(2, 4)), rows[:, 2:4])


def test_fewer_rows_than_were_announced(small_budget):
    """Items that cannot be read are left out after the number of items is known."""
    spool = Spool(100)
    spool.put(np.ones((60, 5)))
    assert spool.rows().shape == (60, 5) and spool.filled == 60


def test_what_is_read_does_not_stay_in_memory(small_budget):
    stored = filled(np.zeros((4000, 100)), step=500)
    tracemalloc.start()
    for start in range(0, 4000, 100):
        stored[start : start + 100]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * 100 * 100 * 8


def test_a_full_disk_is_one_sentence(small_budget, monkeypatch, tmp_path):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(home.tempfile, "TemporaryFile", lambda **options: Full())
    with pytest.raises(InputError, match="No space left on device. Make room there"):
        Spool(1000, Shelf(folder=tmp_path)).put(np.zeros((10, 100)))


def turns(spools, rows, step=7):
    """The same rows into several spools, which take turns."""
    for start in range(0, len(rows), step):
        for times, spool in enumerate(spools, start=1):
            spool.put(times * rows[start : start + step])


def test_spools_on_a_shelf_share_one_file(small_budget):
    rows = np.random.default_rng(0).normal(size=(50, 3))
    shelf = Shelf()
    spools = [Spool(50, shelf) for _ in range(40)]
    turns(spools, rows)
    stored = [spool.rows() for spool in spools]
    for times, one in enumerate(stored, start=1):
        np.testing.assert_array_equal(one, times * rows)
    assert {type(one) for one in stored} == {RowFile} and len({one.owner for one in stored}) == 1


def test_a_shelf_holds_so_much_in_memory_and_no_more():
    rows = np.ones((10, 4), dtype=np.float32)
    shelf = Shelf(3 * rows.nbytes)
    spools = [Spool(10, shelf) for _ in range(5)]
    turns(spools, rows)
    assert [type(spool.rows()) for spool in spools] == 3 * [np.ndarray] + 2 * [RowFile]


def test_rows_of_any_dtype_lie_beside_each_other():
    shelf = Shelf(0)
    given = [(np.arange(21).reshape(7, 3) + k).astype(dtype) for k, dtype in enumerate(("u1", "f8", "f4"))]
    stored = [shelf.keeps(rows) for rows in given]
    for one, rows in zip(stored, given, strict=True):
        assert one.dtype == rows.dtype
        np.testing.assert_array_equal(one, rows)


@pytest.mark.parametrize("shape", [(60, 5), (60, 3, 4, 2), (60,)], ids=["features", "pictures", "numbers"])
def test_what_a_shelf_keeps_are_the_same_rows(shape, monkeypatch):
    monkeypatch.setattr("audition.spool.block_rows", lambda columns: 7)
    rows = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    assert Shelf(rows.nbytes).keeps(rows) is rows
    first, second = Shelf(0), Shelf(0)
    moved = second.keeps(first.keeps(rows))
    assert isinstance(moved, RowFile) and moved.owner is second.file()
    np.testing.assert_array_equal(moved, rows)
    back = Shelf(rows.nbytes).keeps(moved)
    assert isinstance(back, np.ndarray)
    np.testing.assert_array_equal(back, rows)


def test_more_rows_than_were_announced_do_not_run_into_others():
    shelf = Shelf(0)
    spool, other = Spool(4, shelf), Spool(4, shelf)
    turns([spool, other], np.ones((4, 3)))
    with pytest.raises(ValueError, match="more rows than the 4"):
        spool.put(np.zeros((1, 3)))
    np.testing.assert_array_equal(other.rows(), np.full((4, 3), 2))


def test_threads_write_and_read_beside_each_other():
    rows = np.random.default_rng(0).normal(size=(300, 4))
    shelf = Shelf(0)

    def written(times):
        spool = Spool(300, shelf)
        for start in range(0, 300, 3):
            spool.put(times * rows[start : start + 3])
            np.testing.assert_array_equal(spool.rows()[start:], times * rows[start : start + 3])
        return spool.rows()

    with ThreadPoolExecutor(4) as executor:
        stored = list(executor.map(written, range(1, 9)))
    for times, one in enumerate(stored, start=1):
        np.testing.assert_array_equal(one, times * rows)


def test_no_file_can_be_made_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be kept in .*gone.*No such file or directory"):
        Shelf(0, tmp_path / "gone").keeps(np.zeros((10, 100)))
