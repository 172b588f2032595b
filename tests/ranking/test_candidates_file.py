"""The models of a ranking in a candidates file: it reads back to the same names, and the same ranking."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.errors import InputError
from audition.models import CallableModel
from audition.models.listed import listed_models
from audition.ranking import Ranking, rank
from audition.ranking.candidates_file import quoted, save_candidates
from audition.ranking.standings import Row

ODD = [
    'timm:a?note=say "hi"',
    "onnx:C:\\nets\\a.onnx",
    "hf:org/größe🌙?tag='x'",
    "timm:b?note=a#b=c,[d]",
    "timm:c?note=50%",
]


def ranking(*names: str, failed: dict[str, str] | None = None) -> Ranking:
    rows = [Row(name, "last", place=place + 1, scores={"logme": -place}) for place, name in enumerate(names)]
    rows += [Row(name, "", error=error) for name, error in (failed or {}).items()]
    return Ranking(tuple(rows), ("logme",), "logme", "data", "classification", 10, (), 0.0, "0.1.0")


def test_odd_names_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_candidates(ranking(*ODD), "c.toml")
    assert tomllib.loads(Path("c.toml").read_text(encoding="utf-8")) == {"root": ".", "models": ODD}
    assert listed_models(Path("c.toml")) == ODD


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_a_text_of_toml(text: str) -> None:
    assert tomllib.loads(f"text = {quoted(text)}") == {"text": text}


def test_relative_paths_go_on_to_start_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work" / "nets").mkdir(parents=True)
    (tmp_path / "notes").mkdir()
    net = tmp_path / "work" / "nets" / "a.onnx"
    net.write_bytes(b"")
    monkeypatch.chdir(tmp_path / "work")
    names = ["onnx:nets/a.onnx", "timm:b?checkpoint=nets/a.onnx", f"onnx:{net}", "zoo:cnn-mnist"]
    file = tmp_path / "notes" / "c.toml"
    save_candidates(ranking(*names), file)
    assert tomllib.loads(file.read_text())["root"] == "../work"
    monkeypatch.chdir(tmp_path)  # wherever it is read from
    inside, weights, absolute, other = listed_models(file)
    assert Path(inside.removeprefix("onnx:")).resolve() == net
    assert Path(weights.partition("=")[2]).resolve() == net
    assert (absolute, other) == (names[2], names[3])


def test_failed_candidates_are_comments_with_their_reason(tmp_path: Path) -> None:
    failed = {"zoo:b": 'it broke:\n"models" = ["x"]', "zoo:a": "one of its layers"}
    save_candidates(ranking("zoo:a", "zoo:a", "zoo:c", failed=failed), tmp_path / "c.toml")
    text = (tmp_path / "c.toml").read_text()
    assert tomllib.loads(text)["models"] == ["zoo:a", "zoo:c"]
    assert '# zoo:b failed: it broke: "models" = ["x"]\n' in text
    assert "zoo:a failed" not in text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("c.csv", r"written as \.toml; .*c\.csv' is named otherwise"),
        ("there.toml", "exists already"),
        ("no/c.toml", "there is no folder"),
    ],
)
def test_files_that_cannot_be(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "there.toml").write_text("mine")
    with pytest.raises(InputError, match=sentence):
        save_candidates(ranking("zoo:a"), tmp_path / name)
    assert (tmp_path / "there.toml").read_text() == "mine"


def test_a_ranking_of_failures_names_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Every candidate failed"):
        save_candidates(ranking(failed={"zoo:a": "broken"}), tmp_path / "c.toml")
    assert not (tmp_path / "c.toml").exists()


def test_the_same_ranking_again(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("PIL", reason="PIL is not installed")
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (24, 28, 28), dtype=np.uint8)
    pixels[12:] //= 2
    data = (list(pixels), ["a", "b"] * 6 + ["b"] * 12)
    first = rank("zoo:cnn-*", data)
    save_candidates(first, tmp_path / "c.toml")
    again = rank(f"@{tmp_path / 'c.toml'}", data)
    assert [(row.model, row.scores) for row in again] == [(row.model, row.scores) for row in first]


def test_models_without_a_source_are_named_all_the_same(tmp_path: Path) -> None:
    """A Model object has no name to open it by; reading the file says so."""
    model = CallableModel("mine", lambda batch: batch, "rows")
    rows = np.random.default_rng(0).normal(size=(20, 3))
    save_candidates(rank([model], (rows, [0, 1] * 10)), tmp_path / "c.toml")
    with pytest.raises(InputError, match="no model 'mine'"):
        rank(f"@{tmp_path / 'c.toml'}", (rows, [0, 1] * 10))
