"""Scores of candidates that saw fewer rows than others, carried to as many: what a race compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from audition.arrays import Float64
from audition.ranking.standings import Row
from audition.uncertainty import Resampled

NORMAL_MAD = 0.6745  # of a standard normal

Key = tuple[str, str]
Numbers = Mapping[str, Float64]
"""By metric, the score [1], or the parts of a measure that exists among candidates only [P]."""


def numbers_of_row(row: Row) -> dict[str, Float64]:
    """What is carried of a row."""
    scores = {name: np.array([score]) for name, score in row.scores.items() if score is not None}
    return {**scores, **{name: np.array(parts) for name, parts in row.parts.items()}}


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


def change_of(row: Row, before: Row) -> dict[str, Float64]:
    """By metric, how a row has changed since it had seen fewer rows."""
    known, then = numbers_of_row(row), numbers_of_row(before)
    return {name: known[name] - then[name] for name in known.keys() & then.keys()}


@dataclass(frozen=True)
class Going:
    """How one metric's scores change while rows double, over all candidates; arrays as long as its numbers.

    usual: the median change. apart: how far changes lie apart beyond what the luck of the rows explains, as a standard
    deviation. own: the share of a candidate's distance from the usual change that is its own, and no luck.
    """

    usual: Float64
    apart: Float64
    own: Float64


def going(changes: Sequence[Numbers], rows: Sequence[Row]) -> dict[str, Going]:
    """By metric, from the last changes of candidates and their rows after these."""
    found: dict[str, Going] = {}
    for name in sorted({name for change in changes for name in change}):
        values = np.array([change[name] for change in changes if name in change])
        usual = np.median(values, axis=0)
        seen = (np.median(np.abs(values - usual), axis=0) / NORMAL_MAD) ** 2
        beyond = np.maximum(seen - _luck_of(name, rows), 0.0)
        own = np.divide(beyond, seen, out=np.zeros_like(seen), where=seen > 0)
        found[name] = Going(usual, np.sqrt(beyond), own)
    return found


def _luck_of(name: str, rows: Sequence[Row]) -> Float64:
    """The variance that resamples give a score, the median over candidates: as that of a change by half of the rows."""
    drawn = [found for row in rows if (found := row.resampled.get(name)) is not None]
    known = [one.replicates if one.parts is None else one.parts for one in drawn]
    variances = [np.atleast_1d(np.var(one, axis=0, ddof=1)) for one in known if one is not None]
    return np.median(variances, axis=0) if variances else np.zeros(1)


@dataclass(frozen=True)
class Ahead:
    """What is known of how the scores of a candidate go on.

    share: of all rows, those that it has seen. change: how its scores changed while the rows doubled, last.
    going: the same of all candidates. seed: of its own luck.
    """

    share: float
    change: Numbers
    going: Mapping[str, Going]
    seed: int

    def moves(self, name: str, draws: int) -> Float64:
        """What a metric's numbers may change by until all rows are seen, in each draw [R, P]."""
        if name not in self.going:
            return np.zeros((draws, 1))
        usual, apart, own = self.going[name].usual, self.going[name].apart, self.going[name].own
        trend = usual + own * (self.change.get(name, usual) - usual)
        doublings = max(-float(np.log2(self.share)), 0.0)
        luck, further = _luck(draws, self.seed)
        return np.asarray(
            np.outer(further, (1 - self.share) * trend) + np.outer(luck, np.sqrt(doublings) * apart)
        )


def settled(row: Row, ahead: Ahead) -> Row:
    """The row with what all rows of the data might still change.

    Of the error of a score on a part, the rest of the rows shares its part: so much is the score known already. The
    trend of the last doubling goes on, from not at all to twice as far, alike for all candidates; and each may change
    by as much again as such changes differ between candidates, in each doubling that is to come.
    """
    return replace(
        row, resampled={name: _to_come(found, name, row, ahead) for name, found in row.resampled.items()}
    )


def _to_come(found: Resampled, name: str, row: Row, ahead: Ahead) -> Resampled:
    shrink = float(np.sqrt(max(1.0 - ahead.share, 0.0)))
    if found.parts is not None:
        own = np.array(row.parts[name])
        moves = ahead.moves(name, len(found.parts))
        return replace(found, parts=own + shrink * (found.parts - own) + moves)
    if found.replicates is None:
        return found
    moves = ahead.moves(name, len(found.replicates))[:, 0]
    return replace(
        found,
        replicates=found.score + shrink * (found.replicates - found.score) + moves,
        coarse=None if found.coarse is None else _to_come(found.coarse, name, row, ahead),
    )


def _luck(draws: int, seed: int) -> tuple[Float64, Float64]:
    """A candidate's own normal numbers, and how far trends go on, which is the same for all."""
    own = np.random.default_rng((1, seed)).standard_normal(draws)
    return own, np.random.default_rng(0).uniform(0.0, 2.0, draws)
