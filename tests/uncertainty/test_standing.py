"""Orders of candidates: places, contenders and the advice for more data."""

from __future__ import annotations

import numpy as np
import pytest

from audition.errors import InputError
from audition.uncertainty import Contest, Resampled, contenders, contest_of, more_rows, standings

MANY = 10**9


def contest(scores, noise):
    """scores [M] or [M, K], noise [R, M] or [R, M, K]."""
    scores, noise = np.array(scores, dtype=float), np.asarray(noise)
    if scores.ndim == 1:
        scores, noise = scores[:, None], noise[:, :, None]
    return Contest(scores, scores + noise)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def test_far_apart_all_is_certain():
    first, second, third = standings(contest([3.0, 1.0, 2.0], 0.01 * noise(200, 3)))
    assert (first.place, first.first, first.last, first.best, first.contender) == (1, 1, 1, 1.0, True)
    assert (second.place, second.first, second.last, second.best, second.contender) == (3, 3, 3, 0.0, False)
    assert third.place == 2


def test_level_candidates_are_all_contenders_and_their_chances_add_up():
    found = standings(contest([1.0, 1.1, 0.9, 1.05], noise(400, 4)))
    assert all(one.contender for one in found)
    assert sum(one.best for one in found) == pytest.approx(1)
    assert all(one.first == 1 and one.last == 4 for one in found)


def test_what_moves_together_can_be_told_apart():
    """The first leads by a tenth of one's spread; only the difference counts."""
    common = noise(300, 1) + 0.01 * noise(300, 2, seed=1)
    assert [one.contender for one in standings(contest([1.1, 1.0], common))] == [True, False]
    assert [one.contender for one in standings(contest([1.1, 1.0], noise(300, 2)))] == [True, True]


def test_the_same_model_twice_shares_all():
    shared = np.repeat(noise(200, 1), 2, axis=1)
    for one in standings(contest([1.0, 1.0], shared)):
        assert (one.place, one.best, one.contender) == (1.5, 0.5, True)
    behind = standings(contest([1.0, 0.9], shared))  # certain, as the difference never varies
    assert [one.contender for one in behind] == [True, False]


@pytest.mark.parametrize("truth", [[0, 0, 0, 0, 0, 0], [1, 0.5, 0.5, 0, 0, -1], [0.2, 0, 0, 0, 0, 0]])
def test_the_best_is_among_the_contenders(truth):
    """At 90 %: over 400 data sets, whose own noise the replicates know."""
    rng = np.random.default_rng(1)
    spread = np.array([0.3, 1.0, 0.5, 0.3, 0.8, 0.3])
    inside = 0
    for _ in range(400):
        points = truth + spread * rng.standard_normal(6) + rng.standard_normal()
        drawn = points + spread * rng.standard_normal((200, 6)) + rng.standard_normal((200, 1))
        inside += contenders(points, drawn, 0.9)[0]
    assert inside / 400 >= 0.87  # 0.9 less two standard errors


def test_the_mean_place_orders_by_several_measures():
    """The second is first by two of three measures, and never mind by how much."""
    scores = [[9.0, 0.1, 0.1], [1.0, 0.2, 0.2], [0.5, 0.0, 0.0]]
    of = contest(scores, 1e-3 * noise(200, 3, 3))
    assert of.points.tolist() == [pytest.approx(-5 / 3), pytest.approx(-4 / 3), -3]
    assert [one.place for one in standings(of)] == [2, 1, 3]
    assert more_rows(of, 100) == 0


def test_rows_that_would_separate_the_first_two():
    """The error of the lead shrinks with the root of the rows."""
    drawn = noise(4000, 2)
    of = contest([0.5, 0.0], drawn)
    error = np.std(drawn[:, 0] - drawn[:, 1], ddof=1)
    times = (1.6448536 * error / 0.5) ** 2
    assert more_rows(of, 100) == pytest.approx(100 * (times - 1), abs=1)
    assert more_rows(contest([50.0, 0.0], drawn), 100) == 0
    assert more_rows(contest([0.0, 0.0], drawn), 100) is None
    assert more_rows(contest([0.01, 0.0], drawn), 100) is None
    assert more_rows(contest([1.0], drawn[:, :1]), 100) is None


def test_rows_by_the_mean_place_are_those_of_the_measures():
    """Two measures that say the same need as many rows as one of them."""
    drawn = noise(4000, 2)
    one, twice = contest([0.5, 0.0], drawn), contest([[0.5, 0.5], [0, 0]], np.stack([drawn, drawn], axis=2))
    assert more_rows(twice, 1000) == pytest.approx(more_rows(one, 1000), rel=0.1)
    even = contest([[0.5, 0.0], [0.0, 0.5]], np.stack([drawn, drawn], axis=2))
    assert more_rows(even, 1000) is None


def test_few_degrees_of_freedom_widen():
    replicates = np.array([0.9, 1.0, 1.1])
    few, many = (contest_of([[Resampled(1.0, replicates, degrees)]]) for degrees in (5, MANY))
    assert np.ptp(few.replicates) == pytest.approx(2.015048 / 1.644854 * np.ptp(many.replicates), rel=1e-5)


def test_candidates_must_be_resampled_alike():
    one, longer = Resampled(1.0, np.ones(3), 5), Resampled(1.0, np.ones(4), 5)
    with pytest.raises(InputError, match="were not resampled alike"):
        contest_of([[one], [longer]])
    with pytest.raises(InputError, match="needs a score by the same measures"):
        contest_of([[one], [one, one]])
    with pytest.raises(InputError, match="A score has no replicates: too costly"):
        contest_of([[Resampled(1.0, None, 0, "too costly")]])
