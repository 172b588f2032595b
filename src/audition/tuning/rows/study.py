"""Data as every run of tuning on them takes them: what is to be learned, and which rows are for what."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import Dataset
from audition.data.subset import Subset
from audition.errors import InputError
from audition.extraction import SILENT, Watch, data_digest, decode
from audition.labels import ClassLabels, Labels, MultiLabels, Targets, as_labels
from audition.models.base import Preprocess
from audition.tuning.rows.answers import Answers
from audition.tuning.rows.examples import Examples
from audition.tuning.rows.parts import Parts, divide
from audition.tuning.rows.readable import Readable, readable
from audition.tuning.rows.some_rows import Rows
from audition.tuning.rows.views import View, seen_through


@dataclass(frozen=True, eq=False)
class Study:
    """A data set that is divided.

    labels: of its N items. answers: what a network's outputs will mean. targets: what it learns, as in `Examples`.
    groups: N values, equal for items that belong together, or None. views: the first sees whole items.
    skipped: the names of items that could not be read; kept: the places of the others among all that were given,
    or None where none was skipped.
    """

    data: Dataset
    labels: Labels
    answers: Answers
    targets: NDArray[Any]
    parts: Parts
    views: tuple[View, ...]
    groups: tuple[Hashable, ...] | None = None
    skipped: tuple[str, ...] = ()
    kept: Rows | None = None

    @property
    def seen(self) -> tuple[Dataset, ...]:
        """The data through each view."""
        return tuple(seen_through(self.data, view) for view in self.views)

    @property
    def training(self) -> Dataset:
        """The items that are learned from, the only ones that a ranking may look at."""
        return Subset(self.data, frozenset(self.parts.train.tolist()))

    @cached_property
    def digest(self) -> str | None:
        """What tells these items from others, labels aside; None where nothing can."""
        return data_digest(self.data)

    def examples(self, preprocess: Preprocess, *, watch: Watch = SILENT) -> Examples:
        """All items in every view, as a network takes them; each is decoded once."""
        through = [ThroughView(preprocess, view) for view in self.views]
        decoded = decode(self.data, through, watch=watch)
        if decoded.failures:
            raise InputError(next(iter(decoded.failures.values())))
        return Examples(
            tuple(decoded.arrays[each] for each in through), self.targets, self.answers.task, self.parts
        )


@dataclass(frozen=True)
class ThroughView:
    """What a network wants of an item, of a view of it."""

    preprocess: Preprocess
    view: View

    def __call__(self, item: Any) -> NDArray[Any]:
        """The array of an item."""
        return self.preprocess(item if self.view.whole else self.view.of(item))


def study_of(
    data: Dataset,
    views: tuple[View, ...],
    *,
    held_out: float = 0.2,
    test: float = 0.0,
    seed: int = 0,
    skip_bad: bool = False,
    watch: Watch = SILENT,
) -> Study:
    """A data set divided into rows to learn from, to choose by, and to test on.

    held_out, test: shares; whole groups are on one side. skip_bad: items that cannot be read are left out.
    Raises InputError for tokens, for data that cannot be divided or leave one class to learn from, and for an item
    that cannot be read.
    """
    if data.kind == "tokens":
        raise InputError(f"{data.name!r} has a label a word; tuning takes data with a label an item.")
    looked = readable(data, skip_bad=True, watch=watch) if skip_bad else Readable(data)
    data = looked.data
    items = list(data.items())
    labels = as_labels([item.label for item in items], task=data.task)
    groups = None if all(item.group is None for item in items) else tuple(item.group for item in items)
    codes = labels.codes if isinstance(labels, ClassLabels) else labels.values
    parts = divide(codes, data.task, groups, held_out=held_out, test=test, seed=seed)
    _check_classes(labels, parts)
    answers = _answers(labels, parts)
    targets = targets_of(labels, answers)
    return Study(data, labels, answers, targets, parts, views, groups, looked.skipped, looked.kept)


def _check_classes(labels: Labels, parts: Parts) -> None:
    """Raises InputError where whole groups leave one class to learn from."""
    if not isinstance(labels, ClassLabels):
        return
    learned = np.unique(labels.codes[parts.train])
    if len(learned) < 2 <= len(labels.classes):
        raise InputError(
            f"Whole groups on one side leave class {labels.classes[learned[0]]!r} alone to learn from: each class "
            "needs rows of two groups at least, or leave the groups out."
        )


def _answers(labels: Labels, parts: Parts) -> Answers:
    if isinstance(labels, ClassLabels):
        return Answers("classification", tuple(labels.classes))
    if isinstance(labels, MultiLabels):
        return Answers("multilabel", tuple(labels.names))
    known = labels.values[parts.train]
    number = known.shape[1]
    names = ("target",) if number == 1 else tuple(f"target {place + 1}" for place in range(number))
    spread = known.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    return Answers("regression", names, tuple(known.mean(axis=0).tolist()), tuple(scale.tolist()))


def targets_of(labels: Labels, answers: Answers) -> NDArray[Any]:
    """What a network learns: int64 [N] classes, or float32 [N, K], standardised by the training rows' numbers."""
    if isinstance(labels, ClassLabels):
        return labels.codes.astype(np.int64)
    if isinstance(labels, Targets):
        values = (labels.values - np.array(answers.centre)) / np.array(answers.scale)
        return np.asarray(values, dtype=np.float32)
    return labels.values.astype(np.float32)


def like(labels: Sequence[Hashable], answers: Answers, where: str) -> NDArray[Any]:
    """The targets of other items, such as those of a test, for a network that gives these answers.

    Raises InputError for a class or a label that it does not know.
    """
    found = as_labels(list(labels), task=answers.task)
    if isinstance(found, Targets):
        if found.values.shape[1] != len(answers.classes):
            raise InputError(
                f"{where} has {found.values.shape[1]} targets a row, not {len(answers.classes)}."
            )
        return targets_of(found, answers)
    names = found.classes if isinstance(found, ClassLabels) else found.names
    place = {name: k for k, name in enumerate(answers.classes)}
    if unknown := [name for name in names if name not in place]:
        raise InputError(f"{where} has {unknown[0]!r}, which the rows to learn from do not have.")
    columns = np.array([place[name] for name in names], dtype=np.intp)
    if isinstance(found, ClassLabels):
        return columns[found.codes].astype(np.int64)
    values = np.zeros((len(found), len(answers.classes)))
    values[:, columns] = found.values
    return targets_of(replace(found, values=values, names=tuple(answers.classes)), answers)
