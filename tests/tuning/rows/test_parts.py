"""Parts: every row in one, each class in its share, groups whole, always the same."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audition.errors import InputError

pytest.importorskip("torch", reason="torch is not installed")

from audition.tuning.rows.parts import divide


def check(parts, rows):
    together = np.concatenate([parts.train, parts.held_out, parts.test])
    np.testing.assert_array_equal(np.sort(together), np.arange(rows))
    for part in (parts.train, parts.held_out, parts.test):
        np.testing.assert_array_equal(part, np.sort(part))


@given(
    sizes=st.lists(st.integers(1, 30), min_size=2, max_size=8),
    held_out=st.floats(0.05, 0.5),
    test=st.sampled_from([0.0, 0.2]),
    seed=st.integers(0, 3),
)
def test_each_class_has_its_share(sizes, held_out, test, seed):
    assume(test == 0 or max(sizes) > 2)  # else nothing is left to hold out
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    parts = divide(labels, "classification", held_out=held_out, test=test, seed=seed)
    check(parts, len(labels))
    counts = np.bincount(labels[parts.held_out], minlength=len(sizes))
    for size, count in zip(sizes, counts, strict=True):
        if test == 0:
            assert (count >= 1) == (size > 1)
            if size > 2 and len(parts.held_out) > len(sizes):
                assert count <= held_out * size + 2
        assert count < size or size == 0
    assert bool(parts.notes) == (1 in sizes)


@pytest.mark.parametrize("rows", [20, 60, 300])
def test_targets_are_divided_over_their_range(rows):
    targets = np.random.default_rng(0).lognormal(size=(rows, 2))
    parts = divide(targets, "regression", held_out=0.25)
    check(parts, rows)
    assert len(parts.held_out) == rows // 4
    places = np.argsort(np.argsort(targets[:, 0]))[parts.held_out]
    quarters = np.bincount(4 * places // rows, minlength=4)
    assert quarters.min() >= 1 and np.ptp(quarters) <= 0.35 * rows / 4 + 1


def test_targets_that_are_all_the_same_are_divided():
    check(divide(np.ones(10), "regression"), 10)


def test_a_rare_label_is_on_both_sides():
    rng = np.random.default_rng(0)
    labels = (rng.random((200, 4)) < [0.5, 0.4, 0.3, 0.0]).astype(np.float32)
    labels[:5, 3] = 1
    parts = divide(labels, "multilabel", held_out=0.2)
    check(parts, 200)
    assert len(parts.held_out) == 40
    assert labels[parts.held_out].any(axis=0).all() and labels[parts.train].any(axis=0).all()


@given(groups=st.lists(st.integers(0, 5), min_size=12, max_size=60), test=st.sampled_from([0.0, 0.25]))
def test_groups_stay_together(groups, test):
    if len(set(groups)) < 4:
        return
    labels = np.arange(len(groups)) % 2
    parts = divide(labels, "classification", [f"g{group}" for group in groups], held_out=0.25, test=test)
    check(parts, len(groups))
    sides = [{groups[row] for row in part} for part in (parts.train, parts.held_out, parts.test)]
    assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
    assert sides[0] and sides[1] and bool(sides[2]) == (test > 0)


def test_groups_keep_classes_in_their_shares():
    groups = np.repeat(np.arange(40), 5)
    labels = (groups % 4 == 0).astype(int)
    parts = divide(labels, "classification", groups, held_out=0.25)
    assert len(parts.held_out) == 50
    assert 10 <= labels[parts.held_out].sum() <= 15


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_the_same_parts_for_one_seed_and_others_for_another(task):
    labels = np.random.default_rng(0).integers(0, 4, 80)
    first, again, other = (divide(labels, task, seed=seed) for seed in (1, 1, 2))
    assert first.held_out.tolist() == again.held_out.tolist() != other.held_out.tolist()


def test_a_class_of_one_row_is_trained_on_and_said():
    parts = divide(np.array([0] * 9 + [1] * 9 + [2]), "classification")
    assert 18 in parts.train
    assert parts.notes == (
        "1 class has one row only: it is trained on, and no held-out row can say whether it is learned.",
    )


def test_classes_of_one_row_each_are_all_trained_on():
    parts = divide(np.arange(5), "classification")
    assert len(parts.train) == 5 and not len(parts.held_out)


@pytest.mark.parametrize(
    "given, said",
    [
        ({"held_out": 1.0}, "'held_out' parameter must be from 0 to below 1"),
        ({"test": -0.1}, "'test' parameter"),
        ({"held_out": 0.6, "test": 0.4}, "leave nothing to train on"),
        ({"groups": ["a"] * 10}, "All rows belong to one group"),
        ({"groups": ["a"] * 9}, "10 rows, but 9 groups"),
    ],
)
def test_what_cannot_be_divided(given, said):
    with pytest.raises(InputError, match=said):
        divide(np.arange(10) % 2, "classification", **given)


def test_a_test_share_that_leaves_nothing_to_hold_out():
    with pytest.raises(InputError, match=r"test share of 0\.2 leaves no row of 6 to hold out"):
        divide(np.repeat(np.arange(3), 2), "classification", test=0.2)
    assert len(divide(np.repeat(np.arange(3), 2), "classification", held_out=0, test=0.2).test) == 3
