"""Statistics that are kept from lap to lap are those of all rows, whether there was room for them or not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from audition.data.features import Features
from audition.labels import as_labels
from audition.ranking.racing.sums import Sums
from audition.statistics.build import statistics_of

ROWS, CUTS = 60, (0, 10, 25, 60)
VALUES = np.random.default_rng(0).normal(size=(ROWS, 4))
LABELS = as_labels([i % 3 for i in range(ROWS)])
PARTS = [
    Features("model", "data", "classification", (), {"layer": VALUES[start:stop]})
    for start, stop in pairwise(CUTS)
]


@pytest.mark.parametrize("room", [2**20, 0], ids=["kept", "made again"])
def test_part_after_part_as_of_all_rows_at_once(room: int) -> None:
    sums = Sums(room)
    for number, stop in enumerate(CUTS[1:], start=1):
        found = sums.of("model", PARTS[:number], LABELS[:stop])["layer"]
        whole = statistics_of(VALUES[:stop], LABELS[:stop])
        assert found.count == stop
        np.testing.assert_allclose(found.scatter, whole.scatter, rtol=1e-12)
        np.testing.assert_allclose(found.mean, whole.mean, rtol=1e-12, atol=1e-15)


def test_only_new_rows_are_read_again_where_there_is_room() -> None:
    sums = Sums()
    sums.of("model", PARTS[:2], LABELS[:25])
    unread = Features("model", "data", "classification", (), {"layer": np.full((25, 4), np.nan)})
    found = sums.of("model", [unread, PARTS[2]], LABELS)["layer"]
    assert np.isfinite(found.scatter).all()


def test_those_that_are_forgotten_make_room_for_others() -> None:
    """A scatter of 4 columns takes 128 bytes, 3 classes take 216: one candidate fits, and the next after it."""
    sums = Sums(600)
    for name in ("first", "second"):
        sums.of(name, PARTS[:2], LABELS[:25])
        unread = Features(name, "data", "classification", (), {"layer": np.full((25, 4), np.nan)})
        found = sums.of(name, [unread, PARTS[2]], LABELS)["layer"]
        assert np.isfinite(found.scatter).all()
        sums.forget(name)


def test_many_classes_take_room_too() -> None:
    """20 classes take ten times the scatter, and so all is made again from the rows."""
    labels = as_labels([i % 20 for i in range(ROWS)])
    sums = Sums(600)
    sums.of("model", PARTS[:2], labels[:25])
    unread = Features("model", "data", "classification", (), {"layer": np.full((25, 4), np.nan)})
    found = sums.of("model", [unread, PARTS[2]], labels)["layer"]
    assert np.isnan(found.scatter).any()


def test_decompositions_are_not_kept() -> None:
    """They are made while a lap is scored, and the next has others."""
    sums = Sums()
    first = sums.of("model", PARTS[:2], LABELS[:25])["layer"]
    bare = set(vars(first))
    assert first.gram_spectrum.values.size
    again = sums.of("model", PARTS[:2], LABELS[:25])["layer"]
    assert set(vars(first)) > bare == set(vars(again))


def test_no_statistics_of_fewer_rows_than_columns() -> None:
    wide = Features("model", "data", "classification", (), {"layer": np.ones((3, 4))})
    assert Sums().of("model", [wide], LABELS[:3]) == {}
