"""Folders of class folders: what is taken, what is passed over, and each sentence for what cannot be used."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from audition.data import Dataset, open_dataset
from audition.errors import InputError, UnknownNameError, UnreliableScoreWarning

Image = pytest.importorskip("PIL.Image", reason="PIL is not installed")


def put(path: Path, shade: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), shade).save(path)
    return path


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    root = tmp_path / "pets"
    put(root / "dogs" / "b.png", 3)
    put(root / "dogs" / "a.PNG", 2)
    put(root / "cats" / "deep" / "er" / "c.jpg", 1)
    return root


def test_items_are_sorted_and_labelled_by_the_first_folder(pets: Path) -> None:
    data = open_dataset(pets)
    items = list(data.items())
    assert isinstance(data, Dataset)
    assert (data.name, data.kind, data.task, len(data)) == ("pets", "image", "classification", 3)
    assert [item.label for item in items] == ["cats", "dogs", "dogs"]
    assert [Path(item.name).name for item in items] == ["c.jpg", "a.PNG", "b.png"]
    assert np.asarray(items[2].decode()).tolist() == [[3] * 4] * 4


def test_items_can_be_gone_through_again(pets: Path) -> None:
    data = open_dataset(str(pets), name="mine")
    assert data.name == "mine"
    assert [item.name for item in data.items()] == [item.name for item in data.items()]


def test_hidden_files_other_files_and_loose_images_are_passed_over(pets: Path) -> None:
    put(pets / "loose.png")
    put(pets / "dogs" / ".hidden.png")
    put(pets / "dogs" / ".thumbnails" / "t.png")
    put(pets / ".git" / "g.png")
    put(pets / "__MACOSX" / "m.png")
    (pets / "dogs" / "notes.txt").write_text("good dogs")
    (pets / "dogs" / "png").write_text("no suffix")
    assert len(open_dataset(pets)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="assets absent: links need rights on Windows")
def test_links_to_classes_and_images_are_followed_but_never_in_circles(pets: Path, tmp_path: Path) -> None:
    bird = put(tmp_path / "elsewhere" / "bird.png")
    (pets / "birds").symlink_to(bird.parent)
    (pets / "cats" / "link.png").symlink_to(bird)
    (pets / "cats" / "circle").symlink_to(pets)
    assert [item.label for item in open_dataset(pets).items()] == ["birds", "cats", "cats", "dogs", "dogs"]


def test_a_split_is_named_with_its_parent(pets: Path) -> None:
    pets.rename(pets.parent / "train")
    assert open_dataset(pets.parent / "train").name == f"{pets.parent.name}/train"


def test_home_is_expanded(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(pets.parent))
    monkeypatch.setenv("USERPROFILE", str(pets.parent))
    assert len(open_dataset("~/pets")) == 3


def test_a_folder_may_look_like_a_source(pets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "win32":
        return
    pets.rename(tmp_path / "sklearn:pets")
    monkeypatch.chdir(tmp_path)
    assert len(open_dataset("sklearn:pets")) == 3


def test_missing_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no folder '.*nowhere': give one with"):
        open_dataset(tmp_path / "nowhere")


def test_a_file(pets: Path) -> None:
    with pytest.raises(InputError, match=r"a\.PNG' is not a folder"):
        open_dataset(pets / "dogs" / "a.PNG")


def test_a_feature_file_is_sent_to_score(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", features=np.zeros((2, 2)))
    with pytest.raises(InputError, match="Feature files are for 'audition score'"):
        open_dataset(tmp_path / "f.npz")


@pytest.mark.parametrize("path", ["", "a\0b"])
def test_paths_that_cannot_be(path: str) -> None:
    with pytest.raises(InputError, match="The path of a data set cannot be"):
        open_dataset(path)


def test_empty_class_folder(pets: Path) -> None:
    (pets / "birds").mkdir()
    with pytest.raises(
        InputError, match=r"The class folder '.*birds' holds no images: add some or remove it"
    ):
        open_dataset(pets)


def test_one_class(pets: Path) -> None:
    os.rename(pets / "cats", pets.parent / "cats")
    with pytest.raises(InputError, match=r"pets' holds one class only, 'dogs': at least two"):
        open_dataset(pets)


def test_no_images_at_all(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match=r"There are no images in class folders .*: bmp, gif, jpeg"):
        open_dataset(tmp_path)


def test_images_outside_class_folders(tmp_path: Path) -> None:
    put(tmp_path / "a.png")
    with pytest.raises(InputError, match="The images lie outside class folders"):
        open_dataset(tmp_path)


def test_a_folder_of_splits(tmp_path: Path) -> None:
    root = tmp_path / "whole"
    for split, shade in (("train", 1), ("test", 2)):
        put(root / split / "cats" / "a.png", shade)
        put(root / split / "dogs" / "b.png", shade)
    shades = {
        split: [int(np.asarray(item.decode())[0, 0]) for item in open_dataset(root, split=split).items()]
        for split in (None, "train", "test", "all")
    }
    assert shades == {None: [1, 1], "train": [1, 1], "test": [2, 2], "all": [2, 2, 1, 1]}
    assert (open_dataset(root).name, open_dataset(root, split="all").name) == ("whole/train", "whole")
    with pytest.raises(
        UnknownNameError, match="There is no split 'validation' of .*There are: all, test, train"
    ):
        open_dataset(root, split="validation")


def test_a_split_of_a_folder_without_any(pets: Path) -> None:
    with pytest.raises(InputError, match="The folder .*pets' has no splits"):
        open_dataset(pets, split="test")
    with pytest.warns(UnreliableScoreWarning, match="keeps one item alone of each of 2 classes"):
        assert len(open_dataset(pets, split="all", limit=2)) == 2


def test_classes_may_be_called_train_and_test(tmp_path: Path) -> None:
    put(tmp_path / "train" / "a.png")
    put(tmp_path / "test" / "a.png")
    assert len(open_dataset(tmp_path)) == 2


def test_a_folder_that_may_not_be_listed(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's refusal is made here, because root, who runs many a CI, may list every folder."""
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "dogs":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InputError, match="Cannot list the folder .*dogs.*Permission denied"):
        open_dataset(pets)


def test_real_photographs(assets: Path) -> None:
    data = open_dataset(assets / "images" / "antsbees" / "train")
    assert data.name == "antsbees/train"
    assert len(data) == 244
    assert {item.decode().mode for item in data.items()} <= {"L", "RGB"}
