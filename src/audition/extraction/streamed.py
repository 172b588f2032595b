"""The statistics of features, made as the batches come: for measures that need no more, no row is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Matrix, as_array, block_rows, first_row
from audition.labels import Labels
from audition.models.memory import is_out_of_memory, memory_errors
from audition.spool import Spool
from audition.statistics import Builder, DeviceBuilder, Statistics
from audition.statistics.tree import Tree

Float32 = NDArray[np.float32]
Rows = Any
"""float32 [n, D]: an array, or a torch tensor on the device where it was computed."""
Places = NDArray[np.intp]

PART_ROWS = 2**15
"""Rows that are summed up by themselves, and merged with the others as a tree: a part that any process can make. So
many that their statistics are smaller than they are, and that the merge costs nothing beside them."""
PIECES = 512
"""How many summaries of a layer come back at most: so few that whoever leads has little to merge, so many that one
candidate keeps as many workers busy."""


def rows_of_piece(total: int) -> int:
    """How many of so many rows make one summary: a part, or a power of two of them; a worker merges these."""
    parts = -(-total // PART_ROWS)
    return PART_ROWS << max(0, -(-parts // PIECES) - 1).bit_length()


@dataclass(frozen=True, eq=False)
class Summary:
    """The statistics of a layer, and the rows at some places, float32 [n, D]; None where those are not there."""

    statistics: Statistics
    rows: Float32 | None = None


class Streamed:
    """Takes the rows of one run, and keeps of each layer its statistics, and the rows at the places `watched`.

    Of a layer with more columns than there are rows, the rows are kept: they take less room, and measures
    work on their side. Source probabilities are not kept. Rows that come as tensors are summed where they are.

    labels: of the rows that will come. total: how many rows there are in all, where these are a part of them.
    """

    rows = 0  # none is there to begin with

    def __init__(
        self, layers: Sequence[str], labels: Labels, watched: Places | None = None, total: int | None = None
    ) -> None:
        total = len(labels) if total is None else total
        self._streams = {layer: _Stream(labels, watched, total) for layer in layers}

    def put(self, arrays: Mapping[str, Any], probabilities: Any = None) -> None:
        """The next rows of each layer; or a `Summary` of the next `rows_of_piece`, made elsewhere."""
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
    """Rows of one layer, put together to blocks and parts of the sizes that statistics of whole matrices use.

    So the blocks, and with them every bit of the result, are the same whatever the size of the batches.
    """

    def __init__(self, labels: Labels, watched: Places | None, total: int) -> None:
        self._labels, self._total = labels, total
        self._watched, self._seen, self._came = watched, list[Float32](), 0
        self._done = self._filled = 0
        self._block: Rows = None
        self._builder: Builder | DeviceBuilder | None = None
        self._part, self._parts = Statistics.empty(), Tree()
        self._few: Spool | None = None

    def put(self, rows: Rows | Summary) -> None:
        if isinstance(rows, Summary):
            self._parts.add(rows.statistics)
            if rows.rows is not None:
                self._seen.append(rows.rows)
            return
        if self._block is None and self._few is None:
            self._begin(rows)
        if self._few is not None:
            self._few.put(as_array(rows))
            return
        self._watch(rows)
        while len(rows):
            room = min(len(self._free), PART_ROWS - (self._done + self._filled) % PART_ROWS)
            taken = _as(rows[:room], self._block)
            self._free[: len(taken)] = taken
            self._filled += len(taken)
            rows = rows[len(taken) :]
            part_ends = (self._done + self._filled) % PART_ROWS == 0
            if part_ends or not len(self._free):
                self._pass_on()
            if part_ends:
                self._end_part()

    @property
    def _free(self) -> Rows:
        """The rest of the block."""
        return self._block[self._filled :]

    def _watch(self, rows: Rows) -> None:
        if self._watched is not None:
            first, last = np.searchsorted(self._watched, (self._came, self._came + len(rows)))
            self._seen.append(as_array(rows[self._watched[first:last] - self._came]))
        self._came += len(rows)

    def _begin(self, rows: Rows) -> None:
        width = rows.shape[1]
        if self._total < width:
            self._few = Spool(len(self._labels))
            return
        self._block = _empty(rows, min(len(self._labels), block_rows(width)), width)

    def _pass_on(self) -> None:
        """A block goes to the statistics."""
        if self._filled:
            end = self._done + self._filled
            labels = self._labels[self._done : end]
            try:
                self._sum(self._block[: self._filled], labels)
            except Exception as error:  # torch's own, of any device
                if isinstance(self._block, np.ndarray) or not is_out_of_memory(error):
                    raise
                self._end_sum()  # the device has no room for sums: from here on they are made on the CPU
                self._block = as_array(self._block)
                self._sum(self._block[: self._filled], labels)
            self._done, self._filled = end, 0

    def _sum(self, block: Rows, labels: Labels) -> None:
        self._builder = self._builder or _builder_for(block)
        self._builder.add(block, labels)

    def _end_sum(self) -> None:
        if self._builder is not None:
            self._part += self._builder.result()
            self._builder = None

    def _end_part(self) -> None:
        self._end_sum()
        if self._part.count:
            self._parts.add(self._part)
            self._part = Statistics.empty()

    def result(self) -> Matrix | Summary:
        if self._few is not None:
            return self._few.rows()
        self._pass_on()
        self._end_part()
        statistics = self._parts.result()
        if not statistics.count:
            return np.empty((0, 0), dtype=np.float32)
        return Summary(statistics, np.concatenate(self._seen) if self._seen else None)


def _builder_for(block: Rows) -> Builder | DeviceBuilder:
    return Builder(first_row(block)) if isinstance(block, np.ndarray) else DeviceBuilder(block[0])


def _empty(like: Rows, rows: int, width: int) -> Rows:
    """Room for rows, float32 [rows, width], where those that came are; on the CPU where there is none there."""
    if not isinstance(like, np.ndarray):
        with suppress(MemoryError), memory_errors():
            return like.new_empty((rows, width))
    return np.empty((rows, width), dtype=np.float32)


def _as(rows: Rows, block: Rows) -> Rows:
    """Rows as a block takes them: a network that has left its device gives the rest of them on the CPU."""
    if isinstance(block, np.ndarray):
        return as_array(rows)
    return block.new_tensor(rows) if isinstance(rows, np.ndarray) else rows
