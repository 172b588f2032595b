"""τ_w, τ, ρ, r: scipy's and a double loop's numbers, on models and on resamples of them; their invariances."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import agreement as oracle
from scipy.stats import kendalltau, pearsonr, spearmanr, weightedtau

from audition.errors import InputError
from audition.evaluation import weighted_tau
from audition.evaluation.coefficients import kendall, pearson, spearman, tau_w

BATCHED = {"tau_w": tau_w, "kendall": kendall, "spearman": spearman, "pearson": pearson}
ORACLES = {
    "tau_w": oracle.weighted_tau,
    "kendall": oracle.kendall,
    "spearman": oracle.spearman,
    "pearson": oracle.pearson,
}
kinds = pytest.mark.parametrize("kind", BATCHED)


@st.composite
def orders(draw, least=2, most=9):
    """(truth, scores) [M]: few distinct whole numbers, so that many are equal."""
    M = draw(st.integers(least, most))
    values = st.lists(st.integers(-3, 3).map(float), min_size=M, max_size=M)
    return np.array(draw(values)), np.array(draw(values))


def once(kind, truth, scores, **options):
    return BATCHED[kind](truth, scores, np.ones((1, len(truth))), **options)[0]


@kinds
@given(pair=orders())
def test_is_the_double_loop(kind, pair):
    assert once(kind, *pair) == pytest.approx(ORACLES[kind](*pair), rel=1e-12, abs=1e-12, nan_ok=True)


@kinds
@given(pair=orders(), seed=st.integers(0, 1000))
def test_a_resample_is_the_models_repeated(kind, pair, seed):
    """Counts give what the definition gives of the models written down so many times."""
    counts = np.random.default_rng(seed).multinomial(len(pair[0]), np.full(len(pair[0]), 1 / len(pair[0])), 3)
    got = BATCHED[kind](*pair, counts.astype(float))
    repeated = [[np.repeat(side, count) for side in pair] for count in counts]
    expected = [ORACLES[kind](truth, scores) for truth, scores in repeated]
    assert got == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("rank", [True, None])
@given(pair=orders())
def test_weighted_tau_is_scipys_and_the_double_loop(rank, pair):
    value = weighted_tau(*map(list, pair), rank=rank)
    assert value == pytest.approx(oracle.weighted_tau(*pair, rank=rank), rel=1e-12, abs=1e-12, nan_ok=True)
    assert once("tau_w", *pair, rank=rank) == pytest.approx(value, rel=1e-12, abs=1e-12, nan_ok=True)


def test_real_numbers_give_scipys():
    rng = np.random.default_rng(0)
    truth, scores = rng.normal(size=(2, 40))
    scores += truth
    theirs = {
        "tau_w": weightedtau(truth, scores).statistic,
        "kendall": kendalltau(truth, scores).statistic,
        "spearman": spearmanr(truth, scores).statistic,
        "pearson": pearsonr(truth, scores).statistic,
    }
    assert {kind: once(kind, truth, scores) for kind in BATCHED} == pytest.approx(theirs, rel=1e-12)


def test_places_in_truth_alone_give_another_number():
    truth, scores = [1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 3.0, 0.0]
    assert weighted_tau(truth, scores) != pytest.approx(weighted_tau(truth, scores, rank=None), abs=0.01)


@kinds
@given(pair=orders(), seed=st.integers(0, 1000))
def test_the_order_of_models_plays_no_part(kind, pair, seed):
    order = np.random.default_rng(seed).permutation(len(pair[0]))
    shuffled = once(kind, pair[0][order], pair[1][order])
    assert shuffled == pytest.approx(once(kind, *pair), rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("kind", ["tau_w", "kendall", "spearman"])
@given(pair=orders())
def test_only_the_order_of_scores_counts(kind, pair):
    """Any increasing function of the scores is the same order."""
    changed = np.exp(pair[1]) - 7
    assert once(kind, pair[0], changed) == pytest.approx(once(kind, *pair), rel=1e-12, abs=1e-12, nan_ok=True)


def test_pearson_looks_at_distances():
    """So it changes under exp, but not under a line, however steep."""
    truth, scores = np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 2.0])
    assert once("pearson", truth, np.exp(scores)) != pytest.approx(once("pearson", truth, scores), abs=0.01)
    assert once("pearson", truth, 1e-200 * scores + 1e-199) == pytest.approx(once("pearson", truth, scores))


@kinds
@given(pair=orders())
def test_truth_and_scores_may_change_places(kind, pair):
    assert once(kind, *pair) == pytest.approx(once(kind, *pair[::-1]), rel=1e-12, abs=1e-12, nan_ok=True)


@kinds
@given(pair=orders())
def test_lies_between_the_reverse_and_the_same(kind, pair):
    value = once(kind, *pair)
    assert math.isnan(value) or -1 - 1e-12 <= value <= 1 + 1e-12
    if len(set(pair[0])) > 1:
        assert once(kind, pair[0], pair[0]) == pytest.approx(1)
        assert once(kind, pair[0], -pair[0]) == pytest.approx(-1)


@kinds
def test_without_an_order_there_is_no_number(kind):
    assert math.isnan(once(kind, np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.1, 0.1])))


def test_infinite_scores_have_an_order_but_no_distance():
    truth, scores = np.array([1.0, 2.0, 3.0]), np.array([-np.inf, 0.5, np.inf])
    assert once("tau_w", truth, scores) == pytest.approx(1)
    assert math.isnan(once("pearson", truth, scores))


def test_nobody_drawn_is_no_order():
    """Where none of a data set's models is in a resample."""
    truth = np.array([1.0, 2.0, 3.0])
    for function in BATCHED.values():
        assert np.isnan(function(truth, truth, np.zeros((1, 3)))).all()


def test_rank_is_one_of_two():
    with pytest.raises(InputError, match="rank is True"):
        weighted_tau([1, 2], [1, 2], rank=False)
