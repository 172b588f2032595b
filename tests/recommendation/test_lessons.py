"""Normal scores, and what a target teaches."""

import numpy as np
import pytest
from scipy.stats import norm

from audition.errors import InputError
from audition.recommendation.lessons import joined, lesson_of, normal_scores


def test_normal_scores_are_standardised_places():
    values = np.array([3.0, -np.inf, 100.0, 4.0])
    expected = norm.ppf([0.375, 0.125, 0.875, 0.625])
    np.testing.assert_allclose(normal_scores(values), expected / expected.std(), rtol=1e-12)


def test_missing_values_stand_in_the_middle_and_equal_ones_share_their_place():
    np.testing.assert_array_equal(normal_scores(np.array([1.0, np.nan, 2.0])), [-1, 0, 1])
    np.testing.assert_array_equal(normal_scores(np.array([5.0, 5.0, 5.0])), [0, 0, 0])
    np.testing.assert_array_equal(normal_scores(np.array([np.nan, np.nan])), [0, 0])


def test_what_differs_by_rounding_is_equal():
    """Measures at their bound: 9 classes give an H-Score of 9, and rounding would order the networks."""
    found = normal_scores(np.array([9.0, 9.0 + 2e-15, 9.0 - 2e-15, 7.0]))
    assert found[0] == found[1] == found[2] > found[3]


def test_columns_are_told_apart():
    values = np.random.default_rng(0).normal(size=(7, 5))
    np.testing.assert_array_equal(normal_scores(values)[:, 2], normal_scores(values[:, 2]))


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
