"""The rows of one run of a model: into the cache as they come, and kept in memory only where it takes none."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from audition.arrays import as_array
from audition.cache.entry import Entry
from audition.cache.matrix import Part, StoredMatrix, matrix_of
from audition.cache.shards import Float32
from audition.errors import InputError

SHARD_BYTES = 2**23
SHARD_SECONDS = 20.0

Batch = dict[str | None, Float32]  # a layer's rows by its name, and those of the head by None


class Recording:
    """Takes the batches of a model from row `rows` on, in order, and gives the matrices at the end.

    entry: where they are kept; None keeps all in memory. layers: those that the batches will bring.
    A shard is written when 8 MiB or 20 seconds have come together, always at the end of a batch: no
    more than that is lost when the process is killed, and no more is held.
    """

    def __init__(self, entry: Entry | None, layers: Sequence[str]) -> None:
        self.layers = tuple(layers)
        self.rows = entry.rows_done(layers) if entry else 0
        self._entry = entry
        self._done = {layer: entry.rows_done([layer]) if entry else 0 for layer in layers}
        self._waiting: list[Batch] = []
        self._waiting_from = self.rows
        self._since = time.monotonic()
        self._held: list[Batch] = []  # what the cache did not take
        self._held_from: int | None = None if entry else 0

    def put(self, arrays: Mapping[str, Any], probabilities: Any = None) -> None:
        """The next rows: each layer's [n, D], and the source probabilities [n, S] where there are any."""
        batch: Batch = {layer: _owned(arrays[layer]) for layer in self.layers}
        if probabilities is not None:
            batch[None] = _owned(probabilities)
        if len({len(rows) for rows in batch.values()}) != 1:
            raise InputError("The arrays of a batch must have the same number of rows.")
        self.rows += len(batch[self.layers[0]])
        if self._held_from is not None:
            self._held.append(batch)
            return
        self._waiting.append(batch)
        held = sum(rows.nbytes for each in self._waiting for rows in each.values())
        if held >= SHARD_BYTES or time.monotonic() - self._since >= SHARD_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Writes what waits; where the cache takes it no longer, keeps it and all that follows in memory."""
        if self._waiting and self._entry is not None:
            joined = {
                name: np.concatenate([each[name] for each in self._waiting]) for name in self._waiting[0]
            }
            new = {layer: joined[layer] for layer in self.layers if self._done[layer] < self.rows}
            if not self._entry.append(self._waiting_from, new, joined.get(None)):
                self._held, self._held_from = self._waiting, self._waiting_from
        self._waiting, self._waiting_from = [], self.rows
        self._since = time.monotonic()

    def finish(self, notes: Mapping[str, Any] | None = None) -> None:
        """Says that these were all rows, with plain values to keep beside them."""
        self.flush()
        if self._entry is not None and self._held_from is None:
            self._entry.finish(self.rows, notes)

    def matrix(self, layer: str) -> StoredMatrix:
        """All rows of a layer; raises InputError where there are none, or files were damaged meanwhile."""
        matrix = self._matrix(layer)
        if matrix is None:
            raise InputError(f"There are no rows of layer {layer!r}.")
        return matrix

    def probabilities(self) -> StoredMatrix | None:
        """The source probabilities of all rows; None where there are none."""
        return self._matrix(None)

    def _matrix(self, name: str | None) -> StoredMatrix | None:
        self.flush()
        stored = self.rows if self._held_from is None else self._held_from
        parts = list(self._entry.parts(name, stored) if self._entry else ())
        for batch in self._held:
            if name in batch:
                parts.append(Part(batch[name], parts[-1].end if parts else 0, 0, len(batch[name])))
        if not parts:
            return None
        if parts[-1].end < self.rows:
            raise InputError("Cached features were damaged or removed while they were in use: run again.")
        return matrix_of(tuple(parts), self._entry.lease if self._entry else None)


def _owned(values: Any) -> Float32:
    """float32 rows that nobody else writes to: a network may use the memory of its outputs again."""
    return np.array(as_array(values), dtype=np.float32, order="C")
