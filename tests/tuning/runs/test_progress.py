"""The bar of a run, on standard error."""

import pytest

pytest.importorskip("torch", reason="torch is not installed")

from tuning.small import Small, ready, rows

from audition.tuning.runs.loop import fit
from audition.tuning.runs.progress import TuningBar, TuningWatch, tuning_watch


def test_a_bar_shows_the_loss_and_the_held_out_score(capsys):
    examples = rows()
    objective, settings = ready(examples)
    fitted = fit(Small(), examples, objective, settings, watch=tuning_watch(True, "zoo:resnet"))
    shown = capsys.readouterr().err
    assert "zoo:resnet: 100%" in shown and "40/40" in shown
    assert f"held-out accuracy {fitted.curve.rows[-1].held_out_score:.3f}" in shown
    assert "loss " in shown and " *" in shown


def test_nothing_is_shown_unasked(capsys):
    examples = rows()
    objective, settings = ready(examples)
    fit(Small(), examples, objective, settings)
    assert capsys.readouterr() == ("", "")
    assert type(tuning_watch(False)) is TuningWatch


def test_a_bar_that_never_began_can_be_closed():
    TuningBar().close()
