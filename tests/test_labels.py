"""Labels: any hashable values, encoded once; classes or targets as scikit-learn decides."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.multiclass import type_of_target

from audition.errors import AmbiguousTaskWarning, InputError, UnknownNameError
from audition.labels import ClassLabels, Targets, as_labels

hashables = st.one_of(
    st.integers(), st.text(), st.booleans(), st.tuples(st.integers(), st.text()), st.binary()
)


@given(st.lists(hashables, min_size=1, max_size=30))
def test_codes_give_the_labels_back(labels):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AmbiguousTaskWarning)
        encoded = as_labels(labels, task="classification")
    assert isinstance(encoded, ClassLabels)
    assert [encoded.classes[code] for code in encoded.codes] == labels
    assert len(set(encoded.classes)) == len(encoded.classes)


@pytest.mark.parametrize("kind", [np.array, list, tuple])
@pytest.mark.parametrize("labels", [["b", "a", "b"], [3, 1, 3], [True, False, True]])
def test_classes_are_sorted_and_plain(kind, labels):
    encoded = as_labels(kind(labels))
    assert encoded.classes == tuple(sorted(set(labels)))
    assert all(type(label) in (str, int, bool) for label in encoded.classes)


def test_text_and_numbers_stay_apart():
    assert len(as_labels([1, "1", 1, "1"]).classes) == 2


AGES = np.array([3, 17, 25, 26, 31, 38, 40, 44, 52, 57, 61, 62, 63, 70, 71, 75, 80, 84, 88, 90, 93, 101])


@pytest.mark.parametrize(
    ("labels", "ambiguous"),
    [
        (np.array([0, 1, 1]), False),
        (np.arange(500) % 100, False),
        (np.array([0.5, 1.25, 3.0]), False),
        (np.array([True, False]), False),
        (np.array(["a", "b"]), False),
        (np.array([1.0, 2.0, 1.0]), True),
        (AGES.astype(float), True),
        (np.repeat(AGES, 2), True),
    ],
)
def test_auto_follows_scikit_learn_and_says_so_where_it_is_unsure(labels, ambiguous):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        encoded = as_labels(labels)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = "continuous" in type_of_target(labels)
    assert isinstance(encoded, Targets) == expected
    assert [w.category for w in caught] == [AmbiguousTaskWarning] * ambiguous


def test_an_ambiguous_task_names_both_ways_out():
    with pytest.warns(
        AmbiguousTaskWarning, match="taken as classes.*task='regression'.*task='classification'"
    ):
        as_labels(np.array([1.0, 2.0]))


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("labels", "measured"),
    [
        (np.arange(400) % 100, False),
        (np.arange(400) % 100 + 1, False),
        (np.arange(30), False),
        (np.repeat(np.delete(np.arange(91), [12, 26, 29, 30]), 10), False),
        (RNG.integers(0, 200, 500), False),
        (np.repeat(AGES * 1000, 3), False),
        (AGES[:19], False),
        (AGES, True),
        (RNG.poisson(35, 900), True),
        (np.arange(400) % 70 + 1950, True),
        (1000 * RNG.integers(22, 4000, 400), True),
        (-(RNG.integers(0, 300, 60)), True),
    ],
    ids=[
        "codes from 0", "codes from 1", "a code a row", "codes with gaps", "some rows of 200 classes",
        "names as numbers", "few", "most differ", "ages", "years", "prices", "below zero",
    ],
)  # fmt: skip
def test_whole_numbers_are_codes_of_classes_or_measurements(labels, measured):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = as_labels(labels)
    assert isinstance(found, Targets) == measured
    said = [str(warning.message) for warning in caught]
    assert not measured or (len(said) == 1 and "taken as measurements" in said[0])
    for task in ("classification", "regression"):
        assert not measured or f"--task {task} (task='{task}')" in said[0]


def test_a_batch_says_nothing_of_how_often_a_class_occurs():
    with pytest.warns(AmbiguousTaskWarning, match="taken as classes"):
        assert isinstance(as_labels(AGES, is_batch=True), ClassLabels)


def test_several_targets():
    assert as_labels(np.zeros((4, 2))).values.shape == (4, 2)
    assert as_labels([[0.5, 1.0], [1.5, 2.0]]).values.shape == (2, 2)
    assert as_labels(np.ones((4, 1)) * 0.5).values.shape == (4, 1)


@pytest.mark.parametrize(
    ("labels", "task", "sentence"),
    [
        ([None, "a"], "auto", r"1 label is missing, the first in row 0 \(counted from 0\)"),
        (["a", float("nan"), "b", float("nan")], "auto", "2 labels are missing, the first in row 1"),
        (
            np.array([0.5, np.nan]),
            "auto",
            r"missing \(NaN\) or infinite, the first in row 1 \(counted from 0\)",
        ),
        (np.array(["a", "b"]), "regression", "Regression needs numbers"),
        (np.zeros((2, 2, 2)), "auto", "one a row"),
        (3, "auto", "one a row"),
        ([], "auto", "no labels"),
        (None, "auto", "labels are missing"),
        (np.array([[1, 2], [3, 4]]), "classification", "one label a row"),
    ],
)
def test_bad_labels(labels, task, sentence):
    with pytest.raises(InputError, match=sentence):
        as_labels(labels, task=task)


def test_unknown_task():
    with pytest.raises(UnknownNameError, match="Did you mean 'regression'"):
        as_labels([1, 2], task="regresion")


def test_missing_in_pandas(framework):
    pd = framework("pandas")
    with pytest.raises(InputError, match="missing, the first in row 1"):
        as_labels(pd.Series(["a", None]))
    with pytest.raises(InputError, match="missing .*the first in row 1"):
        as_labels(pd.Series([1, None], dtype="Int64"))


def test_numbers_in_a_list_are_judged_as_numbers():
    fractions = list(np.array([0.5, 1.25, 3.0], dtype=np.float32))
    assert isinstance(as_labels(fractions), Targets)
    assert isinstance(as_labels(np.array([0.5, 1.25], dtype=object)), Targets)
    with pytest.warns(AmbiguousTaskWarning):
        as_labels(list(AGES))


@pytest.mark.parametrize(
    "labels",
    [[2**63, 2**63 + 1, -1], [2**53, 2**53 + 1, 5.0], ["a", "a\0", "b"], [(1, "x"), (1, "y"), "x"]],
    ids=["beyond int64", "beyond float64", "trailing NUL", "tuples"],
)
def test_what_numpy_would_merge_stays_apart(labels):
    assert set(as_labels(labels).classes) == set(labels)


def test_dates_stay_dates():
    days = np.array(["2020-01-01", "2021-01-01"], dtype="datetime64[ns]")
    assert as_labels(days).classes == tuple(days)


def test_no_targets_at_all():
    with pytest.raises(InputError, match=r"got shape \(4, 0\)"):
        as_labels(np.zeros((4, 0)))


def test_a_class_of_its_own_for_most_rows_is_told():
    """An id column taken for the labels scores well, and means nothing."""
    names = [f"picture {i}" for i in range(30)]
    with pytest.warns(
        AmbiguousTaskWarning, match="30 different values for 30 rows; .* look like names of the rows"
    ):
        as_labels(names, task="classification")
    with pytest.warns(AmbiguousTaskWarning, match="30 different values"):
        as_labels(np.linspace(0, 1, 30), task="classification")
