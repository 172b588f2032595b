"""Large .npy files: their rows are read when they are taken, and checked when they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import audition
from audition.data import array_rows, read_features
from audition.data.array_rows import ArrayRows, rows_of
from audition.errors import InputError


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_rows, "LARGE", 0)


def _saved(folder: Path, values: Any) -> Path:
    np.save(folder / "features.npy", values)
    return folder / "features.npy"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32])
def test_rows_are_those_of_the_array(tmp_path: Path, dtype: type) -> None:
    values = np.arange(60).reshape(12, 5).astype(dtype)
    rows = rows_of(_saved(tmp_path, values))
    assert rows is not None and rows.shape == (12, 5) and len(rows) == 12 and rows.ndim == 2
    keys: tuple[Any, ...] = (slice(None), slice(3, 7), slice(9, 40), slice(5, 5), slice(0, 12, 3), [4, 1], 2,
                             (slice(None), slice(1, 3)))  # fmt: skip
    for key in keys:
        assert np.array_equal(rows[key], values[key]) and rows[key].dtype == dtype
    assert np.array_equal(np.asarray(rows), values)


def test_scores_are_those_of_the_array_in_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values, labels = rng.standard_normal((300, 20)).astype(np.float32), np.arange(300) % 3
    np.save(tmp_path / "labels.npy", labels)
    found = read_features(_saved(tmp_path, values), tmp_path / "labels.npy")
    assert isinstance(found.features, ArrayRows)
    wanted = "logme,regularized_h_score,knn_accuracy,lfc,transrate"
    assert audition.score(found.features, found.labels, metrics=wanted) == audition.score(
        values, labels, metrics=wanted
    )


@pytest.mark.parametrize(
    ("value", "said"), [(np.nan, "row 7, column 2"), (np.inf, "row 7, column 2"), (1e80, "rescale")]
)
def test_what_is_no_number_is_found_when_it_is_read(tmp_path: Path, value: float, said: str) -> None:
    values = np.ones((10, 3))
    values[7, 2] = value
    rows = rows_of(_saved(tmp_path, values))
    assert rows is not None and np.array_equal(rows[:7], values[:7])
    with pytest.raises(InputError, match=said):
        rows[5:]


def test_an_index_finds_the_place_too(tmp_path: Path) -> None:
    values = np.ones((10, 3), np.float32)
    values[7, 2] = np.nan
    rows = rows_of(_saved(tmp_path, values))
    assert rows is not None
    with pytest.raises(InputError, match="row 7, column 2"):
        rows[[1, 7]]


@pytest.mark.parametrize("values", [np.ones(4), np.asfortranarray(np.ones((4, 3))), np.ones((4, 3), complex),
                                    np.ones((4, 3), ">f4"), np.ones((0, 3)), np.array([["a"]])])  # fmt: skip
def test_other_files_are_read_whole(tmp_path: Path, values: Any) -> None:
    assert rows_of(_saved(tmp_path, values)) is None


def test_a_file_that_was_cut_is_damaged(tmp_path: Path) -> None:
    path = _saved(tmp_path, np.ones((40, 3)))
    path.write_bytes(path.read_bytes()[:-8])
    assert rows_of(path) is None
    np.save(tmp_path / "labels.npy", np.arange(40) % 2)
    with pytest.raises(InputError, match="features.npy"):
        read_features(path, tmp_path / "labels.npy")


def test_small_files_are_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(array_rows, "LARGE", 10_000)
    assert rows_of(_saved(tmp_path, np.ones((40, 3)))) is None
