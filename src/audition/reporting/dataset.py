"""The data as they are: how many of what, a few to look at, and what is wrong with them."""

from __future__ import annotations

import base64
import hashlib
import io
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audition.data.base import Dataset, Item
from audition.data.remote import is_remote, opened
from audition.errors import AuditionError

SHOWN = 12
SIDE = 72  # px of a sample picture
LETTERS = 160  # of a sample text
FEW = 5  # rows: a class with fewer tells next to nothing
UNEVEN = 20  # times as many rows in the largest class as in the smallest
NAMED = 3


@dataclass(frozen=True)
class Sample:
    """An item to look at: a small picture as a data URI, or the beginning of a text."""

    label: str
    picture: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class DataFacts:
    """What the data hold. classes: each with its number of rows; of targets their range instead.

    duplicates: rows that repeat another exactly. conflicts: rows that repeat one with another label, pairs of
    names. constant: near-constant columns of the features looked at, of so many; None where there were none.
    """

    name: str
    kind: str
    task: str
    items: int
    classes: tuple[tuple[str, int], ...]
    targets: tuple[float, float] | None
    samples: tuple[Sample, ...]
    duplicates: int
    conflicts: tuple[tuple[str, str], ...]
    constant: tuple[int, int] | None = None
    warnings: tuple[str, ...] = ()


def data_facts(data: Dataset, *, features: Any = None) -> DataFacts:
    """The facts of a data set; features: [N, D] of some network, whose columns are looked at."""
    items = list(data.items())
    counts = Counter(name for item in items for name in _classes(item.label, data.task))
    classes = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    duplicates, conflicts = _repeats(items)
    constant = None if features is None else _constant(features)
    warnings = _warnings(classes, duplicates, conflicts, len(items))
    return DataFacts(
        data.name, data.kind, data.task, len(items), classes, _targets(items, data.task), _samples(items, data),
        duplicates, conflicts, constant, warnings,
    )  # fmt: skip


def _classes(label: Any, task: str) -> Sequence[str]:
    """The classes that one item counts for."""
    if task == "regression":
        return ()
    return sorted(map(str, label)) if isinstance(label, (frozenset, tuple)) else (str(label),)


def _targets(items: Sequence[Item], task: str) -> tuple[float, float] | None:
    if task != "regression" or not items:
        return None
    values = np.array([np.ravel(np.asarray(item.label, dtype=np.float64))[0] for item in items])
    return float(values.min()), float(values.max())


def _repeats(items: Sequence[Item]) -> tuple[int, tuple[tuple[str, str], ...]]:
    """How many items repeat another, and those that repeat one with another label."""
    first: dict[bytes, Item] = {}
    duplicates, conflicts = 0, []
    for item in items:
        digest = _digest(item)
        other = first.setdefault(digest, item) if digest else item
        if other is not item:
            duplicates += 1
            if other.label != item.label:
                conflicts.append((other.name, item.name))
    return duplicates, tuple(conflicts)


def _digest(item: Item) -> bytes | None:
    """What an item is told by; None for one that cannot be read."""
    try:
        return hashlib.sha256(_content(item.source if item.source is not None else item.decode())).digest()
    except (AuditionError, OSError):
        return None


def _content(source: Any) -> bytes:
    if isinstance(source, Path) or is_remote(source):
        with opened(source) as file:
            return file.read()
    if isinstance(source, bytes):
        return source
    if isinstance(source, np.ndarray) and source.dtype != object:
        return repr((source.shape, source.dtype.str)).encode() + np.ascontiguousarray(source).tobytes()
    return source.tobytes() if hasattr(source, "tobytes") else repr(source).encode()


def _samples(items: Sequence[Item], data: Dataset) -> tuple[Sample, ...]:
    """Some items, of as many classes as there is room for; none of kinds that cannot be shown."""
    if data.kind not in ("image", "text", "tokens"):
        return ()
    chosen: dict[Hashable, Item] = {}
    for item in items:
        chosen.setdefault(item.label, item)
    several = (
        list(chosen.values()) if data.task == "classification" else items[:: max(1, len(items) // SHOWN)]
    )
    several = several[:: max(1, len(several) // SHOWN)][:SHOWN]
    found = (_sample(item, data.kind) for item in several)
    return tuple(sample for sample in found if sample)


def _sample(item: Item, kind: str) -> Sample | None:
    label = (
        str(item.label) if not isinstance(item.label, (frozenset, tuple)) else ", ".join(map(str, item.label))
    )
    try:
        decoded = item.decode()
    except AuditionError:
        return None
    if kind == "image":
        return Sample(label, picture=_picture(decoded))
    text = " ".join(decoded if isinstance(decoded, tuple) else str(decoded).split())
    return Sample(label, text=text if len(text) <= LETTERS else text[: LETTERS - 1].rstrip() + "…")


def _picture(image: Any) -> str:
    """A small picture as a data URI; what is small already stays as it is."""
    small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    held = io.BytesIO()
    form = "PNG" if max(small.size) <= SIDE // 2 else "JPEG"
    small.save(held, form, **({"quality": 72} if form == "JPEG" else {"optimize": True}))
    return f"data:image/{form.lower()};base64,{base64.b64encode(held.getvalue()).decode()}"


def _constant(features: Any) -> tuple[int, int]:
    """Columns whose spread is next to nothing beside their size and the others' spread."""
    matrix = np.asarray(features[:], dtype=np.float64)
    spread, size = matrix.std(axis=0), np.abs(matrix).max(axis=0)
    least = 1e-6 * np.maximum(size, float(np.median(spread)))
    return int((spread <= least).sum()), matrix.shape[1]


def _warnings(
    classes: Sequence[tuple[str, int]], duplicates: int, conflicts: Sequence[tuple[str, str]], items: int
) -> tuple[str, ...]:
    """What a reader should know before believing a score, a sentence each."""
    said = []
    if conflicts:
        names = "; ".join(f"{one} and {other}" for one, other in conflicts[:NAMED])
        said.append(f"The same row stands under two labels {_times(len(conflicts))}: {names}.")
    if duplicates > len(conflicts):
        said.append(
            f"{duplicates:,} of {items:,} rows repeat another exactly: scores and intervals take them for evidence."
        )
    few = [name for name, count in classes if count < FEW]
    if few:
        shown = ", ".join(few[:NAMED]) + (f" and {len(few) - NAMED} others" if len(few) > NAMED else "")
        said.append(f"Classes with fewer than {FEW} rows say little: {shown}.")
    if len(classes) > 1 and classes[0][1] >= UNEVEN * classes[-1][1]:
        said.append(
            f"Classes are uneven: {classes[0][0]} has {classes[0][1]:,} rows, {classes[-1][0]} has {classes[-1][1]:,}."
        )
    return tuple(said)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
