"""Feature files: each form that is read, and a sentence for each that is not; nothing is ever unpickled."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from audition.data import Features, read_features
from audition.data.files import write_tensors
from audition.errors import InputError

FEATURES = np.arange(6, dtype=np.float64).reshape(3, 2)
LABELS = np.array(["a", "b", "a"])
CODES = np.array([0, 1, 0])


def check(given: tuple[Any, Any], labels: Any = LABELS) -> None:
    assert np.array_equal(given[0], FEATURES)
    assert np.array_equal(given[1], labels)


def test_npz(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", features=FEATURES, labels=LABELS, other=np.zeros(9))
    check(read_features(tmp_path / "f.npz"))
    check(read_features(str(tmp_path / "f.npz")))


def test_npz_compressed_and_upper_case(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "f.npz", features=FEATURES, labels=LABELS)
    (tmp_path / "f.npz").rename(tmp_path / "F.NPZ")
    check(read_features(tmp_path / "F.NPZ"))


def test_plain_safetensors(tmp_path: Path) -> None:
    save_file({"features": FEATURES, "labels": CODES}, tmp_path / "f.safetensors")
    check(read_features(tmp_path / "f.safetensors"), CODES)


def test_two_npy(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", FEATURES)
    np.save(tmp_path / "l.npy", LABELS)
    check(read_features(tmp_path / "f.npy", tmp_path / "l.npy"))


def test_labels_from_a_second_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", features=FEATURES, labels=np.zeros(3))
    np.savez(tmp_path / "l.npz", labels=LABELS, more=np.zeros(2))
    check(read_features(tmp_path / "f.npz", tmp_path / "l.npz"))


def test_single_arrays_of_any_name_do_where_there_are_two_files(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", FEATURES)
    np.save(tmp_path / "l.npy", LABELS)
    check(read_features(tmp_path / "f.npz", tmp_path / "l.npy"))


@pytest.mark.parametrize("text", ["label\na\nb\na\n", "id;kind\n1;a\n2;b\n3;a\n"])
def test_labels_from_a_table(tmp_path: Path, text: str) -> None:
    np.save(tmp_path / "f.npy", FEATURES)
    (tmp_path / "l.csv").write_text(text, encoding="utf-8")
    given = read_features(tmp_path / "f.npy", tmp_path / "l.csv")
    check(given)
    assert given.task == "classification"


def test_the_task_of_labels_in_a_table(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", FEATURES)
    (tmp_path / "l.csv").write_text("years\n3\n1\n2\n", encoding="utf-8")
    given = read_features(tmp_path / "f.npy", tmp_path / "l.csv", task="regression")
    assert (given.labels, given.task) == ([3.0, 1.0, 2.0], "regression")


def test_files_that_are_no_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", FEATURES)
    (tmp_path / "l.csv").write_text("path,label\nx,a\ny,b\nz,a\n", encoding="utf-8")
    refuse("holds more than labels, its columns are 'path', 'label'", tmp_path / "f.npy", tmp_path / "l.csv")
    (tmp_path / "headless.csv").write_text("a\nb\na\n", encoding="utf-8")
    refuse("The first line of a table of labels is its header", tmp_path / "f.npy", tmp_path / "headless.csv")
    refuse(r"Cannot read labels from '.*l\.txt': give .*\.csv", tmp_path / "f.npy", tmp_path / "l.txt")


def test_what_save_wrote_gives_its_last_layer(tmp_path: Path) -> None:
    layers = {"stem": np.zeros((3, 5), np.float32), "features": FEATURES.astype(np.float32)}
    features = Features("zoo:x", "mine", "classification", tuple(LABELS.tolist()), layers)
    features.save(tmp_path / "f.safetensors")
    check(read_features(tmp_path / "f.safetensors"))


def refuse(sentence: str, *paths: Path) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        read_features(*paths)
    assert "\n" not in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    refuse(r"There is no file '.*f\.npz'", tmp_path / "f.npz")


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "f.npz").mkdir()
    refuse(r"f\.npz' is not a file", tmp_path / "f.npz")


@pytest.mark.parametrize("name", ["f.csv", "f.pkl", "f"])
def test_other_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"1,2")
    refuse(r"Cannot read features from .*: give \.npy, \.npz, \.safetensors", tmp_path / name)


def test_missing_key_lists_the_keys(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", X=FEATURES, labels=LABELS)
    refuse(r"f\.npz' has no 'features'; it holds 'X', 'labels'", tmp_path / "f.npz")
    save_file({"features": FEATURES, "y": CODES}, tmp_path / "f.safetensors")
    refuse(r"has no 'labels'; it holds 'features', 'y'", tmp_path / "f.safetensors")


def test_empty_archive(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz")
    refuse("has no 'labels'; it holds nothing", tmp_path / "f.npz")


def test_npy_without_labels(tmp_path: Path) -> None:
    np.save(tmp_path / "f.npy", FEATURES)
    refuse("holds one array only: give the labels in a second file", tmp_path / "f.npy")


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_pickled_objects_are_never_loaded(tmp_path: Path, suffix: str) -> None:
    poison = np.array([Touch(tmp_path / "ran")] * 3, dtype=object)
    path = tmp_path / f"f{suffix}"
    if suffix == ".npz":
        np.savez(path, features=FEATURES, labels=poison)
        refuse("holds pickled Python objects.*run code.*astype", path)
    else:
        np.save(path, poison)
        refuse("holds pickled Python objects", path, path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"not a file of arrays", b"\x80\x04K\x01.", b"PK\x03\x04"])
@pytest.mark.parametrize("suffix", [".npz", ".npy", ".safetensors"])
def test_damaged(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"f{suffix}"
    path.write_bytes(content)
    refuse(rf"f\{suffix}' is (damaged|not a readable)", path, path)


@pytest.mark.parametrize("suffix", [".npz", ".npy", ".safetensors"])
def test_cut_short(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"f{suffix}"
    if suffix == ".npz":
        np.savez(path, features=FEATURES, labels=CODES)
    elif suffix == ".npy":
        np.save(path, FEATURES)
    else:
        save_file({"features": FEATURES, "labels": CODES}, path)
    os.truncate(path, path.stat().st_size - 9)
    refuse("is (damaged|not a readable)", path, path)


def test_flipped_bytes_in_an_archive(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "f.npz", features=FEATURES, labels=CODES)
    with zipfile.ZipFile(tmp_path / "f.npz") as archive:
        place = archive.getinfo("features.npy").header_offset + 60
    content = bytearray((tmp_path / "f.npz").read_bytes())
    content[place : place + 4] = b"\xff\xff\xff\xff"
    (tmp_path / "f.npz").write_bytes(content)
    refuse("is (damaged|not a readable)", tmp_path / "f.npz")


def test_suffixes_that_say_the_other_thing(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", FEATURES)
    np.savez(tmp_path / "b.npz", features=FEATURES, labels=LABELS)
    (tmp_path / "a.npy").rename(tmp_path / "a.npz")
    (tmp_path / "b.npz").rename(tmp_path / "b.npy")
    refuse(r"is a single array, not an \.npz archive", tmp_path / "a.npz")
    refuse(r"is an archive of arrays: name it \.npz", tmp_path / "b.npy")


@pytest.mark.parametrize("labels", [LABELS[:2], np.array(1)])
def test_lengths_that_differ(tmp_path: Path, labels: Any) -> None:
    np.savez(tmp_path / "f.npz", features=FEATURES, labels=labels)
    refuse(r"features of shape \(3, 2\) but labels of shape", tmp_path / "f.npz")


def write(path: Path, header: Any, **tensors: Any) -> Path:
    text = header if isinstance(header, str) else json.dumps(header)
    save_file({"layer.0": FEATURES, **tensors}, path, metadata={"audition": text})
    return path


GOOD = {"format": "audition-features", "version": 1, "layers": ["x"], "labels": ["a", "b", "a"]}


def test_the_header_as_it_should_be(tmp_path: Path) -> None:
    check(read_features(write(tmp_path / "f.safetensors", GOOD)))


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("{", "header of .* is damaged"),
        ("[" * 100_000, "header of .* is damaged"),
        ([], "its header says another format"),
        (GOOD | {"format": "cat"}, "its header says another format"),
        (GOOD | {"version": 2}, "version 2 of the format; this audition reads version 1"),
        (GOOD | {"version": None}, "version None of the format"),
        (GOOD | {"layers": ["x", "y"]}, "layers and labels do not fit together"),
        (GOOD | {"layers": []}, "layers and labels do not fit together"),
        (GOOD | {"layers": [3]}, "layers and labels do not fit together"),
        (GOOD | {"layers": None}, "layers and labels do not fit together"),
        (GOOD | {"labels": ["a"]}, "layers and labels do not fit together"),
        (GOOD | {"labels": [{}, [], None]}, "layers and labels do not fit together"),
    ],
)
def test_headers_that_cannot_be_trusted(tmp_path: Path, header: Any, sentence: str) -> None:
    refuse(sentence, write(tmp_path / "f.safetensors", header))


def test_writing_leaves_nothing_half_done(tmp_path: Path) -> None:
    path = tmp_path / "f.safetensors"
    write_tensors(path, {"layer.0": FEATURES}, {"layers": ["x"], "labels": CODES.tolist()})
    before = path.read_bytes()
    with pytest.raises(ValueError, match="JSON"):
        write_tensors(path, {"layer.0": FEATURES}, {"labels": [float("nan")]})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["f.safetensors"]


def test_writing_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"f\.safetensors' cannot be written: there is no folder"):
        write_tensors(tmp_path / "no" / "f.safetensors", {"layer.0": FEATURES}, {})
    (tmp_path / "f.safetensors").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        write_tensors(tmp_path / "f.safetensors", {"layer.0": FEATURES}, {})
    assert [p.name for p in tmp_path.iterdir()] == ["f.safetensors"]
