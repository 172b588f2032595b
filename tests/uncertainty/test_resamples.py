"""Draws of rows: what they hold, and that their spread is the one of sampling theory."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import resampling

from audition.errors import InputError
from audition.labels import as_labels
from audition.uncertainty import make_resamples

RNG = np.random.default_rng(3)
CODES = np.repeat([0, 1, 2], [60, 25, 15])
LABELS = as_labels(CODES)


def test_each_class_keeps_its_size_in_every_resample():
    draws = make_resamples(LABELS, number=50)
    for stratum in range(3):
        counts = draws.draws[:, draws.strata == stratum] + 1
        assert (counts >= 0).all()
        assert (counts.sum(axis=1) == (CODES == stratum).sum()).all()
    assert draws.number == 50
    assert draws.degrees == 97


def test_the_same_arguments_draw_the_same_and_another_seed_does_not():
    assert np.array_equal(make_resamples(LABELS).draws, make_resamples(LABELS).draws)
    assert not np.array_equal(make_resamples(LABELS).draws, make_resamples(LABELS, seed=1).draws)


def test_the_variance_is_that_of_a_stratified_mean():
    values = RNG.standard_normal(100) + CODES
    draws = make_resamples(LABELS, number=4000)
    variance = resampling.stratified_variance(values, CODES)
    assert draws.variance(values) == pytest.approx(variance, rel=1e-12)
    assert np.var(draws.deviations(values)) == pytest.approx(variance, rel=0.1)  # 4000 draws: 2 in 100
    assert np.mean(draws.deviations(values)) == pytest.approx(0, abs=4 * np.sqrt(variance / 4000))


def test_a_constant_in_each_class_changes_nothing():
    values = RNG.standard_normal(100)
    draws = make_resamples(LABELS)
    assert draws.deviations(values + 7 * CODES) == pytest.approx(draws.deviations(values), abs=1e-12)


def test_a_part_of_many_rows_stands_for_all():
    codes = np.repeat([0, 1, 2], [6000, 2500, 1500])
    values = RNG.standard_normal(10_000) * (1 + codes)
    draws = make_resamples(as_labels(codes), observed=1000)
    assert np.bincount(codes[draws.rows]).tolist() == [600, 250, 150]
    assert draws.variance(values[draws.rows]) == pytest.approx(
        resampling.stratified_variance(values, codes), rel=0.15
    )


def test_groups_are_drawn_whole():
    groups = np.arange(100) // 5
    draws = make_resamples(LABELS, groups)
    values = RNG.standard_normal(20)[groups] + 0.1 * RNG.standard_normal(100)
    assert len(draws.strata) == 20
    own = np.repeat(np.arange(20.0), 5)
    assert draws.by_unit(own).tolist() == (5 * (np.arange(20) - 9.5)).tolist()
    assert draws.variance(values) > 3 * make_resamples(LABELS).variance(values)


def test_classes_of_one_row_are_drawn_together():
    codes = np.concatenate([np.zeros(10, dtype=int), np.arange(1, 5)])
    draws = make_resamples(as_labels(codes))
    assert sorted(np.bincount(draws.strata).tolist()) == [4, 10]
    alone = make_resamples(as_labels(np.repeat([0, 1], [10, 1])))
    assert np.bincount(alone.strata).tolist() == [11]


def test_blocks_have_their_share_of_every_class():
    draws = make_resamples(LABELS, blocks=5)
    assert draws.blocks is not None
    table = np.zeros((5, 3))
    np.add.at(table, (draws.blocks.of_rows, CODES), 1)
    assert (table == [12, 5, 3]).all()
    assert draws.blocks.degrees == 4
    assert (draws.blocks.draws.sum(axis=1) == 0).all()
    assert make_resamples(LABELS, blocks=0).blocks is None


def test_blocks_hold_whole_groups():
    groups = np.arange(100) // 5
    draws = make_resamples(LABELS, groups)
    assert draws.blocks is not None
    assert draws.blocks.number == 12
    assert all(len(set(draws.blocks.of_rows[groups == group])) == 1 for group in range(20))


def test_pairs_stand_for_all_pairs():
    draws = make_resamples(LABELS)
    assert draws.pairs.weights.sum() == pytest.approx(1)
    same = CODES[draws.pairs.first] == CODES[draws.pairs.second]
    assert np.array_equal(same, draws.pairs.same)
    assert draws.pairs.weights[same].sum() == pytest.approx((60 * 59 + 25 * 24 + 15 * 14) / (100 * 99))
    assert (draws.pairs.first != draws.pairs.second).all()


def test_targets_and_several_labels_make_one_stratum():
    for labels in (
        as_labels(RNG.standard_normal(30)),
        as_labels(RNG.integers(0, 2, (30, 3)), task="multilabel"),
    ):
        assert not make_resamples(labels).strata.any()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"number": 1}, "At least 2 resamples are needed; got 1."),
        ({"blocks": 3}, "At least 4 blocks are needed; got 3."),
        ({"observed": 4}, "At least 8 rows must be looked at; got 4."),
        ({"groups": np.zeros(100, dtype=np.intp)}, "An interval needs at least 2 rows, or groups of rows"),
    ],
)
def test_what_cannot_be_drawn_is_said(options, said):
    with pytest.raises(InputError, match=said):
        make_resamples(LABELS, **options)
