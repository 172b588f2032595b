"""The model card: what it tells, and that no name in it is taken for Markdown or HTML."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("PIL", reason="PIL is not installed")

from tuning.tuned_models import ZOO, tuned_of

from audition.tuning.results.card import card, plain
from audition.tuning.results.outcome import judge

TOLD = {
    "model": ZOO,
    "data": "insects",
    "data_digest": "abc123",
    "rows": {"train": 80, "held_out": 20, "test": 30},
    "grouped": True,
    "method": "B-Tuning",
    "teachers": ["zoo:resnet-mnist (60 %)", "zoo:vit-mnist (40 %)"],
    "ranking": [
        {"place": 1, "model": ZOO, "probability": 0.7},
        {"place": 2, "model": "other", "probability": None},
    ],
    "seed": 3,
    "versions": {"audition": "1.0", "torch": "2.6"},
}


@pytest.fixture(scope="module")
def tuned():
    codes = np.arange(30) % 3
    outputs = np.eye(3)[np.where(codes == 2, 1, codes)] * 3.0
    small = tuned_of(provenance=TOLD, settings={"rate": 0.01, "epochs": 5, "clip": None})
    outcome = judge(small.answers, outputs, codes)
    return replace(small, held_out=outcome, test=outcome)


def test_tells_where_it_comes_from_and_how_it_does(tuned):
    text = card(tuned)
    for line in (
        "# zoo:cnn-mnist, tuned on insects",
        "| tuned by | B-Tuning |",
        "| teachers | zoo:resnet-mnist (60 %), zoo:vit-mnist (40 %) |",
        "insects (digest abc123): 80 rows to tune on, 20 held out to choose the best state, 30 to test on that took no "
        "part. Rows of one group are all on one side.",
        "Classes: ant, bee, wasp.",
        "| 1 | zoo:cnn-mnist | 70 % |",
        "| 2 | other | – |",
        "| rate | 0.01 |",
        "## Scores on 30 test rows",
        "## Scores on 30 held-out rows",
        "| wasp | bee | 10 of 10 |",
        "Made with audition 1.0, torch 2.6; seed 3.",
        'tuned.predict(["a.jpg", "b.jpg"])',
    ):
        assert line in text.splitlines(), line
    accuracy = tuned.test.scores["accuracy"]
    assert f"| accuracy | 0.6667 | {accuracy.low:.4g} to {accuracy.high:.4g} |" in text
    assert "| log loss (less is better) |" in text
    assert "clip" not in text


def test_is_short_where_little_is_known():
    text = card(tuned_of(provenance={}))
    assert "# zoo:cnn-mnist, tuned on data of your own" in text
    assert "How the model was chosen" not in text and "Scores" not in text
    assert "No rows were kept for a test" in text
    assert "\n\n\n" not in text


def test_sections_are_parted_by_one_empty_line(tuned):
    text = card(tuned)
    assert "\n\n\n" not in text
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if line.startswith("#") and place:
            assert lines[place - 1] == "" and lines[place + 1] == ""


def test_names_are_escaped(tuned):
    odd = tuned_of(
        classes=("<script>alert(1)</script>", "a|b\n# c", "`*_[x](y)"), provenance={"data": "![](evil)"}
    )
    text = card(odd)
    assert "<script>" not in text and "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert r"a\|b # c" in text and r"\`\*\_\[x\](y)" in text
    assert r"!\[\](evil)" in text
    assert plain("a\nb") == "a b"


def test_many_classes_are_cut_and_counted():
    text = card(tuned_of(classes=tuple(range(50)), provenance={}))
    assert "18, 19, and 30 more (in config.json)." in text


@pytest.mark.parametrize(
    ("task", "classes", "sentence"),
    [
        ("multilabel", ("sea", "sky"), "Tells which of 2 labels pictures have, any number each."),
        ("regression", ("age",), "Predicts a number for pictures."),
        ("regression", ("w", "h"), "Predicts 2 numbers for pictures."),
    ],
)
def test_other_tasks(task, classes, sentence):
    small = tuned_of(classes=classes, task=task)
    targets = np.random.default_rng(0).integers(0, 2, (20, len(classes))).astype(float)
    text = card(replace(small, test=judge(small.answers, targets - 0.3, targets)))
    assert sentence in text
    assert "one of its classes" not in text
    assert ("| label |" in text) == (len(classes) > 1)
