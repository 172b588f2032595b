"""Items looked at before anything is run: those that can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import Dataset
from audition.data.subset import Subset
from audition.errors import InputError
from audition.extraction import SILENT, Watch
from audition.extraction.decode import check_left, prepared_items, quietly
from audition.tuning.rows.some_rows import Rows


@dataclass(frozen=True, eq=False)
class Readable:
    """The items of a data set that can be read.

    kept: their places in the whole, or None where that is all of them. skipped: the names of the others.
    """

    data: Dataset
    kept: Rows | None = None
    skipped: tuple[str, ...] = ()


def readable(data: Dataset, *, skip_bad: bool, watch: Watch = SILENT) -> Readable:
    """The items of a data set that can be read; each is decoded once, and nothing of it is kept.

    Raises InputError for an item that cannot be read, unless skip_bad, and where skipping leaves no item or one class.
    """
    labels, kept, skipped = [], list[int](), list[str]()
    with quietly(data):
        looks = prepared_items(data, [_LookedAt()])
        for place, (item, found) in enumerate(watch.decoding(looks, len(data), data.name)):
            if not isinstance(found, InputError):
                labels.append(item.label)
                kept.append(place)
            elif skip_bad:
                skipped.append(item.name)
            else:
                raise found
    check_left(data, labels, skipped)
    if not skipped:
        return Readable(data)
    return Readable(Subset(data, frozenset(kept)), np.array(kept, dtype=np.intp), tuple(skipped))


@dataclass(frozen=True)
class _LookedAt:
    """Keeps nothing of an item: whether it can be decoded is all that is asked."""

    def __call__(self, item: Any) -> NDArray[Any]:
        return np.zeros(0, dtype=np.uint8)
