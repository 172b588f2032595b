import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import fisher
from scipy.stats import ortho_group
from sklearn.datasets import load_diabetes, load_digits, load_iris
from strategies import classification, regression

import audition
from audition.errors import InputError
from audition.metrics.etran import ETRAN, ETranParts, etran, etran_parts
from audition.metrics.measure import Metric
from audition.sample import as_sample

few = settings(max_examples=25)
problems = given(problem=classification())


def close(parts, energy, fit, rel=1e-9):
    return (parts.energy, parts.fit) == pytest.approx((energy, fit), rel=rel, abs=1e-9)


@given(
    problem=classification(),
    lowest=st.sampled_from([0.005, 0.3, 1.0]),
)
def test_energy_and_discriminant(problem, lowest):
    features, labels = problem
    parts = etran_parts(features, labels, lowest=lowest)
    assert close(parts, fisher.energy(features, lowest), fisher.discriminant_posterior(features, labels))


@given(problem=regression())
def test_energy_and_regression(problem):
    features, targets = problem
    parts = etran_parts(features, targets)
    assert close(parts, fisher.energy(features), fisher.cut_least_squares(features, targets))


@few
@given(problem=regression(scales=st.just(1.0), targets=3))
def test_several_targets(problem):
    features, targets = problem
    assert close(
        etran_parts(features, targets), fisher.energy(features), fisher.cut_least_squares(features, targets)
    )


def test_the_discriminant_is_that_of_scikit_learn_where_little_is_shrunk():
    """And not the nearest class mean, which is what the released code comes to."""
    pytest.importorskip("sklearn", minversion="1.9", reason="scikit-learn below 1.9 gives another posterior")
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    X, y = load_digits(return_X_y=True)
    posterior = LinearDiscriminantAnalysis().fit(X, y).predict_proba(X)
    assert etran_parts(X, y).fit == pytest.approx(posterior[np.arange(len(y)), y].mean(), rel=1e-8)


def test_the_regression_is_least_squares_on_four_fifths_of_the_energy():
    """Three columns of lengths 3, 2 and 1: 9 of 14 is below 80 %, 13 of 14 is not."""
    features = np.diag([3.0, 2.0, 1.0])
    assert etran_parts(features, np.array([0.5, 1.5, 2.5])).fit == pytest.approx(-(2.5**2) / 3)


@few
@problems
def test_order_of_rows_and_names_of_classes(problem):
    """A data set is a set, and names are names."""
    features, labels = problem
    parts = etran_parts(features, labels)
    order = np.random.default_rng(0).permutation(len(labels))
    names = dict(zip(dict.fromkeys(labels.tolist()), ["zebra", ("a", 1), 3, 10**30]))
    renamed = [names[label] for label in labels.tolist()]
    assert close(etran_parts(features[order], labels[order]), parts.energy, parts.fit)
    assert close(etran_parts(features, renamed), parts.energy, parts.fit)


@few
@problems
def test_form_of_the_input(problem):
    """float32 values are float64 values; memory layout, sparse storage and write protection say nothing."""
    features, labels = problem
    single = features.astype(np.float32)
    parts = etran_parts(single.astype(np.float64), labels)
    before = single.copy()
    single.flags.writeable = False
    for form in (
        single,
        np.asfortranarray(single),
        np.repeat(single, 3, axis=1)[:, ::3],
        sp.csr_array(single),
    ):
        assert close(etran_parts(form, labels), parts.energy, parts.fit)
    np.testing.assert_array_equal(single, before)


@few
@problems
def test_rotation_and_shift(problem):
    """The discriminant does not see them, the energy does."""
    features, labels = problem
    D = features.shape[1]
    rotation = ortho_group.rvs(D, random_state=0) if D > 1 else np.array([[-1.0]])
    parts = etran_parts(features, labels)
    assert etran_parts(features @ rotation, labels).fit == pytest.approx(parts.fit, rel=1e-9)
    shift = 3 * np.abs(features).max()
    assert close(etran_parts(features + shift, labels), parts.energy + shift, parts.fit)


def test_a_rotation_changes_the_energy():
    X, y = load_iris(return_X_y=True)
    turned = etran_parts(X @ ortho_group.rvs(4, random_state=0), y)
    assert abs(turned.energy - etran_parts(X, y).energy) > 0.1


def test_large_features_do_not_overflow():
    X, y = load_iris(return_X_y=True)
    assert etran_parts(1e6 * X, y).energy == pytest.approx(1e6 * X.max(axis=1).mean())


def test_lowest_energies_are_one_row_at_least():
    X, y = load_iris(return_X_y=True)
    assert etran_parts(X, y, lowest=0.005).energy == pytest.approx(min(np.log(np.exp(X).sum(axis=1))))


def test_diabetes_has_no_intercept():
    X, y = load_diabetes(return_X_y=True)
    fit = etran_parts(X, y, task="regression").fit
    assert fit == pytest.approx(fisher.cut_least_squares(X, y), rel=1e-10)
    assert fit < -(np.mean(y) ** 2) / 2


def test_input_that_cannot_be_scored():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(InputError, match="only one class"):
        etran_parts(X, np.zeros(150, dtype=int))
    with pytest.raises(InputError, match="statistics do not hold enough"):
        etran_parts(audition.sufficient_statistics(X, y), None)
    with pytest.raises(InputError, match="one class a row"):
        etran_parts(X, np.eye(3, dtype=int)[y])
    for lowest in (0.0, 1.5, float("nan")):
        with pytest.raises(InputError, match="lowest"):
            etran_parts(X, y, lowest=lowest)


def test_scores_of_a_pool():
    pool = [ETranParts(1.0, 0.9), ETranParts(3.0, 0.5), ETranParts(2.0, 0.5)]
    assert etran(pool).tolist() == [0.5, 0.5, 0.25]
    assert etran(pool, energy_weight=0.15) == pytest.approx([0.85, 0.15, 0.075])
    assert etran(pool[:1]).tolist() == [0.0]
    with pytest.raises(InputError, match="no candidates"):
        etran([])
    for weight in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="energy_weight"):
            etran(pool, energy_weight=weight)


def test_the_record_gives_parts_and_combines_them():
    X, y = load_iris(return_X_y=True)
    scales = (0.5, 1.0, 2.0)
    table = np.array([Metric(ETRAN).parts(as_sample(scale * X, y, "classification")) for scale in scales])
    np.testing.assert_allclose(
        ETRAN.pool.combine(table), etran([etran_parts(scale * X, y) for scale in scales])
    )


def test_parts_that_are_no_numbers_are_refused():
    with pytest.raises(InputError, match="parts of candidate 0 hold NaN or Inf"):
        etran([ETranParts(-np.inf, 1.0), ETranParts(1.0, 1.0)])
