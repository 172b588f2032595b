"""Data of which some items cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from audition.data.base import Item
from audition.errors import InputError


@dataclass(frozen=True, eq=False)
class Damaged:
    """The items of a whole, of which those at some places cannot be read; all have one name where it is given."""

    whole: Any
    places: tuple[int, ...]
    named: str = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)

    def __len__(self) -> int:
        return len(self.whole)

    def items(self) -> Iterator[Item]:
        for place, item in enumerate(self.whole.items()):
            named = replace(item, name=self.named or item.name)
            yield replace(named, decode=_unreadable(named)) if place in self.places else named


def _unreadable(item: Item) -> Callable[[], Any]:
    def decode() -> Any:
        raise InputError(f"{item.name!r} is damaged.")

    return decode
