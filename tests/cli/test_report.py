"""`audition report`, and --report of rank and layers."""

import json
import sys

import pytest
from reporting.made import ranking

from audition.cli import run

DIGITS = ["-d", "sklearn:digits", "--limit", "60", "-q"]


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "ranking.json"
    ranking().save(path)
    return path


def said(capsys):
    return " ".join(capsys.readouterr().err.split())


def test_beside_the_ranking(saved, capsys):
    assert run(["report", str(saved)]) == 0
    page = saved.with_suffix(".html")
    assert f"written to {page}" in capsys.readouterr().err.replace("\n", "")
    assert "Take zoo:net-0" in page.read_text(encoding="utf-8")
    assert run(["report", str(saved)]) == 2
    assert "exists already" in said(capsys)


def test_with_data_features_and_truth(saved, tmp_path, framework):
    framework("onnxruntime")
    features, out = tmp_path / "features.safetensors", tmp_path / "report.json"
    assert run(["extract", "-m", "zoo:cnn-mnist", *DIGITS, "-o", str(features)]) == 0
    (tmp_path / "truth.csv").write_text("model,accuracy\nzoo:net-0,0.9\nzoo:net-1,0.8\nzoo:net-2,0.7\n")
    words = ["report", str(saved), "-o", str(out), "--features", str(features), "--no-tsne"]
    assert run([*words, *DIGITS[:4], "--truth", str(tmp_path / "truth.csv")]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["motion"]["model"] == "zoo:cnn-mnist" and [
        each["how"] for each in found["motion"]["frames"]
    ] == ["PCA"]
    assert found["data"]["items"] == 60 and len(found["judged"]["verdicts"][0]["points"]) == 3
    assert found["absent"] == []


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["ranking.json", "-o", "report.pdf"], "is named otherwise"),
        (["none.json"], "There is no file"),
        (["ranking.json", "-d", "nowhere"], "nowhere"),
        (["ranking.json", "--truth", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_mistakes(saved, tmp_path, monkeypatch, capsys, words, sentence):
    monkeypatch.chdir(tmp_path)
    assert run(["report", *words]) == 2
    assert sentence in said(capsys)
    assert [path.name for path in tmp_path.iterdir()] == ["ranking.json"]


def test_of_a_run(tmp_path, monkeypatch, capsys, framework):
    framework("onnxruntime")
    monkeypatch.setattr(sys, "argv", ["/bin/audition", "rank", "-m", "zoo:*mnist"])
    page = tmp_path / "report.html"
    assert run(["rank", "-m", "zoo:cnn-mnist", "zoo:resnet-mnist", *DIGITS, "--report", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "audition rank -m &#39;zoo:*mnist&#39;" in text
    assert "The motion of PED" in text and "data:image/png;base64," in text
    assert run(["rank", "-m", "zoo:cnn-mnist", *DIGITS, "--report", str(page)]) == 2
    assert "exists already" in said(capsys)


def test_of_layers(tmp_path, framework):
    framework("onnxruntime")
    page = tmp_path / "layers.md"
    assert run(["layers", "-m", "zoo:cnn-mnist", *DIGITS, "--no-cache", "--report", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert "## Layers" in text and "## The motion of PED" not in text
