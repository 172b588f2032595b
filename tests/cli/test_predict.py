"""`audition predict` and `audition export`: files, tables, and one sentence for what is wrong."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.cli import run

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("PIL", reason="PIL is not installed")

from tuning.tuned_models import folder_of, one_tuned, tuned_of  # noqa: F401  # a fixture


@pytest.fixture(scope="module")
def folder(tuned: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("cli") / "tuned"
    tuned.save(path)
    return str(path)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return folder_of(tmp_path / "new", 5)


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_a_file_of_predictions(tuned, folder, images, tmp_path, capsys):
    out = tmp_path / "p.csv"
    assert (
        run(["predict", folder, str(images), "--out", str(out), "--batch-size", "2", "--device", "cpu"]) == 0
    )
    said = capsys.readouterr()
    assert said.out == "" and f"written to {out}" in one_line(said.err)
    with out.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["item", "prediction", "probability of ant", "probability of bee", "probability of wasp"]
    assert [Path(row[0]) for row in rows] == sorted(images.rglob("*.png"))
    expected = tuned.predictions(images)
    assert [row[1] for row in rows] == expected.labels.tolist()
    np.testing.assert_allclose(np.array([row[2:] for row in rows], float), expected.probabilities, atol=1e-5)


def test_a_table_and_standard_output(folder, images, capsys):
    one = next(iter(sorted(images.rglob("*.png"))))
    assert run(["predict", folder, str(one)]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["item", "prediction", "probability"]
    assert row.split()[1] in ("ant", "bee", "wasp")
    assert run(["predict", folder, str(images), "--top", "2", "--out", "-", "--quiet"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "item,prediction,probability,prediction 2,probability 2" and len(lines) == 6


def test_items_that_cannot_be_read(folder, images, capsys):
    (images / "bad.png").write_bytes(b"nothing")
    assert run(["predict", folder, str(images)]) == 2
    assert "bad.png" in capsys.readouterr().err
    assert run(["predict", folder, str(images), "--skip-bad"]) == 0
    assert "1 item could not be read and was left out: " in capsys.readouterr().err


def test_mistakes(folder, images, tmp_path, capsys):
    (tmp_path / "there.csv").write_text("mine")
    for words, sentence in (
        ([folder, str(images), "--out", str(tmp_path / "there.csv")], "exists already"),
        ([str(tmp_path), str(images)], "holds no config.json: give a folder that 'audition tune' wrote"),
        ([str(tmp_path / "none"), str(images)], "There is no folder"),
        ([folder, str(tmp_path / "none")], "There is no file or folder"),
        ([folder, str(images), "--top", "0"], "--top takes a positive number"),
        ([folder, str(images), "--device", "gpu"], "There is no device 'gpu'"),
        ([folder], "DATA is missing; 'audition predict --help' says what it is"),
    ):
        assert run(["predict", *words]) == 2, words
        assert sentence in one_line(capsys.readouterr().err), words
    assert (tmp_path / "there.csv").read_text() == "mine"


def test_a_native_folder(framework, tmp_path, capsys):
    timm = framework("timm")
    tuned_of("timm:test_vit?pretrained=false").save(tmp_path / "tuned")
    words = ["export", str(tmp_path / "tuned"), "--format", "native", "--out"]
    assert run([*words, str(tmp_path / "native")]) == 0
    assert "written to" in capsys.readouterr().err
    assert timm.create_model(f"local-dir:{tmp_path / 'native'}", pretrained=True).num_classes == 3
    assert run([*words, str(tmp_path / "native")]) == 2
    assert "exists already" in capsys.readouterr().err


def test_an_onnx_file_and_what_has_no_native_form(folder, tmp_path, framework, capsys):
    framework("onnxscript")
    onnxruntime = framework("onnxruntime")
    words = [
        "export",
        folder,
        "--format",
        "onnx",
        "--data",
        "sklearn:digits",
        "--out",
        str(tmp_path / "m.onnx"),
    ]
    assert run(words) == 0
    session = onnxruntime.InferenceSession(tmp_path / "m.onnx", providers=["CPUExecutionProvider"])
    assert [given.name for given in session.get_inputs()] == ["pixels"]
    assert run(["export", folder, "--format", "native", "--out", str(tmp_path / "native")]) == 2
    assert "of neither timm nor transformers" in one_line(capsys.readouterr().err)
    assert not (tmp_path / "native").exists()


def test_an_onnx_file_of_texts_comes_with_its_tokenizer(assets, tmp_path, framework, monkeypatch, capsys):
    framework("onnxscript"), framework("onnxruntime"), framework("tokenizers")
    tuned_of(f"st:{assets / 'text' / 'models' / 'glove-6B-50d_20k'}").save(tmp_path / "tuned")
    monkeypatch.chdir(tmp_path)
    assert run(["export", "tuned", "--format", "onnx", "--out", "m.onnx"]) == 0
    assert (tmp_path / "m.onnx").is_file() and (tmp_path / "m.tokenizer.json").is_file()
    said = one_line(capsys.readouterr().err)
    assert (
        "written to m.onnx written to m.tokenizer.json run it: onnxruntime.InferenceSession('m.onnx')" in said
    )
    assert "tokenizers.Tokenizer.from_file('m.tokenizer.json')" in said


def test_a_table_keeps_its_columns(folder, images, tmp_path, capsys):
    paths = sorted(images.rglob("*.png"))[:2]
    table = tmp_path / "new.csv"
    table.write_text("id,image\n" + "".join(f"{place},{path}\n" for place, path in enumerate(paths, 7)))
    assert run(["predict", folder, str(table), "--out", "-", "--top", "1", "--quiet"]) == 0
    header, first, second = csv.reader(capsys.readouterr().out.splitlines())
    assert header == ["item", "id", "image", "prediction", "probability"]
    assert first[:3] == ["new.csv, line 2", "7", str(paths[0])]
    assert second[:3] == ["new.csv, line 3", "8", str(paths[1])]


def test_data_are_looked_at_before_the_network(folder, tmp_path, monkeypatch, capsys):
    from audition.tuning.results import folder as folders

    monkeypatch.setattr(folders, "rebuild", lambda *given, **more: pytest.fail("the network was built"))
    for command, data in ((["predict", folder], []), (["export", folder, "--format", "onnx"], ["--data"])):
        more = ["--out", str(tmp_path / "out")]
        assert run([*command, *data, str(tmp_path / "nothing"), *more]) == 2
        assert "There is no file or folder" in capsys.readouterr().err


def test_what_is_wrong_is_said_in_options(folder, images, capsys):
    assert run(["predict", folder, str(images), "--batch-size", "0"]) == 2
    said = one_line(capsys.readouterr().err)
    assert "--batch-size must be a positive integer. Got 0 instead." in said and "parameter" not in said
    (images / "bad.png").write_bytes(b"nothing")
    assert run(["predict", folder, str(images)]) == 2
    assert "skip_bad=True" not in one_line(capsys.readouterr().err)
