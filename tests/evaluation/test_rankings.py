"""Agreement of a ranking with the truth."""

import math

import pytest
from scipy.stats import weightedtau

from audition.errors import InputError
from audition.evaluation import agreement, weighted_tau
from audition.ranking.standings import Row
from audition.ranking.value import Ranking


def ranking(scores, layers=None):
    rows = tuple(
        Row(
            model="m" if layers else name,
            layer=name if layers else "features",
            place=i + 1,
            scores={"logme": value},
        )
        for i, (name, value) in enumerate(scores.items())
    )
    return Ranking(rows, ("logme",), "logme", "data", "classification", 10)


def test_weighted_tau_is_scipys_with_its_defaults():
    truth, scores = [1.0, 5.0, 3.0, 4.0], [2.0, 9.0, 1.0, 3.0]
    assert weighted_tau(truth, scores) == weightedtau(truth, scores).statistic
    assert weighted_tau(truth, truth) == pytest.approx(1)
    assert weighted_tau(truth, [-t for t in truth]) == pytest.approx(-1)


def test_weighted_tau_refuses_what_has_no_order():
    with pytest.raises(InputError, match="2 true results but 3 scores"):
        weighted_tau([1, 2], [1, 2, 3])
    with pytest.raises(InputError, match="at least two"):
        weighted_tau([1], [1])


def test_agreement_of_models_leaves_out_what_is_unknown():
    value = ranking({"a": 3.0, "b": 2.0, "c": 1.0, "d": None, "e": 9.0})
    assert agreement(value, {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.1})["logme"] == pytest.approx(1)


def test_agreement_of_layers_is_by_layer():
    value = ranking({"stem": 1.0, "block": 2.0}, layers=True)
    assert agreement(value, {"stem": 0.9, "block": 0.5})["logme"] == pytest.approx(-1)


def test_equal_scores_have_no_order():
    assert math.isnan(weighted_tau([1, 2, 3], [1, 1, 1]))


def test_results_that_are_missing_are_no_results():
    """scipy would turn a NaN into a confident order."""
    with pytest.raises(InputError, match="true result 0 is NaN"):
        weighted_tau([float("nan"), 1, 2], [1, 2, 3])
    with pytest.raises(InputError, match="score 1 is NaN"):
        weighted_tau([1, 2, 3], [1, float("nan"), 3])
