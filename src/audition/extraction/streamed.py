"""The statistics of features, made as the batches come: for measures that need no more, no row is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Matrix, block_rows, first_row
from audition.labels import Labels
from audition.spool import Spool
from audition.statistics import Builder, Statistics

Float32 = NDArray[np.float32]
Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Summary:
    """The statistics of a layer, and the rows at some places, float32 [n, D]; None where those are not there."""

    statistics: Statistics
    rows: Float32 | None = None


class Streamed:
    """Takes the rows of one run, and keeps of each layer its statistics, and the rows at the places `watched`.

    Of a layer with more columns than there are rows, the rows are kept: they take less room, and measures
    work on their side. Source probabilities are not kept.
    """

    rows = 0  # none is there to begin with

    def __init__(self, layers: Sequence[str], labels: Labels, watched: Places | None = None) -> None:
        self._streams = {layer: _Stream(labels, watched) for layer in layers}

    def put(self, arrays: Mapping[str, Any], probabilities: Any = None) -> None:
        """The next rows of each layer."""
        for layer, rows in arrays.items():
            self._streams[layer].put(rows)

    def matrix(self, layer: str) -> Matrix | Summary:
        """The summary of all rows of a layer, or the rows where they are few."""
        return self._streams[layer].result()

    def probabilities(self) -> None:
        """None: measures of the head need more than statistics."""

    def flush(self) -> None:
        """Nothing waits for a disk."""

    def finish(self, notes: Mapping[str, Any] | None = None) -> None:
        """Nothing is kept when all is done."""


class _Stream:
    """Rows of one layer, put together to blocks of the size that statistics of whole matrices use.

    So the blocks, and with them every bit of the result, are the same whatever the size of the batches.
    """

    def __init__(self, labels: Labels, watched: Places | None) -> None:
        self._labels = labels
        self._watched, self._seen, self._came = watched, list[Float32](), 0
        self._done = self._filled = 0
        self._block: Float32 | None = None
        self._builder: Builder | None = None
        self._few: Spool | None = None

    def put(self, rows: Float32) -> None:
        if self._block is None and self._few is None:
            self._begin(rows)
        if self._few is not None:
            self._few.put(rows)
            return
        if self._watched is not None:
            first, last = np.searchsorted(self._watched, (self._came, self._came + len(rows)))
            self._seen.append(rows[self._watched[first:last] - self._came])
        self._came += len(rows)
        assert self._block is not None
        while len(rows):
            taken = rows[: len(self._block) - self._filled]
            self._block[self._filled : self._filled + len(taken)] = taken
            self._filled += len(taken)
            rows = rows[len(taken) :]
            if self._filled == len(self._block):
                self._pass_on()

    def _begin(self, rows: Float32) -> None:
        total, width = len(self._labels), rows.shape[1]
        if total < width:
            self._few = Spool(total)
            return
        self._block = np.empty((min(total, block_rows(width)), width), dtype=np.float32)
        self._builder = Builder(first_row(rows))

    def _pass_on(self) -> None:
        assert self._builder is not None and self._block is not None
        if self._filled:
            end = self._done + self._filled
            self._builder.add(self._block[: self._filled], self._labels[self._done : end])
            self._done, self._filled = end, 0

    def result(self) -> Matrix | Summary:
        if self._builder is None:
            return self._few.rows() if self._few is not None else np.empty((0, 0), dtype=np.float32)
        self._pass_on()
        return Summary(self._builder.result(), np.concatenate(self._seen) if self._seen else None)
