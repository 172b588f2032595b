"""The figures of a report by name."""

import numpy as np
import pytest
from reporting.made import ranking

from audition.data.features import Features
from audition.errors import InputError, UnknownNameError
from audition.reporting import PLOTS, plot, report
from audition.reporting.plots import ranking_plot

LABELS = tuple("ab"[i % 2] for i in range(30))
ROWS = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
FEATURES = Features("m", "made", "classification", LABELS, {"last": ROWS})
TRUTH = {f"zoo:net-{i}": 0.9 - i / 20 for i in range(4)}


@pytest.fixture(scope="module")
def whole():
    return report(ranking(layers=2), data=(ROWS, list(LABELS)), features=FEATURES, truth=TRUTH, tsne=False)


@pytest.mark.parametrize("kind", PLOTS)
def test_each_has_a_figure_with_a_sentence_for_who_cannot_see_it(whole, kind):
    drawn = plot(whole, kind)
    assert len(drawn.title) > 10
    assert drawn.standalone().startswith("<svg ") and drawn.width > 0 and drawn.height > 0


@pytest.mark.parametrize(
    "kind", ["layers", "motion", "energy", "classes", "truth", "bump", "cost", "agreement"]
)
def test_what_a_figure_needs_is_said(kind):
    bare = report(ranking(1, ("logme",)))
    with pytest.raises(InputError, match=r"nothing for the figure|Agreement is between measures"):
        plot(bare, kind)


def test_which_one(whole):
    assert plot(whole, "truth", of="transrate").title.startswith("transrate against true results")
    assert plot(whole, "cost", of="seconds").title.startswith("mean place against time a sample")
    assert "zoo:net-2" in plot(whole, "layers", of="zoo:net-2").title
    assert (
        plot(whole, "bump", of="transrate,logme").title == "Places of 4 candidates by transrate and by logme"
    )
    assert plot(whole, "bump", width=500).width == 500


def test_names_that_are_none(whole):
    with pytest.raises(UnknownNameError, match="Did you mean 'ranking'"):
        plot(whole, "rankin")
    with pytest.raises(UnknownNameError, match="Did you mean 'transrate'"):
        plot(whole, "truth", of="transrat")
    with pytest.raises(InputError, match="with a comma between"):
        plot(whole, "bump", of="logme")
    with pytest.raises(InputError, match="given twice"):
        plot(whole, "bump", of="logme,logme")


def test_those_that_may_be_the_best_stand_out():
    drawn = str(ranking_plot(ranking(5)).body)
    assert drawn.count("dot on") == 2 * 3  # two candidates, in the panels of the place and of two measures
