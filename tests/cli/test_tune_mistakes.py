"""A user's mistake is said before torch is imported, which takes seconds, wherever it can be known without."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

DATA, MODEL = ["-d", "sklearn:digits"], ["-m", "zoo:cnn-mnist"]
BOTH = (
    ([*DATA, *MODEL, "--out", "there"], "there' exists already"),
    ([*DATA, *MODEL, "--out", "broken"], "holds a run that was broken off: go on by --resume"),
    ([*DATA, *MODEL, "--out", "nowhere/new"], "there is no folder"),
    ([*DATA, *MODEL, "--out", "new", "--epochs", "0"], "--epochs must be a positive integer. Got 0"),
    ([*DATA, *MODEL, "--out", "new", "--lr", "-1"], "--lr must be a number above 0"),
    ([*DATA, *MODEL, "--out", "new", "--held-out", "2"], "--held-out must be from 0 to below 1"),
    ([*DATA, *MODEL, "--out", "new", "--test", "1.5"], "--test must be from 0 to below 1"),
    ([*DATA, *MODEL, "--out", "new", "--held-out", "0.6", "--test", "0.4"], "leave nothing to train on"),
    ([*DATA, *MODEL, "--out", "new", "--views", "0"], "--views must be a whole number of 1 or more"),
    ([*DATA, *MODEL, "--out", "new", "--no-cache", "--cache", "c"], "either --cache or --no-cache"),
    ([*DATA, *MODEL, "--out", "new", "--epoch", "3"], "Unknown option: --epoch. Did you mean --epochs?"),
    (["-d", "nowhere", *MODEL, "--out", "new"], "There is no folder"),
    (["-d", "images", *MODEL, "--out", "new", "--test", "nowhere"], "There is no folder"),
)
TUNE = (
    ([*DATA, "--out", "new"], "Say what to tune"),
    ([*DATA, *MODEL, "--out", "new", "--teachers", "3"], "3 teachers of which ranking?"),
    ([*DATA, *MODEL, "--out", "new", "--method", "b-tuning"], "B-Tuning needs teachers"),
    ([*DATA, *MODEL, "--out", "new", "--tradeoff", "3"], "A tradeoff weighs what teachers say"),
    ([*DATA, *MODEL, "--out", "new", "--temperature", "0"], "--temperature must be a positive number"),
    ([*DATA, "--ranking", "none.json", "--out", "new"], "There is no file"),
    (["-d", "images", "-m", "zoo:none", "--out", "new"], "There is no model 'zoo:none'"),
    (["-d", "images", "-m", "nets:none", "--out", "new"], "There is no model source 'nets'"),
    (["-d", "images", *MODEL, "--out", "new", "--trust", "hf:a/b"], "Only a model that is named is trusted"),
)
AUTO = (
    ([*DATA, *MODEL, "--out", "new", "--budget", "3x"], "'3x' is no time to spend"),
    ([*DATA, *MODEL, "--out", "new", "--confidence", "3"], "--confidence must be"),
    ([*DATA, *MODEL, "--out", "new", "--teachers", "-1"], "--teachers must be a whole number"),
    ([*DATA, *MODEL, "--out", "new", "--held-out", "0"], "let --held-out be above 0"),
    ([*DATA, *MODEL, "--out", "new", "--metrics", "logm"], "There is no measure 'logm'. Did you mean"),
    ([*DATA, *MODEL, "--out", "new", "--metrics", "logme", "--order", "lfc"], "There is no order 'lfc'"),
    ([*DATA, "-m", "zoo:none*", "--out", "new"], "No model matches 'zoo:none*'"),
)
OTHERS = (
    (["export", "nowhere", "--format", "onnx", "--out", "new.onnx"], "There is no folder"),
    (["predict", "there", "images"], "holds no config.json"),
    (["export", "there", "--format", "native", "--out", "there"], "'there' exists already"),
)
MISTAKES = (
    *((["tune", *words], said) for words, said in (*BOTH, *TUNE)),
    *((["auto", *words], said) for words, said in (*BOTH, *AUTO)),
    *OTHERS,
)
EACH = """
import contextlib, io, json, sys
from audition.cli import run
for words in json.loads(sys.argv[1]):
    with contextlib.redirect_stderr(io.StringIO()) as said:
        code = run(words)
    heavy = [name for name in ("torch", "transformers", "sklearn") if name in sys.modules]
    print(json.dumps([code, " ".join(said.getvalue().split()), heavy]), flush=True)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, str, list[str]]]:
    """Exit code, sentence and heavy libraries after each mistake, all made in one process that is fresh."""
    here = tmp_path_factory.mktemp("mistakes")
    for name in ("there", "broken.tuning", "images/a", "images/b"):
        (here / name).mkdir(parents=True)
    (here / "there" / "mine.txt").write_text("mine")
    picture(here / "images" / "a" / "1.png"), picture(here / "images" / "b" / "2.png")
    words = json.dumps([words for words, _ in MISTAKES])
    done = subprocess.run(
        [sys.executable, "-c", EACH, words], capture_output=True, text=True, check=True, cwd=here
    )
    assert not (here / "new").exists()
    return [json.loads(line) for line in done.stdout.splitlines()]


def picture(path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="PIL is not installed")
    image.new("L", (28, 28)).save(path)


@pytest.mark.parametrize("place", range(len(MISTAKES)), ids=lambda place: " ".join(MISTAKES[place][0]))
def test_a_mistake_is_said_before_torch_is_imported(
    place: int, told: list[tuple[int, str, list[str]]]
) -> None:
    code, said, heavy = told[place]
    assert code == 2
    assert said.startswith("audition: ") and MISTAKES[place][1] in said
    assert not heavy
