"""rel@k, regret@k and the top-1 hit: every order that the scores allow, tried one by one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import agreement as oracle

from audition.evaluation.choice import best_of_first, regret_at_k, rel_at_k, top_1_hit


@st.composite
def choices(draw):
    """(truth, scores, k): few distinct numbers, at most six models, whose orders can all be tried."""
    M = draw(st.integers(1, 6))
    truth = draw(st.lists(st.integers(1, 4).map(float), min_size=M, max_size=M))
    scores = draw(st.lists(st.integers(0, 2).map(float), min_size=M, max_size=M))
    return np.array(truth), np.array(scores), draw(st.integers(1, M))


@given(choice=choices())
def test_is_the_mean_over_all_orders(choice):
    truth, scores, k = choice
    assert best_of_first(truth, scores, k) == pytest.approx(oracle.best_of_first(truth, scores, k), rel=1e-12)
    assert rel_at_k(truth, scores, k) == pytest.approx(oracle.rel(truth, scores, k), rel=1e-12)
    assert regret_at_k(truth, scores, k) == pytest.approx(
        oracle.regret(truth, scores, k), rel=1e-12, abs=1e-12
    )
    assert top_1_hit(truth, scores) == pytest.approx(oracle.hit(truth, scores))


@given(choice=choices(), seed=st.integers(0, 100))
def test_the_order_of_models_and_the_unit_of_scores_play_no_part(choice, seed):
    truth, scores, k = choice
    order = np.random.default_rng(seed).permutation(len(truth))
    again = best_of_first(truth[order], np.exp(scores[order]) - 5, k)
    assert again == pytest.approx(best_of_first(truth, scores, k), rel=1e-12)


def test_more_tries_lose_less():
    truth, scores = np.array([70.0, 90.0, 80.0]), np.array([3.0, 1.0, 2.0])
    assert [regret_at_k(truth, scores, k) for k in (1, 2, 3, 9)] == [20, 10, 0, 0]
    assert rel_at_k(truth, scores, 1) == pytest.approx(70 / 90)


def test_equal_scores_share_the_choice():
    """Two are first: half the choices take the best."""
    truth, scores = np.array([70.0, 90.0, 80.0]), np.array([2.0, 2.0, 1.0])
    assert regret_at_k(truth, scores, 1) == pytest.approx(10)
    assert top_1_hit(truth, scores) == 0.5


def test_many_equal_scores_do_not_overflow():
    """The ways to choose 1000 of 3000 have 800 digits."""
    truth = np.arange(3000.0)
    assert best_of_first(truth, np.zeros(3000), 1000) == pytest.approx(1000 * 3001 / 1001 - 1, rel=1e-9)


def test_a_share_of_nothing_is_no_number():
    """R² of regressions may all be below zero: the regret has a meaning, the share has none."""
    truth, scores = np.array([-1.0, -2.0, -3.0]), np.array([1.0, 2.0, 3.0])
    assert math.isnan(rel_at_k(truth, scores, 1))
    assert regret_at_k(truth, scores, 1) == 2
