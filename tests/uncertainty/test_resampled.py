"""Scores with their replicates: the same scores, intervals that cover, and reasons where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import resampling
from scipy.stats import t

import audition
from audition.errors import InputError
from audition.metrics.registry import parse_metrics
from audition.sample import Sample, as_sample
from audition.scoring import with_probabilities
from audition.uncertainty import (
    Resampled,
    interval,
    keep_rows,
    make_resamples,
    resampled_among,
    resamples_for,
    score_resampled,
)
from audition.uncertainty.standing import alike
from benchmarks.coverage import Kind, study

RNG = np.random.default_rng(5)
Y = np.arange(90) % 3
X = RNG.standard_normal((90, 6)) + 0.8 * RNG.standard_normal((3, 6))[Y]
HEAD = np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)
SAMPLE = with_probabilities(as_sample(X, Y), HEAD)
CLOSED = (
    "logme,logme:icml,logme:exact,h_score,regularized_h_score,lfc,leep,nce,knn_accuracy,linear_probe,"
    "transrate,transrate:appendix,transrate:normalized,normalized_interclass_distance,concept_variance"
)


def test_scores_are_those_of_score():
    metrics = parse_metrics(CLOSED)
    found = score_resampled(SAMPLE, metrics, resamples_for(SAMPLE))
    alone = audition.score(X, Y, metrics=CLOSED, source_probabilities=HEAD)
    assert {name: one.score for name, one in found.items()} == pytest.approx(alone, rel=1e-10)
    assert all(one.replicates is not None and one.replicates.std() > 0 for one in found.values())


def test_blocks_are_the_jackknife_by_brute_force():
    (metric,) = parse_metrics("gbc")
    draws = make_resamples(SAMPLE.labels, blocks=9)
    found = score_resampled(SAMPLE, [metric], draws)["gbc"]
    blocks = draws.blocks.of_rows
    without = [metric(as_sample(X[blocks != k], Y[blocks != k])) for k in range(9)]
    jackknife = 8 / 9 * np.sum((without - np.mean(without)) ** 2)
    spread = np.var(found.replicates, ddof=1)
    assert jackknife / 2.6 < spread < jackknife * 1.4  # at most half of it is taken off; 200 draws: 1 in 10
    assert found.degrees == 8


def test_a_measure_without_closed_form_takes_blocks_or_says_that_it_has_no_interval():
    metrics = parse_metrics("logme,gbc,logme+ped")
    found = score_resampled(SAMPLE, metrics, resamples_for(SAMPLE))
    assert {name: one.degrees for name, one in found.items()} == {"logme": 87, "gbc": 11, "logme+ped": 11}
    assert {name: one.coarse and one.coarse.degrees for name, one in found.items()} == {
        "logme": 11,
        "gbc": None,
        "logme+ped": None,
    }
    rows = score_resampled(SAMPLE, metrics, resamples_for(SAMPLE, recompute=False))
    assert rows["logme"].degrees == 87
    assert rows["gbc"].score == found["gbc"].score
    assert interval(rows["gbc"]) is None
    assert rows["gbc"].reason == "gbc would have to be computed again without some rows."


def test_blocks_say_about_the_same_as_rows():
    """Of a sum over rows both have the variance that theory gives; 12 blocks know it to 4 in 10."""
    (metric,) = parse_metrics("nce")
    found = score_resampled(SAMPLE, [metric], make_resamples(SAMPLE.labels, number=2000))["nce"]
    spreads = []
    for seed in range(30):
        draws = make_resamples(SAMPLE.labels, number=2000, seed=seed)
        spreads.append(score_resampled(SAMPLE, [metric], draws)["nce"].coarse.replicates.var())
    assert np.mean(spreads) == pytest.approx(found.replicates.var(), rel=0.2)


def test_a_contest_takes_blocks_for_all_as_soon_as_one_measure_needs_them():
    metrics = parse_metrics("logme,gbc")
    both = list(score_resampled(SAMPLE, metrics, resamples_for(SAMPLE)).values())
    assert alike([both]) == [[both[0].coarse, both[1]]]
    assert alike([both[:1]]) == [both[:1]]


def test_a_measure_of_candidates_has_replicates_among_candidates():
    metrics = parse_metrics("logme,ncti")
    samples = [SAMPLE, as_sample(X + RNG.standard_normal(X.shape), Y), as_sample(X[:, :3], Y)]
    draws = resamples_for(SAMPLE)
    found = [score_resampled(sample, metrics, draws)["ncti"] for sample in samples]
    assert np.isnan(found[0].score)
    assert found[0].reason == "ncti exists among candidates only."
    pool, parts = metrics[1].measure.pool, [metrics[1].parts(sample) for sample in samples]
    joined = resampled_among(pool, parts, found)
    assert [one.score for one in joined] == pool.combine(np.array(parts)).tolist()
    assert joined[0].replicates.shape == (200,)
    assert max(one.replicates.std() for one in joined) > 0
    for drawn in (0, 7):
        scores = pool.combine(np.array([one.parts[drawn] for one in found]))
        assert [one.replicates[drawn] for one in joined] == scores.tolist()
    without = score_resampled(SAMPLE, metrics, resamples_for(SAMPLE, recompute=False))["ncti"]
    alone = resampled_among(pool, parts, [without, *found[1:]])
    assert {one.reason for one in alone} == {"ncti would have to be computed again without some rows."}


def test_a_sample_of_other_rows_is_refused():
    found = score_resampled(SAMPLE, parse_metrics("logme"), make_resamples(as_sample(X[:80], Y[:80]).labels))
    assert found["logme"].reason == "The resamples are of 80 rows; the sample has 90."


@pytest.mark.filterwarnings("ignore::audition.errors.UnreliableScoreWarning")
def test_a_score_that_is_infinite_has_no_interval():
    sample = as_sample(X, X[:, 0], task="regression")
    found = score_resampled(sample, parse_metrics("logme:exact"), make_resamples(sample.labels))
    assert found["logme:exact"].score == np.inf
    assert "not finite" in found["logme:exact"].reason


def test_an_interval_is_students():
    replicates = np.array([1.0, 2.0, 3.0, 4.0])
    found = interval(Resampled(2.0, replicates, 7), 0.8)
    assert found is not None
    assert found.error == np.std(replicates, ddof=1)
    assert found.high - 2.0 == pytest.approx(t.ppf(0.9, 7) * found.error)
    assert found.low + found.high == pytest.approx(4.0)
    with pytest.raises(InputError, match="A level lies between 0 and 1"):
        interval(Resampled(2.0, replicates, 7), 90)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            Kind(60, 8, 3),
            "logme,h_score,regularized_h_score,lfc,knn_accuracy,leep,transrate,concept_variance",
        ),
        (Kind(60, 40, 3), "logme,regularized_h_score,lfc,transrate,transrate:normalized"),
        (Kind(60, 90, 3), "logme,regularized_h_score"),
        (Kind(120, 8, 3, together=3), "logme,regularized_h_score,leep"),
        (Kind(60, 8, 0), "logme,lfc"),
    ],
    ids=str,
)
def test_intervals_cover(kind, names):
    """With 200 data sets the share is known to 2 in 100; `python -m benchmarks.coverage` says more."""
    for found in study(kind, parse_metrics(names), 200):
        assert 0.82 <= found.covered <= 0.97, found
        assert 0.8 <= found.ratio <= 1.25, found


def test_paired_differences_are_sharper_than_their_parts():
    """Candidates that see the same rows move together."""
    metrics = parse_metrics("logme")
    draws = make_resamples(SAMPLE.labels)
    one, other = (
        score_resampled(as_sample(x, Y), metrics, draws)["logme"].replicates
        for x in (X, X + 0.1 * RNG.standard_normal(X.shape))
    )
    assert np.std(one - other) < 0.3 * np.std(one)


def batches(size):
    return ((X[i : i + size], Y[i : i + size]) for i in range(0, len(X), size))


def test_kept_rows_do_not_depend_on_batches():
    kept = [keep_rows(batches(size), number=40) for size in (1, 7, 90)]
    for other in kept[1:]:
        assert np.array_equal(kept[0].positions, other.positions)
        assert np.array_equal(kept[0].seen.rows, other.seen.rows)
        assert np.array_equal(kept[0].seen.labels.codes, other.seen.labels.codes)
    assert np.array_equal(kept[0].seen.rows, X[kept[0].positions])
    assert len(set(kept[0].positions.tolist())) == 40
    assert kept[0].positions.tolist() != keep_rows(batches(7), number=40, seed=1).positions.tolist()


def test_statistics_alone_have_intervals_by_the_rows_that_were_kept():
    metrics = parse_metrics("logme,h_score,regularized_h_score,lfc")
    kept = keep_rows(batches(7), number=90)
    found = score_resampled(Sample(None, None, kept.statistics), metrics, kept.resamples(), kept.seen)
    whole = score_resampled(SAMPLE, metrics, make_resamples(SAMPLE.labels))
    for name, one in found.items():
        assert one.score == pytest.approx(whole[name].score, rel=1e-9)
        assert np.std(one.replicates) == pytest.approx(np.std(whole[name].replicates), rel=0.2)


def test_a_third_of_the_rows_says_about_as_much():
    values = RNG.standard_normal(90)
    kept = keep_rows(batches(9), number=45)
    variance = resampling.stratified_variance(values, Y)
    assert kept.resamples().variance(values[kept.positions]) == pytest.approx(variance, rel=0.4)


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_other_labels_are_kept_too(task):
    labels = X[:, :2] if task == "regression" else (X[:, :3] > 0).astype(int)
    pairs = ((X[i : i + 8], labels[i : i + 8]) for i in range(0, 90, 8))
    kept = keep_rows(pairs, task=task, number=30)
    assert np.array_equal(kept.seen.labels.values, labels[kept.positions])
    found = score_resampled(
        Sample(None, None, kept.statistics), parse_metrics("logme"), kept.resamples(), kept.seen
    )
    assert interval(found["logme"]) is not None


@pytest.mark.parametrize("metric", parse_metrics(CLOSED), ids=str)
def test_rows_that_have_nothing_in_common_with_their_group_keep_their_interval(metric):
    """Groups of one to eight rows: what all influences have in common says nothing, however many rows are drawn."""
    rng = np.random.default_rng(0)
    y = np.arange(600) % 3
    x = np.eye(3, 8)[y] * 2 + rng.standard_normal((600, 8)) + 3
    groups = np.repeat(np.arange(600), rng.integers(1, 9, size=600))[:600]
    head = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)

    def width(groups):
        sample = with_probabilities(as_sample(x, y, "classification", groups), head)
        (one,) = score_resampled(sample, [metric], resamples_for(sample)).values()
        found = interval(one)
        return found.high - found.low

    assert 0.7 < width(groups) / width(None) < 1.4
