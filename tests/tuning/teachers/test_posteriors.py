"""LogME's posterior means: those of the estimator, of the training rows alone, from rows or kept statistics."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import b_tuning as oracle
from sklearn.datasets import load_diabetes, load_digits
from strategies import classification, regression, tolerance

import audition
from audition.errors import InputError, ModelError
from audition.labels import ClassLabels, MultiLabels, Targets, as_labels
from audition.statistics import statistics_of

pytest.importorskip("torch", reason="torch is not installed")

from audition.tuning.rows.some_rows import SomeRows
from audition.tuning.teachers.posteriors import fit_posterior, rows_of_labels


def all_rows(labels):
    return np.arange(len(labels))


@settings(max_examples=80)
@given(problem=classification())
def test_the_means_of_the_estimator(problem):
    features, given_labels = problem
    labels = as_labels(given_labels, task="classification")
    if (features == features[0]).all():
        return
    found = fit_posterior(features, labels, all_rows(labels))
    estimator = audition.LogME(task="classification").fit(features, given_labels)
    np.testing.assert_allclose(
        found.weights, estimator.coef_, rtol=1e-9, atol=1e-9 * abs(estimator.coef_).max()
    )
    assert found.score == estimator.score_ == audition.logme(features, given_labels, task="classification")
    assert found.noise == pytest.approx(np.mean(1 / estimator.beta_), rel=1e-12)


@settings(max_examples=60)
@given(problem=classification(scales=st.just(1.0), defects=("none",)))
def test_the_dense_definition_on_classes(problem):
    features, given_labels = problem
    labels = as_labels(given_labels, task="classification")
    found = fit_posterior(features, labels, all_rows(labels))
    columns = np.array([[float(label == name) for name in labels.classes] for label in given_labels])
    score, weights = oracle.posterior(features, columns)
    close = tolerance(features)
    assert found.score == pytest.approx(score, rel=close, abs=close)
    np.testing.assert_allclose(found.weights, weights, rtol=close, atol=close)


@settings(max_examples=60)
@given(problem=regression(scales=st.just(1.0), defects=("none",), targets=2))
def test_the_dense_definition_on_standardised_targets(problem):
    features, targets = problem
    found = fit_posterior(features, as_labels(targets, task="regression"), all_rows(targets))
    score, weights = oracle.posterior(features, (targets - targets.mean(axis=0)) / targets.std(axis=0))
    close = tolerance(features)
    assert found.score == pytest.approx(score, rel=close, abs=close)
    np.testing.assert_allclose(found.weights, weights, rtol=close, atol=close)


@settings(max_examples=30)
@given(problem=classification(scales=st.just(1.0), defects=("none",)), seed=st.integers(0, 999))
def test_held_out_rows_change_nothing(problem, seed):
    """Neither their features nor their labels are looked at."""
    features, given_labels = problem
    labels = as_labels(given_labels, task="classification")
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(features))[: len(features) - 2])
    if len(np.unique(labels.codes[rows])) < 2:
        return
    first = fit_posterior(features, labels, rows)
    others = np.setdiff1d(np.arange(len(features)), rows)
    changed, codes = features.copy(), labels.codes.copy()
    changed[others], codes[others] = np.nan, (codes[others] + 1) % len(labels.classes)
    changed[others] = rng.normal(size=(len(others), features.shape[1])) * 1e3
    second = fit_posterior(changed, ClassLabels(codes, labels.classes), rows)
    np.testing.assert_array_equal(first.weights, second.weights)
    assert (first.score, first.noise) == (second.score, second.noise)
    alone = fit_posterior(
        features[rows], ClassLabels(labels.codes[rows], labels.classes), np.arange(len(rows))
    )
    np.testing.assert_array_equal(first.weights, alone.weights)


def digits(n=200):
    features, labels = load_digits(return_X_y=True)
    return features[:n].astype(np.float32), as_labels(labels[:n])


def drawn(rows, columns):
    rng = np.random.default_rng(0)
    labels = np.arange(rows) % 3
    return rng.normal(size=(rows, columns)) + rng.normal(size=(3, columns))[labels], as_labels(labels)


def test_kept_statistics_give_the_same_posterior_to_the_bit():
    features, labels = digits()
    by_rows = fit_posterior(features, labels, all_rows(labels))
    by_statistics = fit_posterior(features, labels, all_rows(labels), kept=statistics_of(features, labels))
    np.testing.assert_array_equal(by_rows.weights, by_statistics.weights)
    assert (by_rows.score, by_rows.noise) == (by_statistics.score, by_statistics.noise)


def test_statistics_are_enough_with_fewer_rows_than_columns_too():
    """A ranking keeps features in that case, and none of these; D x D and N x N differ in rounding alone."""
    features, labels = drawn(40, 100)
    by_rows = fit_posterior(features, labels, all_rows(labels))
    by_statistics = fit_posterior(features, labels, all_rows(labels), kept=statistics_of(features, labels))
    largest = abs(by_rows.weights).max()
    np.testing.assert_allclose(by_rows.weights, by_statistics.weights, rtol=1e-10, atol=1e-10 * largest)
    assert by_rows.score == pytest.approx(by_statistics.score, rel=1e-10)


def test_kept_statistics_of_targets_and_of_several_labels():
    features, target = load_diabetes(return_X_y=True)
    targets = as_labels(np.column_stack([target, -3 * target + features[:, 0]]), task="regression")
    several = as_labels(
        np.column_stack([target > 100, target > 200, target < 60]).astype(int), task="multilabel"
    )
    rows = np.arange(0, 442, 2)
    for labels in (targets, several):
        part = type(labels)(labels.values[rows], *([labels.names] if isinstance(labels, MultiLabels) else []))
        by_rows = fit_posterior(features, labels, rows)
        by_statistics = fit_posterior(features, labels, rows, kept=statistics_of(features[rows], part))
        np.testing.assert_allclose(by_rows.weights, by_statistics.weights, rtol=1e-9)
        assert by_rows.score == pytest.approx(by_statistics.score, rel=1e-10)


def test_kept_statistics_are_read_in_place_of_rows():
    features, labels = digits()

    class Forbidden(SomeRows):
        def __getitem__(self, key):
            pytest.fail("a row was read")

    fit_posterior(
        Forbidden(features, all_rows(labels)), labels, all_rows(labels), kept=statistics_of(features, labels)
    )


def test_a_class_that_no_training_row_has_is_predicted_nowhere():
    features, labels = digits(100)
    rows = np.flatnonzero(labels.codes != 3)
    found = fit_posterior(features, labels, rows)
    assert found.weights.shape == (10, 64) and not found.weights[3].any()
    fewer = audition.LogME().fit(features[rows], labels.codes[rows])
    np.testing.assert_allclose(np.delete(found.weights, 3, axis=0), fewer.coef_, rtol=1e-9)
    assert found.score == fewer.score_


def test_a_label_that_no_training_row_has():
    features, _ = digits(60)
    rng = np.random.default_rng(0)
    labels = MultiLabels(rng.integers(0, 2, (60, 3)).astype(float), ("a", "b", "c"))
    rows = np.flatnonzero(labels.values[:, 1] == 0)
    found = fit_posterior(features, labels, rows)
    assert (
        found.weights.shape == (3, 64)
        and not found.weights[1].any()
        and found.weights[[0, 2]].any(axis=1).all()
    )


def test_the_unit_of_targets_does_not_matter():
    features, target = load_diabetes(return_X_y=True)
    rows = np.arange(0, 442, 3)
    first = fit_posterior(features, as_labels(target, task="regression"), rows)
    second = fit_posterior(features, as_labels(target * 1000 - 7, task="regression"), rows)
    np.testing.assert_allclose(first.weights, second.weights, rtol=1e-9)
    assert first.score == pytest.approx(second.score, rel=1e-10)


def test_targets_are_standardised_by_the_training_rows():
    values = np.array([[1.0, 5], [3, 5], [100, 5], [5, 9]])
    standardised = rows_of_labels(Targets(values), np.array([0, 1, 3])).values
    np.testing.assert_allclose(standardised[:, 0], (values[[0, 1, 3], 0] - 3) / np.std([1, 3, 5]))
    same = rows_of_labels(Targets(values), np.array([0, 1, 2])).values
    np.testing.assert_array_equal(same[:, 1], 0)


def test_outputs_are_the_predictive_means():
    features, labels = digits()
    found = fit_posterior(features, labels, all_rows(labels))
    np.testing.assert_allclose(found.outputs(features), features @ found.weights.T, rtol=1e-6, atol=1e-6)
    assert found.outputs(features).dtype == np.float64
    with pytest.raises(InputError, match="63 columns where its posterior has 64"):
        found.outputs(features[:, 1:])


@pytest.mark.parametrize("value", [0.0, 2.5])
def test_features_that_never_change_are_one_sentence(value):
    labels = as_labels([0, 1, 0, 1])
    with pytest.raises(
        ModelError, match=r"zoo:x: its features \(layer 'last'\) are equal in all 4 training rows"
    ):
        fit_posterior(np.full((4, 3), value), labels, np.arange(4), name="zoo:x", layer="last")
    kept = statistics_of(np.full((4, 3), value), labels)
    with pytest.raises(ModelError, match="are equal in all 4 training rows"):
        fit_posterior(np.full((4, 3), value), labels, np.arange(4), kept=kept)


def test_an_evidence_that_is_no_number_is_one_sentence(monkeypatch):
    from audition.metrics import logme

    def broken(modes, variant):
        fit = logme.fit_evidence(modes, variant)
        return logme.EvidenceFit(fit.alpha, fit.beta, fit.evidence * np.nan, fit.ratio)

    monkeypatch.setattr("audition.tuning.teachers.posteriors.fit_evidence", broken)
    features, labels = digits(50)
    with pytest.raises(ModelError, match=r"zoo:x: the evidence of its features \(layer 'l'\) is nan"):
        fit_posterior(features, labels, all_rows(labels), name="zoo:x", layer="l")


def test_rows_of_a_matrix_are_read_as_they_are_taken():
    matrix = np.arange(20.0).reshape(5, 4)
    some = SomeRows(matrix, np.array([1, 3]))
    assert some.shape == (2, 4) and some.ndim == 2 and len(some) == 2 and some.dtype == np.float64
    np.testing.assert_array_equal(some[:, 1:3], matrix[[1, 3], 1:3])
    np.testing.assert_array_equal(some[1:], matrix[[3]])
    np.testing.assert_array_equal(np.asarray(some), matrix[[1, 3]])
