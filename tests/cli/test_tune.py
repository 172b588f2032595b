"""`audition tune` and `audition auto`: from a folder of pictures to a folder that predicts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("PIL", reason="PIL is not installed")

from audition.cli import run
from audition.ranking import Ranking

QUICK = ["--lr", "0.01", "--epochs", "1", "--views", "1", "--quiet"]
ZOO = ["zoo:cnn-mnist", "zoo:cnn-omniglot"]


def pictures(folder: Path, number: int = 10, seed: int = 0) -> Path:
    """`number` pictures of each of two classes."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    for label, level in (("dark", 0), ("light", 120)):
        (folder / label).mkdir(parents=True)
        for place in range(number):
            pixels = (rng.integers(0, 120, (28, 28)) + level).astype(np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{place}.png")
    return folder


def config(folder: Path) -> dict:
    return json.loads((folder / "config.json").read_text())


def tuned_on(data: Path, out: Path, *more: str) -> dict:
    words = ["tune", "-d", str(data), "--model", ZOO[0], "--out", str(out), *QUICK, *more]
    assert run(words) == 0
    return config(out)["provenance"]


def test_the_test_part_beside_a_train_part_is_tested_on(tmp_path):
    pictures(tmp_path / "data" / "train"), pictures(tmp_path / "data" / "test", 4, seed=1)
    told = tuned_on(tmp_path / "data", tmp_path / "tuned")
    assert told["test_data"]["rows"] == 8 and sum(told["rows"].values()) == 20
    told = tuned_on(tmp_path / "data", tmp_path / "untested", "--test", "0")
    assert "test_data" not in told


def test_a_test_part_that_is_learned_from_does_not_test(tmp_path):
    pictures(tmp_path / "data" / "test")
    told = tuned_on(tmp_path / "data", tmp_path / "tuned")
    assert sum(told["rows"].values()) == 20 and "test_data" not in told
    pictures(tmp_path / "data" / "val", 4, seed=1)
    assert "test_data" not in tuned_on(tmp_path / "data", tmp_path / "again")


@pytest.mark.filterwarnings("default::audition.errors.AuditionWarning")
def test_a_test_part_without_labels_is_not_used(tmp_path, capsys):
    whole = pictures(tmp_path / "images")
    lines = [
        f"images/{path.parent.name}/{path.name},{path.parent.name}" for path in sorted(whole.rglob("*.png"))
    ]
    data = tmp_path / "data"
    data.mkdir()
    for name, rows in (
        ("train.csv", ["image,label", *lines]),
        ("test.csv", ["image", lines[0].split(",")[0]]),
    ):
        (data / name).write_text("\n".join(rows).replace("images/", "../images/") + "\n")
    told = tuned_on(data, tmp_path / "tuned")
    assert "test_data" not in told
    assert "The test part is not used: " in capsys.readouterr().err


def test_test_data_that_are_learned_from_are_refused(tmp_path, capsys):
    data = pictures(tmp_path / "data")
    words = ["tune", "-d", str(data), "--model", ZOO[0], "--out", str(tmp_path / "tuned"), *QUICK]
    assert run([*words, "--test", str(data)]) == 2
    assert "20 of 20 items" in capsys.readouterr().err


def test_the_first_of_a_ranking_is_tuned_and_the_next_teaches(tmp_path, capsys):
    data, ranked = pictures(tmp_path / "data"), tmp_path / "ranking.json"
    assert run(["rank", "-m", *ZOO, "-d", str(data), "--json", str(ranked), "--quiet"]) == 0
    first, second = [row.model for row in Ranking.load(ranked).placed]
    words = ["tune", "-d", str(data), "--ranking", str(ranked), "--teachers", "1", *QUICK]
    out = tmp_path / "tuned"
    assert run([*words, "--test", "0.2", "--out", str(out), "--tradeoff", "3"]) == 0
    told = config(out)["provenance"]
    assert told["model"] == first and told["teachers"] == [f"{second} (100 %)"] and told["tradeoff"] == 3.0
    said = " ".join(capsys.readouterr().out.split())
    assert f"Taught by {second}" in said and "Note: The ranking was made before rows were set apart" in said
    assert run([*words, "--out", str(tmp_path / "other"), "--head-only"]) == 2
    assert "B-Tuning teaches the body" in capsys.readouterr().err


def test_a_search_in_a_process_of_its_own(tmp_path):
    data, out = pictures(tmp_path / "data"), tmp_path / "tuned"
    words = ["auto", "-m", *ZOO, "-d", str(data), "--budget", "5m", "--teachers", "1", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-m", "audition", *words, *QUICK],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "2 candidates ranked on 16 rows" in done.stdout and "to the end" in done.stdout
    assert {"config.json", "ranking.json", "search.txt"} <= {path.name for path in out.iterdir()}
    assert len(Ranking.load(out / "ranking.json").placed) == 2
    assert (
        run(["auto", "-m", *ZOO, "-d", str(data), "--out", str(out), "--quiet"]) == 2
    )  # it is there already


def test_what_is_wrong_is_said_in_options(tmp_path, capsys):
    data = pictures(tmp_path / "data")
    words = ["-d", str(data), "--out", str(tmp_path / "tuned"), *QUICK]
    for command, said in (
        (["tune", "--model", ZOO[0], "--held-out", "2"], "--held-out must be from 0 to below 1. Got 2"),
        (["tune", "--model", ZOO[0], "--accumulate", "0"], "--accumulate must be a positive integer. Got 0"),
        (["auto", "-m", *ZOO, "--confidence", "0"], "--confidence must be"),
        (["auto", "-m", *ZOO, "--held-out", "0"], "let --held-out be above 0"),
    ):
        assert run([*command, *words]) == 2, command
        told = " ".join(capsys.readouterr().err.split())
        assert said in told and "parameter" not in told
    (tmp_path / "tuned.tuning").mkdir()
    assert run(["tune", "--model", ZOO[0], *words]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "go on by --resume, or remove it" in told
