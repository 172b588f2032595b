"""How much each measure counts."""

import numpy as np
import pytest

from audition.recommendation.lessons import lesson_of
from audition.recommendation.weights import weights_of


def lessons(number=12, models=30, noise=0.6, seed=0):
    """Targets on which `good` tells the accuracy with noise, `twin` repeats it, `bad` opposes it; `none` does not."""
    rng = np.random.default_rng(seed)
    for target in range(number):
        truth = rng.normal(size=models)
        good = truth + noise * rng.normal(size=models)
        columns = {"good": good, "twin": good, "bad": -good, "none": rng.normal(size=models)}
        names = [f"m{i}" for i in range(models)]
        yield lesson_of(
            f"t{target}",
            dict(zip(names, truth, strict=True)),
            {name: dict(zip(names, column, strict=True)) for name, column in columns.items()},
        )


def test_one_measure_weighs_its_correlation_and_explains_its_square():
    learned = list(lessons())
    found = weights_of(learned, ["good"])
    correlation = np.mean([lesson.moments[0, 1] for lesson in learned])
    assert correlation == pytest.approx(1 / np.sqrt(1 + 0.36), abs=0.06), "what the world was made with"
    assert found.point[0] == pytest.approx(correlation, rel=0.02)
    assert found.explained == pytest.approx(correlation**2, rel=0.02)


def test_no_weight_is_negative_and_what_says_nothing_has_none():
    found = weights_of(list(lessons()), ["bad", "good", "none"])
    assert (found.point >= 0).all() and (found.draws >= 0).all()
    assert found.point[0] == 0 and found.point[2] < 0.1 < found.point[1]


def test_twins_share_what_one_would_weigh():
    both = weights_of(list(lessons()), ["good", "twin"])
    one = weights_of(list(lessons()), ["good"])
    assert both.point.sum() == pytest.approx(one.point[0], rel=0.05)
    assert both.point[0] == pytest.approx(both.point[1], rel=1e-6)


def test_scores_that_tell_nothing_elsewhere_are_not_trusted():
    found = weights_of(list(lessons()), ["none"])
    assert found.explained < 0.02


def test_measures_without_a_lesson_weigh_nothing():
    found = weights_of(list(lessons()), ["other"])
    assert found.point.tolist() == [0.0] and found.explained == 0


def test_draws_spread_less_with_more_lessons():
    few, many = (weights_of(list(lessons(number)), ["good"]).draws.std() for number in (5, 40))
    assert many < few


def test_the_same_lessons_give_the_same_weights():
    one, other = (weights_of(list(lessons()), ["good", "none"]) for _ in range(2))
    np.testing.assert_array_equal(one.draws, other.draws)
