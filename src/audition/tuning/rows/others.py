"""Other data to test on: looked at before anything is run, so that nothing is found too late."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from audition.cache import samples_digest
from audition.data.base import DataKind, Dataset, Item
from audition.errors import InputError
from audition.extraction import SILENT, Watch, data_digest
from audition.tuning.rows.parts import codes_of
from audition.tuning.rows.readable import readable
from audition.tuning.rows.some_rows import Rows
from audition.tuning.rows.study import Study, like


@dataclass(frozen=True, eq=False)
class Others:
    """Items that take no part until the end, all of which can be read.

    targets: as a network of the study learns them. groups: int [N], or None. skipped: the names of items that could
    not be read. notes: what a reader should know.
    """

    data: Dataset
    targets: NDArray[Any]
    groups: Rows | None = None
    skipped: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Which data they are, as plain values."""
        return {
            "name": self.data.name,
            "digest": data_digest(self.data),
            "rows": len(self.targets),
            "skipped": list(self.skipped),
        }


def others_of(data: Dataset, study: Study, *, skip_bad: bool = False, watch: Watch = SILENT) -> Others:
    """Other data to test a network of a study on.

    Raises InputError for items of another kind, classes that the study does not have, items that cannot be read
    (unless skip_bad), and items that are among those of the study.
    """
    if data.kind != study.data.kind:
        raise InputError(
            f"{data.name!r} holds data of kind {data.kind!r} where {study.data.name!r} holds {study.data.kind!r}: "
            "test on data of the same kind."
        )
    like([item.label for item in data.items()], study.answers, data.name)
    notes = _shared(data, study.data)
    looked = readable(data, skip_bad=skip_bad, watch=watch)
    items = list(looked.data.items())
    targets = like([item.label for item in items], study.answers, data.name)
    groups = None if all(item.group is None for item in items) else codes_of([item.group for item in items])
    return Others(looked.data, targets, groups, looked.skipped, notes)


def _shared(data: Dataset, learned: Dataset) -> tuple[str, ...]:
    """A note where a few items have equals among those to learn from, as short texts may.

    Raises InputError where files are the same, or half of the items.
    """
    known = {_known_by(item, data.kind) for item in learned.items()} - {None}
    shared = [item for item in data.items() if _known_by(item, data.kind) in known]
    if not shared:
        return ()
    said = f"{len(shared)} of {len(data)} items of {data.name!r} are among those of {learned.name!r}"
    if 2 * len(shared) >= len(data) or any(isinstance(item.source, os.PathLike) for item in shared):
        raise InputError(
            f"{said}, such as {shared[0].name!r}: they would be learned from and tested on. Test on others, or on a "
            "share (test=0.2, --test 0.2)."
        )
    return (f"{said}: the test score flatters it so far.",)


def _known_by(item: Item, kind: DataKind) -> str | None:
    """What tells an item from others: its file or its content; None where that would take decoding a picture.

    Its name does not: the first text of any list has the same.
    """
    if isinstance(item.source, os.PathLike):
        return str(os.path.realpath(item.source))
    if item.source is None and kind not in ("text", "rows"):
        return None
    try:
        return samples_digest([item.decode() if item.source is None else item.source])
    except InputError:  # it cannot be read, which reading it says better
        return None
