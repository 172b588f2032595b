"""Whose features they are: everything that changes features changes the digest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.cache import FeatureKey, arrays_digest, file_digest, samples_digest
from audition.errors import InputError

KEY = FeatureKey(
    model="timm:resnet18?pool=mean", weights="w", data="d", library="timm 1.0", precision="float32"
)


@pytest.mark.parametrize("field", ["model", "weights", "data", "library", "precision"])
def test_every_part_of_a_key_counts(field: str) -> None:
    """Another model, other weights, other data: another entry, so never the first one's vectors."""
    other = replace(KEY, **{field: getattr(KEY, field) + "x"})
    assert other.digest != KEY.digest
    assert replace(KEY).digest == KEY.digest
    assert len(KEY.digest) == 64


def test_parts_do_not_run_together() -> None:
    """'ab' and 'c' are not 'a' and 'bc'."""
    first = FeatureKey(model="ab", weights="c", data="d")
    assert first.digest != FeatureKey(model="a", weights="bc", data="d").digest
    assert first.digest != FeatureKey(model="ab", weights="d", data="c").digest


@pytest.mark.parametrize("name", ["../../x", "a\0b", "é" * 100_000, "\udcff", "C:\\con", "💾", '{"a":1}', ""])
def test_any_text_is_a_name(name: str) -> None:
    """A digest of 64 hexadecimal digits stands for it wherever a file is named."""
    digest = replace(KEY, model=name).digest
    assert len(digest) == 64 and set(digest) <= set("0123456789abcdef")


@pytest.mark.parametrize("field", ["weights", "data"])
def test_what_has_no_identity_is_refused(field: str) -> None:
    with pytest.raises(InputError, match="no identity"):
        replace(KEY, **{field: ""})
    with pytest.raises(InputError, match="must be text"):
        replace(KEY, **{field: None})


def test_samples_digest_is_of_contents_in_order(tmp_path: Path) -> None:
    """Kinds, shapes and dtypes count, the layout in memory does not; a file is its bytes."""
    numbers = np.arange(6, dtype=np.float32)
    different: list[list[Any]] = [
        [], [b"ab"], ["ab"], [b"a", b"b"], ["b", "a"], ["a", "b"], [b""], [numbers],
        [numbers.reshape(2, 3)], [numbers.reshape(3, 2)], [numbers.view(np.int32)],
        [numbers.astype(np.float64)], [np.empty((0, 3))], [np.empty((0, 4))], [np.float32(3)],
        [("a", "b")], [("a",), "b"], [("a", ("b",))], [("ab",)], [()],
    ]  # fmt: skip
    assert len({samples_digest(samples) for samples in different}) == len(different)

    grid = np.arange(12.0).reshape(3, 4)
    assert samples_digest([np.asfortranarray(grid)]) == samples_digest([grid])
    assert samples_digest([grid.astype(">f8")]) == samples_digest([grid])
    path = tmp_path / "sample"
    path.write_bytes(b"ab")
    assert samples_digest([path]) == samples_digest([b"ab"])
    with pytest.raises(InputError, match="no digest"):
        samples_digest([object()])


def test_weights_are_digested_by_name(tmp_path: Path) -> None:
    """The order of a dictionary does not count; which array has which name does."""
    a, b = np.zeros(3), np.ones(3)
    assert arrays_digest({"a": a, "b": b}) == arrays_digest({"b": b, "a": a})
    assert arrays_digest({"a": a, "b": b}) != arrays_digest({"a": b, "b": a})
    with pytest.raises(InputError, match="cannot be read"):
        file_digest(tmp_path / "absent")
