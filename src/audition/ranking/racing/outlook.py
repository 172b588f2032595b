"""What the rows to come may still change in the scores of candidates that race."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from audition.arrays import Float64
from audition.ranking.racing.carried import Key, Numbers, numbers_of_row
from audition.ranking.standings import Row
from audition.uncertainty import Resampled

NORMAL_MAD = 0.6745  # of a standard normal
ENOUGH = 8  # candidates: how far apart the changes of fewer lie is not to be told from them


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


def outlooks_of(
    histories: Sequence[Mapping[int, Sequence[Row]]], laps: int
) -> dict[Key, tuple[Numbers, Mapping[str, Going]]]:
    """Of each row, its last change and how scores changed then. histories: rows by the laps they were scored after."""
    changed = {lap: _changes(histories, lap) for lap in range(2, laps + 1)}
    found: dict[Key, tuple[Numbers, Mapping[str, Going]]] = {}
    usual: Mapping[str, Going] = {}
    for lap, changes in changed.items():
        rows = [row for history in histories for row in history.get(lap, ())]
        ran = going(list(changes.values()), [row for row in rows if _key(row) in changes])
        usual = ran if len(changes) >= ENOUGH or not usual else _eased(usual, ran)
        found |= {_key(row): (changes.get(_key(row), {}), usual) for row in rows}
    return found


def _changes(histories: Sequence[Mapping[int, Sequence[Row]]], lap: int) -> dict[Key, Numbers]:
    """How each row changed in a lap, of those that were scored before and after it."""
    found: dict[Key, Numbers] = {}
    for history in histories:
        before = {_key(row): row for row in history.get(lap - 1, ())}
        found |= {
            _key(row): change_of(row, before[_key(row)])
            for row in history.get(lap, ())
            if _key(row) in before
        }
    return found


def _key(row: Row) -> Key:
    return row.model, row.layer


def _eased(before: Mapping[str, Going], now: Mapping[str, Going]) -> dict[str, Going]:
    """How scores change where few ran: as usual among these, apart by half of what it was, as biases of 1/n are."""
    return {
        name: Going(now[name].usual if name in now else old.usual / 2, old.apart / 2, old.own)
        for name, old in before.items()
    }


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
