"""Labels without items: tables and files of arrays that hold nothing else, and when two lists agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data.agreement import first_difference
from audition.data.features import Features
from audition.data.open import open_dataset
from audition.errors import InputError

NAMES = ["ant", "bee", "ant", "cat"]


def table(folder: Path, text: str, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "species\nant\nbee\nant\ncat\n",
        "id,species\n1,ant\n2,bee\n3,ant\n4,cat\n",
        ",label\n0,ant\n1,bee\n2,ant\n3,cat\n",
        "Index;class\n0;ant\n1;bee\n2;ant\n3;cat\n",
    ],
)
def test_tables(tmp_path: Path, text: str) -> None:
    data = open_dataset(table(tmp_path, text))
    assert (data.name, data.kind, data.task, len(data)) == ("labels", "labels", "classification", 4)
    assert [item.label for item in data.items()] == NAMES
    with pytest.raises(InputError, match="'labels' holds labels alone: give the data themselves"):
        next(iter(data.items())).decode()


def test_columns_of_labels(tmp_path: Path) -> None:
    several = open_dataset(table(tmp_path, "id,red,blue\n1,1,0\n2,1,1\n3,0,1\n"))
    assert (several.task, next(iter(several.items())).label) == ("multilabel", frozenset({"red"}))
    path = table(tmp_path, "id,x,y\n1,0.5,1.5\n2,0.1,0.2\n3,0.3,0.4\n")
    targets = open_dataset(path, label_columns="x,y")
    assert (targets.task, next(iter(targets.items())).label) == ("regression", (0.5, 1.5))
    assert len(open_dataset(path.with_name("labels.csv"), label_columns=["x", "y"], limit=2)) == 2


@pytest.mark.parametrize("header", ["text,label", "image,label", "headline,label", "plate,species", "review"])
def test_tables_of_items_are_no_labels_alone(tmp_path: Path, header: str) -> None:
    """Also where the column of the items is not found: that is said as ever."""
    cells = ",".join(["a"] * len(header.split(",")))
    path = table(tmp_path, f"{header}\n{cells}\n{cells.replace('a', 'b')}\n")
    try:
        assert open_dataset(path).kind in ("text", "image")
    except InputError as error:
        assert "--text-column" in str(error) or "--label-column" in str(error)


def test_files_of_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "labels.npy", NAMES)
    np.savez(tmp_path / "both.npz", features=np.ones((4, 2)), labels=NAMES, groups=[1, 1, 2, 2])
    Features("m", "d", "classification", tuple(NAMES), {"one": np.ones((4, 2), dtype=np.float32)}).save(
        tmp_path / "ours.safetensors"
    )
    for name in ("labels.npy", "both.npz", "ours.safetensors", "features"):
        path = f"features:{tmp_path / 'both.npz'}" if name == "features" else tmp_path / name
        assert [item.label for item in open_dataset(path).items()] == NAMES
    assert [item.group for item in open_dataset(tmp_path / "both.npz").items()] == [1, 1, 2, 2]
    np.save(tmp_path / "targets.npy", np.linspace(0, 1, 40))
    assert open_dataset(tmp_path / "targets.npy").task == "regression"


@pytest.mark.parametrize(
    ("name", "arrays", "sentence"),
    [
        ("a.npz", {"features": np.ones((4, 2))}, "has no 'labels'; it holds 'features'"),
        ("a.npz", {}, "has no 'labels'; it holds nothing"),
        ("a.npy", np.float64(3), "holds one number, no labels"),
        ("a.npy", np.array([object()] * 3), "pickled Python objects"),
    ],
)
def test_files_without_labels(tmp_path: Path, name: str, arrays: Any, sentence: str) -> None:
    path = tmp_path / name
    if name.endswith("npz"):
        np.savez(path, **arrays)
    else:
        np.save(path, arrays)
    with pytest.raises(InputError, match=sentence):
        open_dataset(path)


def test_what_is_asked_of_labels_alone(tmp_path: Path) -> None:
    np.save(tmp_path / "labels.npy", NAMES)
    with pytest.raises(InputError, match="has no splits"):
        open_dataset(tmp_path / "labels.npy", split="test")
    with pytest.raises(InputError, match="has no columns by name"):
        open_dataset(tmp_path / "labels.npy", label_columns="a")
    with pytest.raises(InputError, match="holds features alone"):
        open_dataset(f"features:{tmp_path / 'labels.npy'}")
    with pytest.raises(InputError, match=r"There is no file '.*none\.npy'"):
        open_dataset(tmp_path / "none.npy")


class TestAgreement:
    def test_classes_under_other_names(self) -> None:
        assert first_difference(NAMES, [5, 3, 5, 1], "classification") is None
        assert first_difference(NAMES, [5, 3, 3, 1], "classification") == 2
        assert first_difference(NAMES, [5, 3, 5, 5], "classification") == 3

    def test_targets_to_rounding(self) -> None:
        exact = [0.1, (1 / 3), 1e6]
        assert first_difference(exact, np.float32(exact).tolist(), "regression") is None
        assert first_difference([(0.1, 2.0)], [(0.1, 2.1)], "regression") == 0
        assert first_difference([(0.1, 2.0)], [0.1], "regression") == 0

    def test_several_labels(self) -> None:
        sets = [frozenset({"a", "b"}), frozenset(), frozenset({"b"})]
        assert first_difference(sets, list(sets), "multilabel") is None
        assert first_difference(sets, [frozenset({0, 1}), frozenset(), frozenset({1})], "multilabel") is None
        assert first_difference(sets, [sets[0], sets[2], sets[1]], "multilabel") == 1
        assert first_difference(sets, [frozenset({0, 1}), frozenset({1}), frozenset()], "multilabel") == 1
