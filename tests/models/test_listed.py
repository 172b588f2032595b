"""Candidates files: TOML and CSV, names with what is known of them, paths and mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from audition.errors import InputError, UnknownNameError
from audition.models.listed import Listed, listed_candidates, listed_models


def write(folder: Path, text: str, name: str = "list.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_names_alone(tmp_path: Path) -> None:
    path = write(tmp_path, 'models = ["zoo:*", "onnx:a.onnx?size=3", "features:b/*.npz", "timm:*resnet*"]')
    assert listed_models(path) == [
        "zoo:*",
        f"onnx:{tmp_path}/a.onnx?size=3",
        f"features:{tmp_path}/b/*.npz",
        "timm:*resnet*",
    ]
    assert listed_candidates(path)[0] == Listed("zoo:*")


def test_tables_say_where_a_model_comes_from(tmp_path: Path) -> None:
    text = """
    root = "nets"
    models = ["zoo:cnn-mnist"]
    [[model]]
    name = "onnx:birds.onnx"
    source = "iNat birds"
    architecture = "mobilenetv2"
    [[model]]
    name = "timm:resnet18.a1_in1k"
    """
    assert listed_candidates(write(tmp_path, text)) == [
        Listed("zoo:cnn-mnist"),
        Listed(f"onnx:{tmp_path}/nets/birds.onnx", "iNat birds", "mobilenetv2"),
        Listed("timm:resnet18.a1_in1k"),
    ]


def test_csv(tmp_path: Path) -> None:
    text = "model,note,source\nzoo:cnn-mnist,x,digits\n\n onnx:a.onnx ,, \n"
    assert listed_candidates(write(tmp_path, text, "list.csv")) == [
        Listed("zoo:cnn-mnist", "digits"),
        Listed(f"onnx:{tmp_path}/a.onnx"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.toml", "x = 1", r'needs models = \["SOURCE:NAME", \.\.\.\], or \[\[model\]\] with name'),
        ("a.toml", "models = [1]", "needs models = "),
        ("a.toml", "model = 3", "needs models = "),
        ("a.toml", 'root = 3\nmodels = ["zoo:*"]', "gives a root that is no text"),
        ("a.toml", '[[model]]\nsource = "x"', r"has a \[\[model\]\] without name"),
        ("a.toml", '[[model]]\nname = "zoo:*"\nsource = 3', r"has a \[\[model\]\] of other than texts"),
        ("a.toml", "models = [", "cannot be read"),
        ("a.csv", "name\nzoo:*\n", "needs a column 'model'; it has name"),
        ("a.csv", "model\n\n", "names no model"),
        ("a.csv", "", "needs a column 'model'; it has nothing"),
    ],
)
def test_files_of_another_form(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=rf"The candidates file '.*{name}' .*{sentence}|{sentence}"):
        listed_candidates(write(tmp_path, text, name))


def test_a_key_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no key 'sourc' of a .*Did you mean 'source'"):
        listed_candidates(write(tmp_path, '[[model]]\nname = "zoo:*"\nsourc = "x"'))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no candidates file"):
        listed_models(tmp_path / "none.toml")
