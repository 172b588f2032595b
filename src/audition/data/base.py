"""The seam of every data set: named, labelled items, each decoded once and only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

DataKind = Literal["image", "audio", "text", "tokens", "rows", "labels"]
Task = Literal["classification", "multilabel", "regression"]


@dataclass(frozen=True)
class Item:
    """One labelled item that is not decoded yet.

    name: where it comes from (a path, "row 17"), for messages.
    label: a class; a frozenset of names where an item may have several labels; a number, or a tuple of them;
    of kind "tokens", a tuple with the class of each word.
    group: equal for items that belong together, such as the tokens of one sentence; None where none do.
    decode: gives a PIL image (kind "image"), a Sound ("audio"), a str ("text"), a tuple of words ("tokens")
    or a 1-D array ("rows"); raises InputError that names the item where it cannot be read.
    source: what it is decoded from (a Path, bytes, text or an array), by which a changed item is known;
    None where what decode gives says as much.
    """

    name: str
    label: Hashable
    decode: Callable[[], Any]
    group: Hashable = None
    source: Any = None


@runtime_checkable
class Dataset(Protocol):
    """A named collection of N labelled items of one kind."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> DataKind: ...

    @property
    def task(self) -> Task: ...

    def __len__(self) -> int: ...

    def items(self) -> Iterator[Item]: ...
