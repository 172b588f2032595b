"""A limit keeps each class's share, the same items in every run, and decodes nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from audition.data import Dataset, open_dataset
from audition.data.subset import limited
from audition.errors import InputError, UnreliableScoreWarning

CLASSES = ["a"] * 80 + ["b"] * 18 + ["c"] * 2


def rows(number: int) -> np.ndarray:
    return np.arange(float(number))[:, None]


def test_each_class_keeps_its_share_and_none_is_lost() -> None:
    data = open_dataset((rows(100), CLASSES), limit=50)
    assert isinstance(data, Dataset)
    assert (data.name, len(data), data.kind, data.task) == (
        "arrays (50 of 100)",
        50,
        "rows",
        "classification",
    )
    assert Counter(item.label for item in data.items()) == {"a": 40, "b": 9, "c": 1}
    with pytest.warns(UnreliableScoreWarning):
        few = open_dataset((rows(100), CLASSES), limit=3)
    assert Counter(item.label for item in few.items()) == {"a": 1, "b": 1, "c": 1}


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [
        (30, "The limit of 30 keeps 30 of 64 classes, one item each: give at least 128."),
        (64, "The limit of 64 keeps one item alone of each of 64 classes: give at least 128."),
        (100, "The limit of 100 keeps one item alone of some of 64 classes: give at least 128."),
    ],
)
def test_a_limit_too_low_for_the_classes_is_told(limit: int, sentence: str) -> None:
    with pytest.warns(UnreliableScoreWarning) as caught:
        open_dataset((rows(640), np.arange(640) % 64), limit=limit)
    assert [str(warning.message) for warning in caught] == [sentence]


def test_what_a_limit_says_is_enough_is_enough() -> None:
    """Warnings are errors here; a class that has one item only needs no second."""
    kept = open_dataset((rows(640), np.arange(640) % 64), limit=128)
    assert set(Counter(item.label for item in kept.items()).values()) == {2}
    open_dataset((rows(6), ["a", "a", "a", "b", "b", "c"]), limit=5)


def test_labels_that_a_limit_loses_are_told(tmp_path: Path) -> None:
    sets = [{"a"}] * 20 + [{"b"}, {"c", "a"}, {"d"}]
    with pytest.warns(UnreliableScoreWarning, match=r"limit of 2 keeps \d of 4 labels: give more"):
        open_dataset((rows(23), sets), limit=2)
    (tmp_path / "t.conll").write_text("x\tO\n\n" * 30 + "y\tA\n\n" * 10)
    with pytest.warns(UnreliableScoreWarning, match="limit of 1 keeps 1 of 2 labels: give more"):
        open_dataset(tmp_path / "t.conll", limit=1)


def test_a_few_items_to_look_at_are_no_limit_of_the_users() -> None:
    """As a dry run takes them; warnings are errors here."""
    assert len(limited(open_dataset((rows(640), np.arange(640) % 64)), 32)) == 32


def test_targets_are_not_counted_as_classes() -> None:
    assert len(open_dataset((rows(50), np.linspace(0, 1, 50)), limit=2)) == 2


def test_the_same_items_in_order_every_time() -> None:
    first, second = (
        [item.name for item in open_dataset((rows(100), CLASSES), limit=30).items()] for _ in "ab"
    )
    assert first == second
    assert [int(name.split()[1]) for name in first] == sorted(int(name.split()[1]) for name in first)
    assert first != [f"row {place}" for place in range(30)]


@pytest.mark.parametrize("limit", [100, 101])
def test_a_limit_that_takes_nothing_away(limit: int) -> None:
    assert open_dataset((rows(100), CLASSES), limit=limit).name == "arrays"


def test_targets_are_drawn_from_their_whole_range() -> None:
    targets = np.random.default_rng(0).normal(size=200) ** 3
    kept = [item.label for item in open_dataset((rows(200), targets), limit=20).items()]
    tenths = np.searchsorted(np.sort(targets), kept) * 10 // 200
    assert Counter(tenths.tolist()) == dict.fromkeys(range(10), 2)


def test_several_labels_and_sentences(tmp_path: Path) -> None:
    sets = [{"a"}, {"a", "b"}, set(), {"b"}] * 10
    kept = [item.label for item in open_dataset((rows(40), sets), limit=8).items()]
    assert set(Counter(kept).values()) == {2}
    (tmp_path / "t.conll").write_text("x\tO\n\n" * 30 + "y\tA\n\n" * 10)
    tags = [item.label for item in open_dataset(tmp_path / "t.conll", limit=8).items()]
    assert Counter(tags) == {("O",): 6, ("A",): 2}


@pytest.mark.parametrize("limit", [0, -1, 2.5, True, "8"])
def test_limits_that_cannot_be(limit: object) -> None:
    with pytest.raises(InputError, match="The limit must be a positive whole number"):
        open_dataset((rows(100), CLASSES), limit=limit)  # type: ignore[arg-type]


def test_one_item_is_no_classification() -> None:
    with pytest.raises(InputError, match="leaves one class"):
        open_dataset((rows(100), CLASSES), limit=1)
