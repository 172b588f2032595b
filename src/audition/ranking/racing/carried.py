"""Scores of candidates that saw fewer rows than others, carried to as many: what a race compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from audition.arrays import Float64
from audition.ranking.standings import Row
from audition.uncertainty import Resampled

Key = tuple[str, str]
Numbers = Mapping[str, Float64]
"""By metric, the score [1], or the parts of a measure that exists among candidates only [P]."""


def numbers_of_row(row: Row) -> dict[str, Float64]:
    """What is carried of a row; infinite numbers stay where they are."""
    scores = {name: np.array([score]) for name, score in row.scores.items() if score is not None}
    parts = {name: np.array(parts) for name, parts in row.parts.items()}
    return {name: numbers for name, numbers in (scores | parts).items() if np.isfinite(numbers).all()}


def common_change(before: Mapping[Key, Numbers], after: Mapping[Key, Numbers]) -> dict[str, Float64]:
    """By metric, the median change of the candidates that have numbers on both sides."""
    changes: dict[str, list[Float64]] = {}
    for key in before.keys() & after.keys():
        for name in before[key].keys() & after[key].keys():
            changes.setdefault(name, []).append(after[key][name] - before[key][name])
    return {name: np.median(found, axis=0) for name, found in sorted(changes.items())}


def carried(row: Row, changes: Sequence[Numbers]) -> Row:
    """The row as it would be where it had changed as the others did."""
    total: dict[str, Float64] = {}
    for change in changes:
        for name, by in change.items():
            total[name] = total.get(name, np.zeros_like(by)) + by
    known = numbers_of_row(row)
    moved = {name: by for name, by in total.items() if name in known}
    return replace(
        row,
        scores={
            name: score if score is None or name not in moved else score + float(moved[name][0])
            for name, score in row.scores.items()
        },
        parts={
            name: tuple((known[name] + moved[name]).tolist()) if name in moved else parts
            for name, parts in row.parts.items()
        },
        resampled={
            name: _moved(found, moved[name]) if name in moved else found
            for name, found in row.resampled.items()
        },
    )


def _moved(found: Resampled, by: Float64) -> Resampled:
    if found.parts is not None:
        return replace(found, parts=found.parts + by)
    shift = float(by[0]) if len(by) == 1 else 0.0
    return replace(
        found,
        score=found.score + shift,
        replicates=None if found.replicates is None else found.replicates + shift,
        coarse=None if found.coarse is None else _moved(found.coarse, by),
    )
