"""Standard scores, and what a target teaches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import norm

from audition.errors import InputError
from audition.recommendation.lessons import joined, lesson_of, standard_scores


def standardised(values):
    return (values - values.mean()) / values.std()


def test_half_what_the_place_says_and_half_the_distance_from_the_middle():
    values = np.array([3.0, -np.inf, 100.0, 4.0, 5.0])
    places = norm.ppf([0.3, 0.1, 0.9, 0.5, 0.7])
    low, middle, high = np.quantile([3.0, 100.0, 4.0, 5.0], [0.25, 0.5, 0.75])
    unit = (high - low) / 1.349
    far = np.clip([(3.0 - middle) / unit, -3, 3, (4.0 - middle) / unit, (5.0 - middle) / unit], -3, 3)
    expected = standardised(standardised(places) + standardised(far))
    np.testing.assert_allclose(standard_scores(values), expected, rtol=1e-12)


def test_one_far_ahead_shows_but_does_not_rule():
    near, far, farther = (standard_scores(np.array([*range(9), top], dtype=float)) for top in (9, 20, 1e6))
    assert near[-1] < far[-1] < farther[-1] < 3


@given(arrays(float, 8, elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 3))), st.floats(0.01, 100))
def test_no_unit_plays_a_part_and_a_higher_score_never_stands_lower(values, unit):
    found = standard_scores(values)
    np.testing.assert_allclose(standard_scores(unit * values), found, atol=1e-6)
    order = np.argsort(values, kind="stable")
    assert (np.diff(found[order]) >= -1e-9).all()


def test_missing_values_stand_in_the_middle_and_equal_ones_share_their_place():
    np.testing.assert_array_equal(standard_scores(np.array([1.0, np.nan, 2.0])), [-1, 0, 1])
    np.testing.assert_array_equal(standard_scores(np.array([5.0, 5.0, 5.0])), [0, 0, 0])
    np.testing.assert_array_equal(standard_scores(np.array([np.nan, np.nan])), [0, 0])


def test_what_differs_by_rounding_is_equal():
    """Measures at their bound: 9 classes give an H-Score of 9, and rounding would order the networks."""
    found = standard_scores(np.array([9.0, 9.0 + 2e-15, 9.0 - 2e-15, 7.0]))
    assert found[0] == found[1] == found[2] > found[3]


def test_columns_are_told_apart():
    values = np.random.default_rng(0).normal(size=(7, 5))
    np.testing.assert_array_equal(standard_scores(values)[:, 2], standard_scores(values[:, 2]))


def test_moments_are_products_of_accuracy_and_scores():
    accuracy = {"a": 70.0, "b": 80.0, "c": 90.0}
    found = lesson_of("t", accuracy, {"up": {"a": 1, "b": 2, "c": 3}, "down": {"a": 3, "b": 2, "c": 1}})
    np.testing.assert_allclose(found.moments, [[1, 1, -1], [1, 1, -1], [-1, -1, 1]], atol=1e-12)
    assert (found.measures, found.models) == (("up", "down"), 3)
    assert found.spread == pytest.approx(np.std([70, 80, 90]))
    np.testing.assert_allclose(
        joined(found, ("down", "other")), [[1, -1, 0], [-1, 1, 0], [0, 0, 0]], atol=1e-12
    )


@pytest.mark.parametrize("accuracy", [{"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 1.0, "c": 1.0}])
def test_two_models_or_equal_results_teach_nothing(accuracy):
    with pytest.raises(InputError, match="t teaches nothing"):
        lesson_of("t", accuracy, {})
