"""Score by depth: the layers of each network, a line a measure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audition.ranking.standings import NO_VOTE, Row
from audition.ranking.value import Ranking

Span = tuple[float, float]


@dataclass(frozen=True)
class Trace:
    """A measure's score by layer, None where it has none, and the 90 % interval of each. best: the layer it prefers."""

    measure: str
    values: tuple[float | None, ...]
    spans: tuple[Span | None, ...]
    best: str | None


@dataclass(frozen=True)
class Depths:
    """A network's layers in order. by_depth: whether the order is that of depth, or of their names, where
    the ranking does not say how deep they are."""

    model: str
    layers: tuple[str, ...]
    traces: tuple[Trace, ...]
    by_depth: bool


def depths(ranking: Ranking) -> tuple[Depths, ...]:
    """The networks of which several layers were ranked, the best first."""
    by_model: dict[str, list[Row]] = {}
    for row in ranking.placed:
        by_model.setdefault(row.model, []).append(row)
    measures = [metric for metric in ranking.metrics if metric != NO_VOTE]
    return tuple(
        _of_model(ranking.shown[model], rows, measures) for model, rows in by_model.items() if len(rows) > 1
    )


def _of_model(name: str, rows: Sequence[Row], measures: Sequence[str]) -> Depths:
    known = all(row.depth is not None for row in rows)
    ordered = sorted(rows, key=(lambda row: row.depth or 0) if known else (lambda row: natural(row.layer)))
    layers = tuple(row.layer for row in ordered)
    return Depths(name, layers, tuple(_trace(ordered, metric) for metric in measures), known)


def _trace(rows: Sequence[Row], metric: str) -> Trace:
    values = tuple(row.scores.get(metric) for row in rows)
    known = [(value, row.layer) for value, row in zip(values, rows, strict=True) if value is not None]
    best = max(known, key=lambda pair: pair[0])[1] if known else None
    return Trace(metric, values, tuple(row.intervals.get(metric) for row in rows), best)


def natural(name: str) -> list[tuple[int, str]]:
    """A key by which block10 comes after block9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
