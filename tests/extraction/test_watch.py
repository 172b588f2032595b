"""What is shown of a run: bars and lines on standard error, and nothing unasked."""

import numpy as np
import pytest

import audition
from audition.extraction.watch import Bars

DATA = (np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2)


def models():
    return [
        audition.CallableModel("first", lambda rows: rows, "rows"),
        audition.CallableModel("second", lambda rows: 1 // 0, "rows"),
    ]


def test_a_line_for_every_model_that_has_finished(capsys):
    audition.rank(models(), DATA, metrics="logme", batch_size=10, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "first: logme" in shown.err
    assert "second: failed: second failed on a batch" in shown.err
    assert "1/2 first" in shown.err and "2/2 second" in shown.err


@pytest.mark.parametrize("places", [(2, 0), (0, 2)])
def test_a_model_that_never_begins_has_its_line(places, capsys):
    candidates = [*models(), audition.CallableModel("third", lambda images: images, "image")]
    audition.rank([candidates[place] for place in places], DATA, metrics="logme", progress=True)
    shown = capsys.readouterr().err
    assert "third: failed: third takes images" in shown
    assert f"{places.index(0) + 1}/2 first" in shown


def test_a_forecast_with_bars_says_what_cannot_begin(capsys):
    third = audition.CallableModel("third", lambda images: images, "image")
    told = audition.forecast([third, models()[0]], DATA, metrics="logme", progress=True)
    assert told.candidates[0].error is not None and told.candidates[1].error is None


def test_nothing_is_shown_unasked(capsys):
    audition.rank(models(), DATA, metrics="logme")
    assert capsys.readouterr() == ("", "")


def test_time_left_counts_the_models_to_come(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    bars = Bars(models=3)
    bars.begins("one", 4)
    now[0] = 4.0
    for _ in range(4):
        bars.batch()
    bars.ends("")
    bars.begins("two", 4)
    now[0] = 5.0
    bars.batch()
    bars.batch()
    # one took 4 s; two needs 1 s for two of four batches, so 2 s: 1 s more, and 3 s for the third
    assert bars._left() == pytest.approx(1 + (4 + 2) / 2)
    bars.close()
