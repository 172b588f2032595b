"""Candidates whose networks run in other processes: what is sent there, and how it comes back as their features."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass

import numpy as np

from audition.arrays import Array
from audition.data.base import Dataset
from audition.data.features import Features
from audition.data.subset import without
from audition.errors import AuditionError, InputError, ModelError
from audition.executors import (
    Cut,
    Done,
    Line,
    Look,
    Piece,
    Sent,
    Shard,
    Summed,
    compute,
    sent,
    unreadable,
    whole_batches,
)
from audition.extraction import PART_ROWS, Batch, Decoded, Run, Watch, about, decode, size_for
from audition.extraction.decode import unreadable_items
from audition.extraction.streamed import rows_of_piece
from audition.models.base import Preprocess
from audition.ranking.candidates import Candidate
from audition.ranking.plan import Plan
from audition.ranking.rows import Target, sink_of

LOOKED_AT = 64  # items that are looked at together where some may be bad


class UnreadableError(Exception):
    """An item cannot be read, or nothing be sent any more, which stops a ranking, and not one candidate."""


def running(
    plan: Plan, target: Target, executor: Executor | None
) -> AbstractContextManager[Elsewhere | None]:
    """Who runs the networks of a plan; None for this process."""
    return nullcontext() if executor is None else closing(Elsewhere(executor, plan, target))


def undecoded(data: Dataset, skip_bad: bool, executor: Executor | None) -> Decoded:
    """The labels of a data set, of which nothing is decoded; skip_bad: of the items that can be read.

    Those are found by the workers, where there is an executor.
    """
    if not skip_bad:
        return decode(data, [])
    if executor is None:
        return decode(data, [], bad=frozenset(unreadable_items(data)))
    looks = ((data.name, Look(shard)) for shard in Cut(data).shards(0, LOOKED_AT))
    line = Line(executor, unreadable, looks)
    try:
        bad = frozenset(name for names in line.of(data.name) for name in names)
    finally:
        line.close()
    return decode(data, [], bad=bad)


@dataclass(frozen=True, eq=False)
class _Job:
    """What is asked of the workers for one candidate: where its batches go, and how large they are.

    summed: whether statistics come back in place of rows.
    """

    run: Run
    size: int
    row: tuple[int, ...] | None
    summed: bool

    @property
    def step(self) -> int:
        """The items of a piece."""
        return rows_of_piece(self.run.items) if self.summed else whole_batches(self.size)

    @property
    def answers(self) -> int:
        """How many batches will come, or statistics."""
        return -(-(self.run.items - self.run.first) // (self.step if self.summed else self.size))


class Elsewhere:
    """Runs the networks of a plan through an executor; features come back as from a run in this process.

    decoding_seconds: what decoding took so far, all workers together.
    """

    def __init__(self, executor: Executor, plan: Plan, target: Target) -> None:
        self._plan, self._target = plan, target
        self._data = without(plan.data, target.decoded.skipped)
        self._firsts: dict[Preprocess, Array | None] = {}
        self._jobs: dict[str, _Job | AuditionError] = {}
        self._models = {one.name: self._sent(one) for one in plan.candidates if one.wants is not None}
        self._line = Line(executor, compute, self._pieces())
        self.decoding_seconds = 0.0

    def features(self, candidate: Candidate, watch: Watch) -> Features:
        """The features of a candidate; raises ModelError where it fails, UnreadableError for an item."""
        job = self._job(candidate)
        try:
            if isinstance(job, AuditionError):
                raise job
            return job.run.features(self._batches(candidate.name), job.answers, watch)
        finally:
            self._line.give_up(candidate.name)
            del self._jobs[candidate.name]

    def close(self) -> None:
        """Nothing more is wanted."""
        self._line.close()

    def _sent(self, candidate: Candidate) -> Sent:
        model = candidate.model if candidate.again is None and candidate.model else candidate.name
        opening = self._plan.options.opening
        return sent(model, opening.trust, opening.device)

    def _pieces(self) -> Iterator[tuple[str, Piece]]:
        """The pieces of all candidates, one candidate after the other, made when they are about to be sent."""
        cut = Cut(self._data)
        for candidate in self._plan.candidates:
            if candidate.name not in self._models:
                continue
            job, model = self._job(candidate), self._models[candidate.name]
            if isinstance(job, AuditionError):  # raised in its own turn, and not in another's
                continue
            for shard in self._shards(cut, job):
                summed = self._summed(shard) if job.summed else None
                yield candidate.name, Piece(model, shard, candidate.layers, job.size, job.row, summed)

    def _shards(self, cut: Cut, job: _Job) -> Iterator[Shard]:
        try:
            yield from cut.shards(job.run.first, job.step)
        except InputError as error:  # of the items, which are those of every candidate
            raise UnreadableError(str(error)) from error

    def _summed(self, shard: Shard) -> Summed:
        """The labels of a shard, and the places in it that the resamples look at."""
        labels, watched = self._target.labels, self._target.watched
        if watched is not None:
            watched = watched[(watched >= shard.start) & (watched < shard.stop)] - shard.start
        return Summed(labels[shard.start : shard.stop], watched)

    def _job(self, candidate: Candidate) -> _Job | AuditionError:
        """What is asked of the workers for a candidate, or why nothing can be."""
        if candidate.name not in self._jobs:
            try:
                self._jobs[candidate.name] = self._started(candidate)
            except AuditionError as error:
                self._jobs[candidate.name] = error
        return self._jobs[candidate.name]

    def _started(self, candidate: Candidate) -> _Job:
        known = candidate.about or about(candidate.network())
        asked, target = self._plan.asked, self._target
        sink = sink_of(candidate.layers, target, asked)
        run = Run(known, candidate.layers, target.decoded, candidate.entry, sink)
        first = self._first(candidate)
        items = np.empty((0,)) if first is None else first[None]
        # Below a part, rows are smaller than their statistics; of sentences, a part is no number of items.
        summed = (
            sink is not None
            and not candidate.entry
            and run.items > PART_ROWS
            and target.decoded.counts is None
        )
        return _Job(run, size_for(items, asked.batch_size), None if first is None else first.shape, summed)

    def _first(self, candidate: Candidate) -> Array | None:
        """What the first item becomes, which tells how many make a batch; None where that fails."""
        wants = candidate.wants
        assert wants is not None
        if wants not in self._firsts:
            try:
                self._firsts[wants] = wants(next(iter(self._data.items())).decode())
            except Exception:  # it is run again by a worker, which says what is wrong
                self._firsts[wants] = None
        return self._firsts[wants]

    def _batches(self, name: str) -> Iterator[Batch]:
        """The batches of a candidate as they would come from its network."""
        for done in self._done(name):
            self.decoding_seconds += done.decoding
            if done.unreadable:
                raise UnreadableError(done.error)
            yield from done.batches
            if done.error is not None:
                raise ModelError(done.error)

    def _done(self, name: str) -> Iterator[Done]:
        try:
            yield from self._line.of(name)
        except InputError as error:  # the executor takes no work, of any candidate
            raise UnreadableError(str(error)) from error
