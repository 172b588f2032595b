"""Statistics made as batches come: the same bits as those of the whole matrix, and no row kept."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import audition
from audition.cache import Cache
from audition.extraction import Streamed
from audition.extraction.streamed import PART_ROWS, PIECES, rows_of_piece
from audition.labels import as_labels
from audition.models.base import ModelIdentity
from audition.statistics import sufficient_statistics

RNG = np.random.default_rng(0)
TASKS = {
    "classification": lambda n: np.arange(n) % 3,
    "multilabel": lambda n: np.stack([np.arange(n) % 2, np.arange(n) % 3 == 0], axis=1).astype(int),
    "regression": lambda n: np.linspace(-1, 1, n),
}


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of ten rows of eight columns, so that few rows make several."""
    monkeypatch.setattr("audition.arrays.BLOCK_ELEMENTS", 80)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("size", [1, 7, 10, 64, 500])
def test_the_same_bits_whatever_the_batches(task, size, small_blocks):
    rows = (RNG.normal(size=(203, 8)) + 100).astype(np.float32)
    labels = as_labels(TASKS[task](203), task=task)
    streamed = Streamed(["x"], labels)
    for start in range(0, 203, size):
        streamed.put({"x": rows[start : start + size]})
    summary, whole = streamed.matrix("x"), sufficient_statistics(rows, TASKS[task](203), task=task)
    assert summary.rows is None
    found = summary.statistics
    assert found.count == 203
    assert np.array_equal(found.mean, whole.mean) and np.array_equal(found.scatter, whole.scatter)
    assert found.moments.quartic == whole.moments.quartic
    if task == "classification":
        assert np.array_equal(found.class_means, whole.class_means)
    else:
        assert np.array_equal(found.targets.cross, whole.targets.cross)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("size", [7, 64, 203])
@pytest.mark.parametrize("piece", [16, 32, 64, 128, 256])
def test_parts_that_others_summed_up_give_the_same_bits(task, size, piece, small_blocks, monkeypatch):
    """Pieces of one part of 16 rows to 16 of them, where there are 13."""
    monkeypatch.setattr("audition.extraction.streamed.PART_ROWS", 16)
    rows, watched = (RNG.normal(size=(203, 8)) + 100).astype(np.float32), np.array([0, 63, 64, 150, 202])
    labels = as_labels(TASKS[task](203), task=task)
    alone, merged = Streamed(["x"], labels, watched), Streamed(["x"], labels, watched)
    for start in range(0, 203, size):
        alone.put({"x": rows[start : start + size]})
    for start in range(0, 203, piece):
        own = watched[(watched >= start) & (watched < start + piece)] - start
        part = Streamed(["x"], labels[start : start + piece], own, 203)
        part.put({"x": rows[start : start + piece]})
        merged.put({"x": part.matrix("x")})
    one, other = alone.matrix("x"), merged.matrix("x")
    whole = sufficient_statistics(rows, TASKS[task](203), task=task)
    assert np.array_equal(one.rows, rows[watched]) and np.array_equal(other.rows, rows[watched])
    for name in ("mean", "scatter"):
        ours = getattr(one.statistics, name)
        assert np.array_equal(ours, getattr(other.statistics, name))
        np.testing.assert_allclose(ours, getattr(whole, name), rtol=0, atol=1e-12 * abs(ours).max())
    assert one.statistics.moments.quartic == other.statistics.moments.quartic
    assert one.statistics.moments.quartic == pytest.approx(whole.moments.quartic, rel=1e-12)


@given(st.integers(1, 10**10))
def test_pieces_are_the_smallest_that_are_few(total):
    rows = rows_of_piece(total)
    parts = rows // PART_ROWS
    assert rows % PART_ROWS == 0 and parts & (parts - 1) == 0
    assert -(-total // rows) <= PIECES
    assert parts == 1 or -(-total // (rows // 2)) > PIECES


def test_fewer_rows_than_columns_are_kept_as_they_are():
    rows = RNG.normal(size=(5, 8)).astype(np.float32)
    streamed = Streamed(["x"], as_labels([0, 1, 0, 1, 1]))
    streamed.put({"x": rows[:3]})
    streamed.put({"x": rows[3:]})
    assert np.array_equal(streamed.matrix("x"), rows)


@pytest.mark.parametrize("size", [1, 7, 64, 500])
def test_the_rows_that_are_watched_are_kept(size, small_blocks):
    rows, watched = RNG.normal(size=(203, 8)).astype(np.float32), np.array([0, 3, 63, 64, 150, 202])
    streamed = Streamed(["x"], as_labels(np.arange(203) % 3), watched)
    for start in range(0, 203, size):
        streamed.put({"x": rows[start : start + size]})
    assert np.array_equal(streamed.matrix("x").rows, rows[watched])


class Wide:
    """A model of single numbers that makes a row of 64 of each, without keeping any."""

    kind, name, layers, parameters = "rows", "wide", ("x",), 10

    def __init__(self, identity=None):
        self.seen = 0
        self.preprocess = audition.CallableModel("rows", lambda rows: rows, "rows").preprocess
        if identity:
            self.identity = ModelIdentity(identity)

    def forward(self, batch):
        self.seen += len(batch)
        from audition.models.base import Outputs

        return Outputs({"x": np.sin(batch[:, :1] * np.arange(1, 65, dtype=np.float32))})


def rank(rows, **options):
    data = (np.arange(rows, dtype=np.float32)[:, None] / 10, np.arange(rows) % 2)
    return audition.rank([options.pop("model", None) or Wide()], data, **options)


def test_a_ranking_by_statistics_says_what_one_by_rows_says():
    by_rows = rank(500, metrics="logme,regularized_h_score,logme+ped,knn_accuracy").best.scores
    by_statistics = rank(500, metrics="logme,regularized_h_score,logme+ped", batch_size=33).best.scores
    for name, score in by_statistics.items():
        assert score == by_rows[name], name


def test_memory_does_not_grow_with_rows(small_blocks):
    peaks = []
    for rows in (4_000, 16_000):
        tracemalloc.start()
        rank(rows, metrics="logme", batch_size=50)
        peaks.append(tracemalloc.get_traced_memory()[1] / rows)
        tracemalloc.stop()
    assert peaks[1] < 64 * 4  # bytes a row of what is no feature: items, labels; the features alone take 256


def test_statistics_that_are_kept_are_enough(tmp_path):
    """The features may even be gone: they are not looked at."""
    first, second = Wide("w"), Wide("w")
    scores = rank(500, model=first, cache=tmp_path).best.scores
    for shard in Cache(tmp_path).path.rglob("*.safetensors"):
        if not shard.name.startswith("statistics-"):
            shard.write_bytes(b"nonsense")
    assert rank(500, model=second, cache=tmp_path, resamples=0).best.scores == scores
    assert (first.seen, second.seen) == (500, 0)


def test_statistics_of_other_labels_are_others(tmp_path):
    numbers = np.arange(500, dtype=np.float32)[:, None] / 10
    one = audition.rank([Wide("w")], (numbers, np.arange(500) % 2), cache=tmp_path).best.scores
    two = audition.rank([Wide("w")], (numbers, np.arange(500) // 250), cache=tmp_path).best.scores
    assert one != two
    assert two == audition.rank([Wide()], (numbers, np.arange(500) // 250)).best.scores


def test_rows_that_take_less_room_than_their_statistics_are_kept_alone(tmp_path):
    rank(100, model=Wide("w"), cache=tmp_path)
    assert not list(tmp_path.rglob("statistics-*"))
    rank(500, model=Wide("w"), cache=tmp_path)
    assert list(tmp_path.rglob("statistics-*"))
