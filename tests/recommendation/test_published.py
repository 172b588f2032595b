"""The published table with scores, one data set left out at a time: everything is learned on the others."""

from functools import cache

import numpy as np
import pytest

from audition.evaluation import evaluate
from audition.recommendation import Candidate, Learned, lesson_of, recommend
from audition.recommendation.tables import tables_of
from audition.recommendation.variances import variances_of
from audition.truth import Truth, load_truth

TRUTH = load_truth("published_scores_tllib")
REPEATED = ("DTD", "nce")  # LogME's column, printed a second time: the notes of the table say so


def scores(target, as_printed):
    """measure -> model -> score of one data set."""
    return {
        name: cells[target]
        for name, cells in TRUTH.scores.items()
        if as_printed or (target, name) != REPEATED
    }


@cache
def found_on(target, as_printed=False, truth=TRUTH):
    """The recommendation for a data set; its own accuracies are used nowhere."""
    others = [name for name in TRUTH if name != target]
    history = truth.only(others)
    lessons = tuple(lesson_of(name, truth[name], scores(name, as_printed)) for name in others)
    world = Learned(lessons, variances_of(tables_of(history)), 1.0, {})
    here = scores(target, as_printed)
    candidates = [
        Candidate(model, scores={name: column[model] for name, column in here.items()})
        for model in TRUTH.models
    ]
    return recommend(candidates, history=history, knowledge=world, tables=[])


def judged(as_printed=False):
    order = {t: {row.model: row.mean for row in found_on(t, as_printed)} for t in TRUTH}
    return evaluate({"recommendation": order, **TRUTH.scores}, TRUTH, k=(1, 2, 3))


@pytest.mark.parametrize("as_printed", [False, True])
def test_left_out_data_sets_are_ordered_with_a_weighted_tau_of_80(as_printed):
    assert judged(as_printed)["recommendation"]["weighted_tau"].value >= 0.80


def test_it_is_better_than_every_measure_and_the_static_list():
    """The paired interval leaves out 0 against all."""
    whole = judged()
    for other in ("hscore", "leep", "logme", "nce", "static list"):
        found = whole.compare("recommendation", other)
        assert found.value > 0 and found.decided, str(found)


def test_it_loses_little():
    held = judged()["recommendation"]
    assert held["regret@1"].value < 0.5 and held["regret@2"].value < 0.1 and held["regret@3"].value == 0


def test_probabilities_and_errors_are_about_right_on_what_was_left_out():
    """80 candidates: those below 10 % are hardly ever the best, those above 30 % about as often as said."""
    rows = [(row, TRUTH[t]) for t in TRUTH for row in found_on(t)]
    said = np.array([row.best for row, _ in rows])
    true = np.array([truth[row.model] == max(truth.values()) for row, truth in rows])
    assert true[said < 0.1].mean() < 0.05
    assert true[said > 0.3].mean() == pytest.approx(said[said > 0.3].mean(), abs=0.2)
    z = [
        (truth[row.model] - np.mean(list(truth.values()))) / np.std(list(truth.values())) - row.mean
        for row, truth in rows
    ]
    inside = np.abs(z) <= 1.645 * np.array([row.sd for row, _ in rows])
    assert 0.85 <= inside.mean() <= 0.97


def test_no_accuracy_of_the_left_out_data_set_is_used():
    """Other results there change nothing; other results elsewhere do."""
    for dataset, same in (("Aircraft", True), ("DTD", False)):
        turned = TRUTH.accuracy.copy()
        turned[:, TRUTH.datasets.index(dataset)] *= -1
        other = Truth(TRUTH.name, TRUTH.models, TRUTH.datasets, turned, TRUTH.scores)
        assert (found_on("Aircraft", truth=other) == found_on("Aircraft")) is same
