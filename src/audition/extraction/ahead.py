"""Decoding by other threads while a network computes on another device: each batch waits for its own items."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from audition.arrays import Array, LazyMatrix
from audition.data.base import Dataset
from audition.errors import InputError, ModelError
from audition.extraction.decode import (
    Decoded,
    Stack,
    check_left,
    decode,
    labels_of,
    prepared_items,
    put_all,
    quietly,
)
from audition.extraction.watch import SILENT, Watch
from audition.models.base import Preprocess
from audition.spool import RowFile

SLOW_TO_DECODE = ("image", "audio")


@contextmanager
def decoding(
    data: Dataset,
    preprocesses: Iterable[Preprocess],
    *,
    skip_bad: bool = False,
    ahead: bool = False,
    watch: Watch = SILENT,
) -> Iterator[Decoded]:
    """The decoded data set; with `ahead` before all of it is decoded, to be read as it comes.

    ahead: for networks that compute on another device than the cores that decode; on the same cores there is
    nothing to win. It has no effect where items may be skipped, because nobody knows yet how many stay, and
    on what is decoded in no time.
    Raises as `decode` does; of what is decoded ahead, at the end.
    """
    if skip_bad or not ahead or data.kind not in SLOW_TO_DECODE:
        yield decode(data, preprocesses, skip_bad=skip_bad, watch=watch)
        return
    work = _Work(data, tuple(dict.fromkeys(preprocesses)), watch)
    with quietly(data):
        work.start()
        try:
            yield work.decoded
        finally:
            work.stop()
    work.raise_error()


class _Work:
    """The thread that decodes, and what it has got so far."""

    def __init__(self, data: Dataset, preprocesses: tuple[Preprocess, ...], watch: Watch) -> None:
        labels: list[Hashable] = []
        groups: list[Hashable] = []
        for item in data.items():
            labels += labels_of(item, data.kind)
            groups.append(item.group)
        check_left(data, labels, ())
        self._data, self._preprocesses, self._watch = data, preprocesses, watch
        self._came = threading.Condition()
        total = len(
            groups
        )  # what there is, and not what a data set says of itself: nothing else would ever come
        self._stacks = {preprocess: Stack(total) for preprocess in preprocesses}
        self._failures: dict[Preprocess, str] = {}
        self._error: Exception | None = None
        self._stopped = self._ended = False
        self._thread = threading.Thread(target=self._run, name="audition-decode-ahead", daemon=True)
        self.decoded = Decoded(
            name=data.name,
            kind=data.kind,
            task=data.task,
            labels=tuple(labels),
            arrays={preprocess: Arriving(self, preprocess, total) for preprocess in preprocesses},
            groups=None if all(group is None for group in groups) else tuple(groups),
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Lets the item that is being decoded be the last."""
        self._stopped = True
        self._thread.join()

    def raise_error(self) -> None:
        """Raises what stopped the decoding, if anything did."""
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            items = prepared_items(self._data, self._preprocesses)
            for item, prepared in self._watch.decoding(items, len(self._data), self._data.name):
                if self._stopped:
                    return
                if isinstance(prepared, InputError):
                    raise prepared
                with self._came:
                    self._failures |= put_all(self._stacks, item, prepared)
                    self._came.notify_all()
        except Exception as error:  # whatever it is, those who wait must hear of it
            self._error = error
        finally:
            with self._came:
                self._ended = True
                self._came.notify_all()

    def rows(self, preprocess: Preprocess, stop: int) -> Array | RowFile:
        """What has come of a preprocess, once the first `stop` items are among it."""
        with self._came:
            self._came.wait_for(lambda: self._settled(preprocess, stop))
            if self._error is not None:
                raise InputError(str(self._error)) from self._error
            if preprocess in self._failures:
                raise ModelError(self._failures[preprocess])
            return self._stacks[preprocess].rows()

    def _settled(self, preprocess: Preprocess, stop: int) -> bool:
        stack = self._stacks.get(preprocess)
        return self._ended or self._error is not None or stack is None or stack.filled >= stop


class Arriving(LazyMatrix):
    """Items [N, ...] that are being decoded: taking a slice of them waits until the last of it has come."""

    def __init__(self, work: _Work, preprocess: Preprocess, total: int) -> None:
        self._work, self._preprocess, self._total = work, preprocess, total

    def __len__(self) -> int:
        return self._total

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, ...), known when the first item has come."""
        return (self._total, *self._work.rows(self._preprocess, 1).shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Known when the first item has come."""
        found: np.dtype[Any] = self._work.rows(self._preprocess, 1).dtype
        return found

    def __getitem__(self, key: slice) -> Array:
        start, stop, _ = key.indices(self._total)
        rows: Array = self._work.rows(self._preprocess, stop)[start:stop]
        return rows
