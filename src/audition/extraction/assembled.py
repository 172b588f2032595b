"""What comes out of one model, batch by batch: proved to be features, and put together in order."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from audition.arrays import Matrix
from audition.cache import Entry, Recording
from audition.data.features import Features
from audition.data.files import PROBABILITIES
from audition.extraction.batches import Batch
from audition.extraction.decode import Decoded
from audition.extraction.outputs import Collected, Head, Output
from audition.extraction.streamed import Streamed, Summary
from audition.extraction.watch import Watch
from audition.models.base import Model, Outputs, parameters_of

_log = logging.getLogger("audition")


class Sink(Protocol):
    """Where the rows of one run go, in order; `rows` of them are there already."""

    rows: int

    def put(self, arrays: Mapping[str, Any], probabilities: Any = None) -> None: ...

    def flush(self) -> None: ...

    def finish(self, notes: Mapping[str, Any] | None = None) -> None: ...

    def matrix(self, layer: str) -> Matrix | Summary: ...

    def probabilities(self) -> Matrix | None: ...


@dataclass(frozen=True)
class About:
    """What is known of a model beside its weights: its name, all of its layers, how many parameters it has."""

    name: str
    layers: tuple[str, ...]
    parameters: int | None = None


def about(model: Model) -> About:
    """What is known of a model that is open."""
    return About(model.name, tuple(model.layers), parameters_of(model))


class Run:
    """One model over decoded data: takes its batches from whoever computes them, in this process or in others.

    layers: those that are asked for. entry: where the rows are kept as they come; what is there already is not
    asked for again. sink: where they go when no entry takes them; by default they are collected.
    """

    def __init__(
        self,
        model: About,
        layers: tuple[str, ...],
        decoded: Decoded,
        entry: Entry | None = None,
        sink: Sink | None = None,
    ) -> None:
        total = len(decoded.labels)
        self._model, self._layers, self._decoded, self._entry = model, layers, decoded, entry
        self._outputs = {layer: Output(model.name, layer) for layer in layers}
        self._head = Head(model.name, PROBABILITIES)
        self._sink: Sink = Recording(entry, layers) if entry else sink or Collected(layers, total)
        self._rows_before = np.concatenate(([0], np.cumsum(decoded.counts or (1,) * total))).tolist()
        self.first = bisect_right(self._rows_before, self._sink.rows) - 1
        """The first item that is to be computed: those before it are kept already."""

    @property
    def items(self) -> int:
        """How many there are, with those that are kept already."""
        return len(self._rows_before) - 1

    def features(self, batches: Iterable[Batch], number: int, watch: Watch) -> Features:
        """The features, once all batches from item `first` on have come, of which there will be `number`.

        Raises ModelError for what is no feature, and what the batches raise.
        """
        model, decoded = self._model, self._decoded
        seconds, notes = self._through(batches, number, watch)
        _log.info("%s: %.1f s in the network", model.name, seconds)
        if self._entry is not None and self._entry.rows is not None and self.first == self.items:
            notes = tuple(self._entry.notes.get("notes", ()))  # all was there, and what was said of it
        else:
            self._finish(notes)
        return Features(
            model=model.name,
            data=decoded.name,
            task=decoded.task,
            labels=decoded.labels,
            layers={layer: self._sink.matrix(layer) for layer in self._layers},
            source_probabilities=self._sink.probabilities(),
            seconds=seconds,
            skipped=decoded.skipped,
            groups=decoded.groups,
            parameters=model.parameters,
            notes=notes,
        )

    def _through(self, batches: Iterable[Batch], number: int, watch: Watch) -> tuple[float, tuple[str, ...]]:
        """The seconds in the network, and notes of what it did."""
        seconds, counted = 0.0, Counter[str]()
        watch.begins(self._model.name, number)
        with self._kept_whatever_happens():
            for batch in batches:
                seconds += batch.seconds
                self._put(batch.start, batch.items, batch.outputs)
                counted.update(batch.outputs.counted)
                watch.batch()
        least = "At least " if self.first else ""  # what was done to the items before is not known any more
        said = (f"{least}{number} of {self.items} {what}." for what, number in counted.items() if number)
        return seconds, tuple(said)

    @contextmanager
    def _kept_whatever_happens(self) -> Iterator[None]:
        """What has come when a run is stopped, by Ctrl-C or a batch that fails, is kept all the same."""
        try:
            yield
        except BaseException:
            self._sink.flush()
            raise

    def _put(self, start: int, items: int, given: Outputs) -> None:
        """The outputs of the next batch."""
        rows = self._rows_before[start + items] - self._rows_before[start]
        features = {
            layer: self._proved(output, rows, given.features.get(layer))
            for layer, output in self._outputs.items()
        }
        self._sink.put(features, self._head.probabilities(rows, given.source_probabilities))

    def _proved(self, output: Output, rows: int, given: Any) -> Any:
        """Rows that are features; what comes as a summary was proved where it was made."""
        if isinstance(given, Summary):
            return given
        streamed = isinstance(self._sink, Streamed)  # then they stay where they are
        return output.left(rows, given) if streamed else output.checked(rows, given)

    def _finish(self, notes: tuple[str, ...]) -> None:
        """All rows are there; says so where they are kept, and what else is known of the model."""
        model = self._model
        self._sink.finish(
            {"layers": list(model.layers), "parameters": model.parameters, "notes": list(notes)}
        )
