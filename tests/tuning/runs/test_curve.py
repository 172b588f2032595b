"""A curve: its best look, and its files."""

import csv
from math import nan
from xml.etree import ElementTree

import pytest

from audition.errors import InputError

pytest.importorskip("torch", reason="torch is not installed")

from audition.tuning.runs.curve import Curve, Look


def curve(scores, losses=None, name="accuracy"):
    losses = losses or [1.0 / (1 + place) for place in range(len(scores))]
    return Curve(
        tuple(
            Look(10 * (place + 1), place + 1.0, 0.01, 2 * loss, 0.1, loss, score, 0.5)
            for place, (score, loss) in enumerate(zip(scores, losses, strict=True))
        ),
        name,
    )


@pytest.mark.parametrize(
    "scores, losses, best",
    [
        ([0.5, 0.9, 0.8], [1.0, 0.5, 0.1], 1),
        ([0.5, 0.9, 0.9], [1.0, 0.5, 0.4], 2),  # the loss decides among equals
        ([0.9, 0.9], [0.4, 0.4], 0),  # the first of equals
        ([nan, nan], [0.5, 0.4], 1),  # a score that is not defined
        ([nan, nan], [nan, nan], 1),  # no held-out rows: the last
    ],
)
def test_the_best_look(scores, losses, best):
    looks = curve(scores, losses)
    assert looks.best is looks.rows[best]
    assert looks.since_best == len(scores) - 1 - best


def test_no_look_is_no_best():
    assert Curve((), "R²").best is None and Curve((), "R²").since_best == 0


def test_the_table_has_all_digits(tmp_path):
    looks = curve([1 / 3, 2 / 3])
    looks.to_csv(tmp_path / "curve.csv")
    with open(tmp_path / "curve.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(value) for name, value in row.items()} for row in rows] == looks.records()
    assert Curve.of(looks.records(), "accuracy") == looks


@pytest.mark.parametrize(
    "looks", [curve([0.5, 0.7, 0.6]), curve([0.5]), curve([nan], [nan]), Curve((), "R²")]
)
def test_the_picture_is_well_formed_and_escapes(looks, tmp_path):
    looks.to_svg(tmp_path / "curve.svg", title="<b>cats & dogs</b>")
    text = (tmp_path / "curve.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    assert "<b>" not in text and "nan" not in text and "inf" not in text
    words = [part.text for part in root.iter() if part.tag.endswith("text")]
    assert words[0] == "<b>cats & dogs</b>"
    assert f"held-out {looks.score_name}" in words


def test_the_picture_draws_what_there_is(tmp_path):
    curve([0.5, 0.7, 0.6]).to_svg(tmp_path / "curve.svg")
    text = (tmp_path / "curve.svg").read_text(encoding="utf-8")
    assert text.count('class="held" d="M') == 2 and text.count('class="train" d="M') == 1
    assert text.count("<circle") == 2
    assert "3 looks; the best at epoch 2: accuracy 0.7, loss 0.5." in text


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        curve([0.5]).to_csv(tmp_path / "none" / "curve.csv")
