"""Statistics of candidates that race, kept from lap to lap, so that a lap costs its own rows alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np

from audition.arrays import Matrix
from audition.data.features import Features
from audition.labels import Labels
from audition.statistics import Statistics
from audition.statistics.build import statistics_of

SUMS = 2**30
"""Bytes of statistics that are kept from lap to lap; beyond, they are made again from the rows."""


class Sums:
    """The statistics of each candidate's layers over all rows that it has seen, as far as there is room for them."""

    def __init__(self, room: int = SUMS) -> None:
        self._room = room
        self._kept: dict[str, Mapping[str, Statistics]] = {}
        self._held = 0

    def of(self, name: str, parts: Sequence[Features], labels: Labels) -> dict[str, Statistics]:
        """Those of what has come of a candidate, lap by lap, for layers whose rows are no fewer than their columns."""
        kept = self._kept.get(name, {})
        wide = {layer: matrix.shape[1] for layer, matrix in parts[-1].layers.items()}
        found = {
            layer: _of_layer([part.layers[layer] for part in parts], labels, kept.get(layer))
            for layer, columns in wide.items()
            if len(labels) >= columns
        }
        self.forget(name)
        size = _bytes(found)
        if self._held + size <= self._room:
            # Without the decompositions that scoring leaves with them, which are as large again.
            self._kept[name] = {layer: replace(one) for layer, one in found.items()}
            self._held += size
        return found

    def forget(self, name: str) -> None:
        """Makes room: a candidate may not be asked about again."""
        self._held -= _bytes(self._kept.pop(name, {}))


def _of_layer(parts: Sequence[Matrix], labels: Labels, known: Statistics | None) -> Statistics:
    """The parts that are new, merged with what is known of those before."""
    seen, stop = 0 if known is None else known.count, 0
    for matrix in parts:
        start, stop = stop, stop + len(matrix)
        if stop > seen:
            own = statistics_of(matrix, labels[start:stop])
            known = own if known is None else known + own
    assert known is not None
    return known


def _bytes(sums: Mapping[str, Statistics]) -> int:
    """What their arrays take: the scatter, and with many classes their means and squares."""
    parts = [part for each in sums.values() for part in (each.moments, each.groups, each.targets) if part]
    values = [getattr(part, field.name) for part in parts for field in fields(part)]
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))
