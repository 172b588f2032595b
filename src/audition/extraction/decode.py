"""Every item of a data set decoded once, and put through what each model wants of it."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, cast

import numpy as np

from audition.arrays import Array, Matrix
from audition.data.base import DataKind, Dataset, Item, Task
from audition.data.images import quiet_pictures
from audition.errors import InputError
from audition.extraction.watch import SILENT, Watch
from audition.models.base import Preprocess
from audition.spool import RowFile, Spool

LOOK_AHEAD = 8  # items that a thread may be ahead of the one that is stored


@dataclass(frozen=True, eq=False)
class Decoded:
    """A data set that is decoded, ready for every model that shares one of its preprocesses.

    arrays: preprocess -> its items stacked, [N, ...]; on disk where they are large. labels: N plain values.
    counts: the words of each sentence where the items are sentences, whose labels stand one after the other
    (len(labels) is the sum); None where an item has one label.
    failures: preprocess -> why it failed on some item; it has no array.
    skipped: the names of the items that could not be read. seconds: what decoding took.
    groups: N values, equal for items that belong together, or None.
    """

    name: str
    kind: DataKind
    task: Task
    labels: tuple[Hashable, ...]
    arrays: Mapping[Preprocess, Matrix]
    skipped: tuple[str, ...] = ()
    seconds: float = 0.0
    failures: Mapping[Preprocess, str] = field(default_factory=dict)
    groups: tuple[Hashable, ...] | None = None
    counts: tuple[int, ...] | None = None


def decode(
    data: Dataset,
    preprocesses: Iterable[Preprocess],
    *,
    skip_bad: bool = False,
    bad: Collection[str] = (),
    watch: Watch = SILENT,
) -> Decoded:
    """Every item of a data set, read and decoded once and put through each distinct preprocess.

    Images are decoded by as many threads as there are cores. What is decoded stays in memory up to
    32 MiB a preprocess, and goes to a temporary file beyond. A preprocess that fails, or gives arrays of
    different shapes, is left out: only its models suffer. bad: the names of items that are known to be
    unreadable; they are skipped.
    Raises InputError for an item that cannot be read (unless skip_bad), and where skipping leaves no
    item or fewer than two classes.
    """
    stacks = {preprocess: Stack(len(data)) for preprocess in preprocesses}
    labels: list[Hashable] = []
    groups: list[Hashable] = []
    counts: list[int] = []
    skipped: list[str] = []
    failures: dict[Preprocess, str] = {}
    began = time.perf_counter()
    with quietly(data):
        for item, prepared in watch.decoding(prepared_items(data, tuple(stacks)), len(data), data.name):
            if isinstance(prepared, InputError) and not skip_bad:
                raise prepared
            if isinstance(prepared, InputError) or item.name in bad:
                skipped.append(item.name)
                continue
            failures |= put_all(stacks, item, prepared)
            given = labels_of(item, data.kind)
            labels += given
            groups += [item.group] * len(given)
            counts.append(len(given))
    check_left(data, labels, skipped)
    return Decoded(
        name=data.name,
        kind=data.kind,
        task=data.task,
        labels=tuple(labels),
        arrays={preprocess: stack.rows() for preprocess, stack in stacks.items()},
        skipped=tuple(skipped),
        seconds=time.perf_counter() - began,
        failures=failures,
        groups=None if all(group is None for group in groups) else tuple(groups),
        counts=tuple(counts) if data.kind == "tokens" else None,
    )


def unreadable_items(data: Dataset) -> list[str]:
    """The names of the items that cannot be read; all are decoded for it, and nothing is kept."""
    with quietly(data):
        looked_at = prepared_items(data, (_nothing,))
        return [item.name for item, prepared in looked_at if isinstance(prepared, InputError)]


def _nothing(item: Any) -> Array:
    """A preprocess that only lets an item be decoded."""
    return np.empty(0)


class OfAKind(Protocol):
    """What says which kind of items it holds."""

    @property
    def kind(self) -> DataKind: ...


def quietly(data: OfAKind) -> AbstractContextManager[None]:
    """What decoding threads work in: it keeps the warnings of Pillow from the user where it decodes."""
    return quiet_pictures() if data.kind == "image" else nullcontext()


Prepared = Mapping[Preprocess, Array | Exception]


def prepared_items(
    data: Dataset, preprocesses: Sequence[Preprocess]
) -> Iterator[tuple[Item, Prepared | InputError]]:
    """Each item in order with what every preprocess makes of it, or why it cannot be read.

    Without a preprocess nothing is decoded.
    """
    if not preprocesses:
        yield from ((item, {}) for item in data.items())
        return
    prepare = partial(prepared_item, preprocesses)
    # Of other kinds it is cheap, or may not be safe to run beside itself.
    if data.kind not in ("image", "audio"):
        yield from ((item, prepare(item)) for item in data.items())
        return
    yield from _in_threads(prepare, data.items())


def _in_threads(
    prepare: Callable[[Item], Prepared | InputError], items: Iterable[Item]
) -> Iterator[tuple[Item, Prepared | InputError]]:
    """The same by several threads, a few items ahead of what is taken; decoders work outside Python's lock."""
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    waiting: deque[tuple[Item, Future[Prepared | InputError]]] = deque()
    executor = ThreadPoolExecutor(threads, thread_name_prefix="audition-decode")
    try:
        for item in items:
            waiting.append((item, executor.submit(prepare, item)))
            if len(waiting) > threads * LOOK_AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
    finally:
        executor.shutdown(cancel_futures=True)


def prepared_item(preprocesses: Sequence[Preprocess], item: Item) -> Prepared | InputError:
    """What every preprocess makes of one item; the reason in the place of an array where one fails."""
    try:
        decoded = item.decode()
    except InputError as error:
        return error
    return {preprocess: _tried(preprocess, decoded) for preprocess in preprocesses}


def _tried(preprocess: Preprocess, decoded: Any) -> Array | Exception:
    try:
        return preprocess(decoded)
    except Exception as error:  # the user's own, or any library's
        return error


def labels_of(item: Item, kind: DataKind) -> Sequence[Hashable]:
    """The labels of an item's rows: of each word of a sentence, or the one of anything else."""
    return cast(tuple[Hashable, ...], item.label) if kind == "tokens" else (item.label,)


def put_all(stacks: dict[Preprocess, Stack], item: Item, prepared: Prepared) -> dict[Preprocess, str]:
    """Stores what the preprocesses made of an item; those that failed leave the stacks, with the reason."""
    failures: dict[Preprocess, str] = {}
    for preprocess, stack in stacks.items():
        made = prepared[preprocess]
        try:
            if isinstance(made, Exception):
                raise made
            stack.put(item, made)
        except InputError as error:
            failures[preprocess] = str(error)
        except Exception as error:  # see _tried
            failures[preprocess] = f"its preprocess failed on {item.name!r}: {error}"
    for preprocess in failures:
        del stacks[preprocess]
    return failures


class Stack:
    """Arrays of one shape and dtype, one after the other; shape: that of the first, where it went elsewhere."""

    def __init__(self, total: int, shape: tuple[int, ...] | None = None) -> None:
        self._spool = Spool(total)
        self._shape = shape

    @property
    def filled(self) -> int:
        """How many items have come."""
        return self._spool.filled

    def put(self, item: Item, values: Array) -> None:
        """The next item; raises InputError where its shape is another."""
        self._shape = values.shape if self._shape is None else self._shape
        if values.shape != self._shape:
            raise InputError(
                f"{item.name!r} gives an array of shape {values.shape} where the first item gave "
                f"{self._shape}: all items must have one shape after preprocessing."
            )
        self._spool.put(values[None])

    def rows(self) -> Array | RowFile:
        """All that have come."""
        return self._spool.rows()


def check_left(data: Dataset, labels: Sequence[Hashable], skipped: Sequence[str]) -> None:
    """Raises InputError where no item is left, or only one class."""
    if not labels:
        raise InputError(f"No item of {data.name!r} could be read ({len(skipped)} skipped).")
    if data.task == "classification" and len(set(labels)) < 2:
        raise InputError(
            f"{data.name!r} has only class {labels[0]!r} ({len(skipped)} items skipped): "
            "at least two classes are needed."
        )
