"""A part of a data set: some of its items, in each class its share; or several data sets, one after another."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from audition.data.base import DataKind, Dataset, Item, Task
from audition.errors import InputError, UnreliableScoreWarning

BINS = 10  # the range of a regression's targets, for drawing from all of it


@dataclass(frozen=True, eq=False)
class Subset:
    """The items of a data set at some places, in their order."""

    whole: Dataset
    places: frozenset[int]

    @property
    def name(self) -> str:
        """That of the whole, with what was kept of it."""
        return f"{self.whole.name} ({len(self)} of {len(self.whole)})"

    @property
    def kind(self) -> DataKind:
        """As the whole."""
        return self.whole.kind

    @property
    def task(self) -> Task:
        """As the whole."""
        return self.whole.task

    def __len__(self) -> int:
        return len(self.places)

    def items(self) -> Iterator[Item]:
        """Those items of the whole."""
        return (item for place, item in enumerate(self.whole.items()) if place in self.places)


def without(data: Dataset, names: Iterable[str]) -> Dataset:
    """The items of a data set that have none of these names, such as those that could not be read."""
    gone = set(names)
    places = (place for place, item in enumerate(data.items()) if item.name not in gone)
    return Subset(data, frozenset(places)) if gone else data


def limited(data: Dataset, limit: int, seed: int = 0) -> Dataset:
    """At most `limit` items of a data set: of each class its share, at least one where that is possible.

    Of regression targets, its share of each tenth of the rows in order of their target; of sentences and
    of several labels, of each set of labels. Always the same items for one seed. Nothing is decoded.
    `warn_of_limit` says what is lost by it.
    """
    if not _is_count(limit):
        raise InputError(f"The limit must be a positive whole number; got {limit!r}.")
    if limit >= len(data):
        return data
    if data.task == "classification" and data.kind != "tokens" and limit < 2:
        raise InputError("The limit leaves one class: at least two items are needed.")
    return Subset(data, frozenset(in_shares(data, seed)[:limit]))


def in_shares(data: Dataset, seed: int = 0) -> list[int]:
    """The places of all items in an order of which every beginning holds its share of each class, as `limited` has it.

    Always the same for one seed. Nothing is decoded.
    """
    return _drawn(_strata(_labels(data), data), np.random.default_rng(seed))


def warn_of_limit(data: Dataset, part: Dataset, limit: int) -> None:
    """Warns with UnreliableScoreWarning of a limit that is too low for two items of each class.

    Of several labels, and of sentences: where no item is left that has some label. Targets are numbers, and
    each stands for those beside it.
    """
    lost = ""
    if data.task == "multilabel" or data.kind == "tokens":
        lost = _of_labels(_labels(data), _labels(part))
    elif data.task == "classification":
        lost = _of_classes(_labels(data), limit)
    if lost:
        warnings.warn(f"The limit of {limit} {lost}", UnreliableScoreWarning, stacklevel=3)


def _labels(data: Dataset) -> list[Hashable]:
    return [item.label for item in data.items()]


def _of_classes(labels: Sequence[Hashable], limit: int) -> str:
    """What a limit leaves of classes where it is too low for two items of each; else nothing."""
    sizes = Counter(labels)
    needed = sum(min(size, 2) for size in sizes.values())
    if limit >= needed:
        return ""
    classes = f"{len(sizes)} classes"
    if limit < len(sizes):
        return f"keeps {limit} of {classes}, one item each: give at least {needed}."
    which = "each" if limit == len(sizes) else "some"
    return f"keeps one item alone of {which} of {classes}: give at least {needed}."


def _of_labels(labels: Sequence[Hashable], left: Sequence[Hashable]) -> str:
    """What is left of labels that an item has several of, where some are lost; else nothing."""
    known, kept = len(_names(labels)), len(_names(left))
    return f"keeps {kept} of {known} labels: give more." if kept < known else ""


def _names(labels: Sequence[Hashable]) -> set[Hashable]:
    return {
        name for label in labels for name in (label if isinstance(label, (tuple, frozenset)) else (label,))
    }


def _is_count(limit: Any) -> bool:
    return isinstance(limit, int) and not isinstance(limit, bool) and limit > 0


def _strata(labels: Sequence[Hashable], data: Dataset) -> Sequence[Hashable]:
    if data.kind == "tokens":
        return [frozenset(label) if isinstance(label, tuple) else label for label in labels]
    if data.task != "regression":
        return labels
    first = np.array([label[0] if isinstance(label, tuple) else label for label in labels], dtype=np.float64)
    places = np.argsort(np.argsort(first, kind="stable"), kind="stable")
    tenths: list[int] = (places * BINS // len(first)).tolist()
    return tenths


def _drawn(strata: Sequence[Hashable], rng: np.random.Generator) -> list[int]:
    """Places, shuffled, with the first of every stratum before all others, then in proportion."""
    sizes, taken = Counter(strata), Counter[Hashable]()
    keys: list[tuple[float, int]] = []
    for place in rng.permutation(len(strata)).tolist():
        stratum = strata[place]
        keys.append((taken[stratum] / sizes[stratum], place))
        taken[stratum] += 1
    order = sorted(range(len(keys)), key=lambda i: keys[i][0])  # equal shares stay in shuffled order
    return [keys[i][1] for i in order]


@dataclass(frozen=True, eq=False)
class Joined:
    """The items of several data sets of one kind and task."""

    name: str
    parts: tuple[Dataset, ...]

    @property
    def kind(self) -> DataKind:
        """As the parts."""
        return self.parts[0].kind

    @property
    def task(self) -> Task:
        """As the parts."""
        return self.parts[0].task

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def items(self) -> Iterator[Item]:
        """The items of the first part, then of the next."""
        return (item for part in self.parts for item in part.items())


def joined(name: str, parts: Sequence[Dataset]) -> Dataset:
    """Several data sets as one; raises InputError where they are of different kinds or tasks."""
    for part in parts:
        if (part.kind, part.task) != (parts[0].kind, parts[0].task):
            raise InputError(
                f"{part.name!r} holds {part.kind} for {part.task}, but {parts[0].name!r} {parts[0].kind} for "
                f"{parts[0].task}: name one split."
            )
    return Joined(name, tuple(parts))
