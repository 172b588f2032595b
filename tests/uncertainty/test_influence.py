"""What a score owes to each row: against brute force, and against slopes by weights."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import resampling
from scipy.special import softmax

from audition.metrics.logme import fit_evidence, modes_of
from audition.metrics.registry import parse_metric
from audition.sample import as_sample
from audition.scoring import with_probabilities
from audition.uncertainty.closed import LEARNT, closed_influence
from audition.uncertainty.evidence import logme_influence
from audition.uncertainty.h_scores import h_score_influence
from audition.uncertainty.influence import interaction_of
from audition.uncertainty.observed import observed
from audition.uncertainty.resamples import make_resamples

SHAPES = [(48, 7, 3), (30, 45, 3)]  # more rows than columns, and fewer


def problem(rows, columns, classes):
    rng = np.random.default_rng(11)
    codes = np.arange(rows) % classes
    scale = np.exp(-np.linspace(0, 2, columns))
    means = rng.standard_normal((classes, columns))
    return (rng.standard_normal((rows, columns)) + 0.6 * means[codes]) * scale + 0.3, codes


def labelled(features, task, codes):
    rng = np.random.default_rng(12)
    if task == "classification":
        return codes
    if task == "regression":
        return features[:, :2] + rng.standard_normal((len(features), 2))
    labels = (rng.random((len(features), 4)) < 0.4).astype(int)
    labels[:, 0] = features[:, 0] > np.median(features[:, 0])
    return labels


def influence_of(name, sample, seed=0):
    resamples = make_resamples(sample.labels, sample.groups, seed=seed)
    found = closed_influence(sample, parse_metric(name), resamples, lambda: observed(sample, resamples))
    return found, resamples


def close_up_to_a_constant(ours, theirs, rel):
    ours, theirs = ours - ours.mean(), theirs - theirs.mean()
    assert np.abs(ours - theirs).max() <= rel * np.abs(theirs).max()


@pytest.mark.parametrize("variant", ["jmlr", "exact"])
@pytest.mark.parametrize("task", ["classification", "regression", "multilabel"])
@pytest.mark.parametrize("shape", SHAPES)
def test_evidence_at_its_precisions(shape, task, variant):
    """LogME's influence is the evidence less that without the row, by determinants, α and β as they are."""
    features, codes = problem(*shape)
    labels = labelled(features, task, codes)
    sample = as_sample(features, labels, task)
    resamples = make_resamples(sample.labels)
    seen = observed(sample, resamples)
    found = logme_influence(seen, variant, resamples.pairs)
    fit = fit_evidence(modes_of(sample.rotated.statistics), variant)
    columns = seen.targets

    def evidence(rows):
        each = zip(columns.T, fit.alpha, fit.beta, strict=True)
        return np.mean([resampling.log_evidence(features[rows], y[rows], a, b) for y, a, b in each])

    n = len(features)
    everything = evidence(np.arange(n))
    close_up_to_a_constant(found.rows, everything - resampling.without_each(evidence, n), 1e-6)
    pairs = resamples.pairs
    differences = resampling.second_differences(evidence, n, pairs.first, pairs.second) / n
    assert found.interaction == pytest.approx(interaction_of(differences, pairs, n), rel=1e-5)
    assert found.score == pytest.approx(parse_metric(f"logme:{variant}")(sample), rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
def test_logme_computed_again_without_each_row(shape):
    """With precisions that are fitted anew, too: nine rows in ten say the same, and all of them order alike.

    Where rows are fewer than columns, a row that the fit turns on says up to a third more than its influence.
    """
    features, labels = problem(*shape)
    sample = as_sample(features, labels)
    found, _ = influence_of("logme:exact", sample)
    ours, theirs = found.rows - found.rows.mean(), again("logme:exact", features, labels)
    theirs = theirs - theirs.mean()
    apart = np.abs(ours - theirs) / np.abs(theirs).max()
    assert np.quantile(apart, 0.9) <= 0.15 and apart.max() <= 0.35
    assert np.corrcoef(ours, theirs)[0, 1] > 0.98


def again(name, features, labels, task="auto"):
    metric, n = parse_metric(name), len(features)
    one = resampling.without_each(lambda rows: metric(as_sample(features[rows], labels[rows], task)), n)
    return -(n - 1) * one


@pytest.mark.parametrize("task", ["classification", "multilabel"])
def test_h_score_is_exact(task):
    features, codes = problem(48, 7, 3)
    labels = labelled(features, task, codes)
    sample = as_sample(features, labels, task)
    found, resamples = influence_of("h_score", sample)
    close_up_to_a_constant(found.rows, again("h_score", features, labels, task), 1e-8)
    metric, pairs = parse_metric("h_score"), resamples.pairs
    differences = resampling.second_differences(
        lambda rows: metric(as_sample(features[rows], labels[rows], task)), 48, pairs.first, pairs.second
    )
    assert found.interaction == pytest.approx(interaction_of(differences, pairs, 48), rel=1e-6)


@pytest.mark.parametrize("task", ["classification", "multilabel"])
@pytest.mark.parametrize("shape", SHAPES)
def test_regularized_h_score(shape, task):
    """Exact but for the bend in what the shrinkage does."""
    features, codes = problem(*shape)
    labels = labelled(features, task, codes)
    sample = as_sample(features, labels, task)
    found, _ = influence_of("regularized_h_score", sample)
    close_up_to_a_constant(found.rows, again("regularized_h_score", features, labels, task), 0.05)
    assert found.score == pytest.approx(parse_metric("regularized_h_score")(sample), rel=1e-12)


@pytest.mark.filterwarnings("ignore::audition.errors.UnreliableScoreWarning")
def test_h_score_at_its_bound_owes_nothing_to_any_row():
    sample = as_sample(*problem(30, 45, 3))
    resamples = make_resamples(sample.labels)
    assert not h_score_influence(observed(sample, resamples), 2.0, resamples.pairs).rows.any()


@pytest.mark.parametrize("task", ["classification", "regression"])
@pytest.mark.parametrize("shape", SHAPES)
def test_lfc_is_exact(shape, task):
    features, codes = problem(*shape)
    labels = labelled(features, task, codes)
    found, _ = influence_of("lfc", as_sample(features, labels, task))
    close_up_to_a_constant(found.rows, again("lfc", features, labels, task), 1e-8)


@pytest.mark.parametrize("name", ["leep", "nce"])
def test_heads_are_slopes_by_weights(name):
    features, labels = problem(48, 7, 3)
    probabilities = softmax(2 * features, axis=1)
    probabilities[:, 3] = 0
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    sample = with_probabilities(as_sample(features, labels), probabilities)
    found, _ = influence_of(name, sample)
    oracle = getattr(resampling, name)
    slopes = resampling.slopes(lambda weights: oracle(probabilities, labels, weights), 48)
    close_up_to_a_constant(found.rows, 48 * slopes, 1e-6)
    assert found.score == pytest.approx(parse_metric(name)(sample), rel=1e-12)


@pytest.mark.parametrize(
    ("task", "variant"),
    [
        ("classification", "paper"),
        ("classification", "appendix"),
        ("classification", "normalized"),
        ("multilabel", "paper"),
    ],
)
@pytest.mark.parametrize("shape", [(60, 30, 3), *SHAPES])
def test_transrate_is_nearly_what_is_lost_without_the_row(shape, task, variant):
    features, codes = problem(*shape)
    labels = labelled(features, task, codes)
    sample = as_sample(features, labels, task)
    found, resamples = influence_of(f"transrate:{variant}", sample)
    theirs = again(f"transrate:{variant}", features, labels, task)
    ours = found.rows.copy()
    if task == "classification":  # a class keeps its size, so that what its rows share does not count
        for values in (ours, theirs):
            values -= (np.bincount(codes, values) / np.bincount(codes))[codes]
    assert np.corrcoef(ours, theirs)[0, 1] > 0.98
    assert ours.std() == pytest.approx(theirs.std(), rel=0.1)
    assert found.score == pytest.approx(parse_metric(f"transrate:{variant}")(sample), rel=1e-10)
    if task == "classification" and variant != "normalized":
        metric, pairs, n = parse_metric(f"transrate:{variant}"), resamples.pairs, len(features)
        differences = resampling.second_differences(
            lambda rows: metric(as_sample(features[rows], labels[rows])), n, pairs.first, pairs.second
        )
        assert found.interaction == pytest.approx(interaction_of(differences, pairs, n), rel=0.5)


def test_features_so_large_that_rounding_shows_beside_the_distortion():
    features, labels = problem(48, 7, 3)
    sample = as_sample(features * [1e9, 1, 1, 1, 1, 1, 1], labels)
    found, _ = influence_of("transrate", sample)
    assert found.score == parse_metric("transrate")(sample)
    assert np.isfinite(found.rows).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_distance_between_classes_is_exact(shape):
    features, codes = problem(*shape)
    found, _ = influence_of("normalized_interclass_distance", as_sample(features, codes))
    theirs = again("normalized_interclass_distance", features, codes)
    for values in (found.rows, theirs):
        values -= (np.bincount(codes, values) / np.bincount(codes))[codes]
    close_up_to_a_constant(found.rows, theirs, 0.05)  # N/(N − 1)
    assert np.corrcoef(found.rows, theirs)[0, 1] > 1 - 1e-9


def test_concept_variance_is_what_a_row_is_to_its_neighbours():
    """Exact but for the ranges of the columns: two rows in the corners hold them."""
    features, codes = problem(48, 7, 3)
    low, high = features.min(axis=0), features.max(axis=0)
    features = np.vstack([features, low, high, low, high])
    codes = np.concatenate([codes, [0, 1, 0, 1]])
    found, _ = influence_of("concept_variance", as_sample(features, codes))
    theirs = again("concept_variance", features, codes)
    close_up_to_a_constant(found.rows[:48], theirs[:48], 0.1)


@pytest.mark.filterwarnings("ignore::audition.errors.UnreliableScoreWarning")
@pytest.mark.parametrize("name", ["nleep:diag", "nleep:binned"])
def test_nleep_stands_between_slopes_and_left_out_rows(name):
    features, codes = problem(60, 4, 2)
    labels = codes if name == "nleep:diag" else features[:, 0]
    sample = as_sample(features, labels)
    found, _ = influence_of(name, sample)
    assert found.score == pytest.approx(parse_metric(name)(sample), rel=1e-10)
    assert np.isfinite(found.rows).all()
    assert found.rows.std() > 0


def test_the_probe_of_targets_counts_errors_beside_deviations():
    features, codes = problem(60, 4, 3)
    targets = labelled(features, "regression", codes)
    sample = as_sample(features, targets)
    found, _ = influence_of("linear_probe", sample)
    assert found.score == parse_metric("linear_probe")(sample)
    assert found.rows.shape == (60,)
    assert found.rows.mean() == pytest.approx((1 - LEARNT) * (1 - found.score), abs=1e-9)


def test_neighbours_count_their_own_row_and_a_third_of_what_they_do_to_others():
    features, labels = problem(48, 7, 3)
    sample = as_sample(features, labels)
    found, _ = influence_of("knn_accuracy", sample)
    from audition.metrics.neighbours import knn_parts, knn_right

    right, credit = knn_parts(sample)
    assert right.tolist() == knn_right(sample).tolist()
    assert found.rows.tolist() == (right + credit / 3).tolist()
    metric, rows = parse_metric("knn_accuracy"), np.arange(48)
    for i in rows:  # exactly what is lost without the row
        rest = np.delete(rows, i)
        without = metric(as_sample(features[rest], labels[rest])) * 47
        assert right.sum() - right[i] - credit[i] == pytest.approx(without)


def test_the_probe_counts_rows_that_are_placed_right():
    sample = as_sample(*problem(60, 7, 3))
    found, _ = influence_of("linear_probe", sample)
    assert found.score == parse_metric("linear_probe")(sample)
    assert np.count_nonzero(found.rows) == round(60 * found.score)
    assert len(np.unique(found.rows)) == 2


def test_rows_that_are_looked_at_are_those_of_the_whole():
    """A part of the rows has the influence that it has among all."""
    features, labels = problem(90, 5, 3)
    sample = as_sample(features, labels)
    some = make_resamples(sample.labels, observed=30)
    assert 30 <= len(some.rows) < 40
    for name in ("logme", "h_score", "regularized_h_score", "lfc", "knn_accuracy"):
        whole, _ = influence_of(name, sample)
        part = closed_influence(sample, parse_metric(name), some, lambda: observed(sample, some))
        assert part.rows == pytest.approx(whole.rows[some.rows], rel=1e-9)
