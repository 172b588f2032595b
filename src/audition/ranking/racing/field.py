"""The candidates of a race: how far each has run, and how they would stand if all had run as far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from audition.data.features import Features
from audition.errors import AuditionError
from audition.extraction import Decoded
from audition.extraction.parts import joined, some_of, taken
from audition.ranking.candidates import TIME_WAS_UP, Candidate
from audition.ranking.certainty import contest_among, with_intervals
from audition.ranking.consensus import shares_of_first
from audition.ranking.costs import within
from audition.ranking.order import CONSENSUS, check_order, in_order
from audition.ranking.plan import Plan
from audition.ranking.pool import with_pool_scores
from audition.ranking.racing.carried import (
    Key,
    Numbers,
    carried,
    common_change,
    numbers_of_row,
)
from audition.ranking.racing.chances import by_model, firsts, likely, told_apart
from audition.ranking.racing.laps import Lap
from audition.ranking.racing.outlook import Ahead, outlooks_of, settled
from audition.ranking.racing.shelved import ROOM, shelved
from audition.ranking.racing.sums import Sums
from audition.ranking.rows import Target, part_of, scored, target_of
from audition.ranking.standings import Row
from audition.recommendation import Candidate as Known
from audition.recommendation import recommend
from audition.spool import Shelf


@dataclass(frozen=True, eq=False)
class Entrant:
    """A candidate, and what has come of it.

    parts: its features, lap by lap. rows: as scored after some of the laps, by how many it had run then. failed: the
    rows that say why it cannot go on.
    """

    candidate: Candidate
    parts: tuple[Features, ...] = ()
    rows: Mapping[int, tuple[Row, ...]] = field(default_factory=dict)
    failed: tuple[Row, ...] = ()

    @property
    def laps(self) -> int:
        """How many it has run."""
        return len(self.parts)

    @property
    def last(self) -> int:
        """After how many it was scored last; 0 for not yet."""
        return max(self.rows, default=0)


class Field:
    """All entrants of a race over some laps. whole: the labels of all items; data: the same, past the door."""

    def __init__(self, plan: Plan, laps: Sequence[Lap], whole: Decoded) -> None:
        self._plan, self._laps, self._whole = plan, laps, whole
        self.data = target_of(whole)
        self._sums, self._shelf = Sums(), Shelf(ROOM)
        self._targets: dict[int, Target] = {}
        self.entrants = {one.name: Entrant(one) for one in plan.candidates}

    @property
    def able(self) -> list[str]:
        """Those that could be opened and take the data."""
        return [name for name, one in self.entrants.items() if one.candidate.error is None]

    def may_win(self, chances: Mapping[Key, float] | None) -> list[str]:
        """The models that are to run on, those first that are the likeliest to win; all where nobody knows."""
        alive = [name for name in self.able if not self.entrants[name].failed]
        if chances is None:
            return self._by_what_is_known(alive)
        known = by_model(chances)
        return likely({name: known.get(name, 0.0) for name in alive})

    def _by_what_is_known(self, names: list[str]) -> list[str]:
        """First those of whom most is expected without any score: if the time ends early, they have run."""
        if self._plan.order != CONSENSUS or not names:
            return names
        found = recommend(
            [Known(name) for name in names], task=self._whole.task, history=self._plan.options.history
        )
        return [each.model for each in found]

    def is_decided(self, laps: int, chances: Mapping[Key, float] | None) -> bool:
        """Whether nothing but one row, or those that are level with it in every score, may still come first."""
        if chances is None:
            return False
        level: dict[tuple[object, ...], float] = {}
        for row in self.rows(laps):
            told = told_apart(row)
            level[told] = level.get(told, 0.0) + chances.get((row.model, row.layer), 0.0)
        return len(likely(level)) <= 1

    def behind(self, names: Sequence[str], part: int) -> list[Entrant]:
        """Those among them whose next lap is this one."""
        some = [self.entrants[name] for name in names]
        return [entrant for entrant in some if entrant.laps == part and not entrant.failed]

    def is_kept(self, name: str) -> bool:
        """Whether the features of all rows are there already."""
        return self.entrants[name].candidate.kept is not None

    def kept(self, name: str, lap: Lap) -> Features:
        """The rows of a lap out of those; raises AuditionError where they cannot be used."""
        found = self.entrants[name].candidate.kept
        assert found is not None
        return taken(found.features(self._whole), some_of(self._whole, lap.rows), lap.rows)

    def seen(self, laps: int) -> int:
        """The rows of so many laps."""
        return len(self._laps[laps - 1].ending) if laps else 0

    def target(self, laps: int) -> Target:
        """The labels of so many laps, and the resamples of their rows."""
        if laps not in self._targets:
            rows = self._laps[laps - 1].ending
            some = some_of(self._whole, rows)
            self._targets[laps] = part_of(self.data, some, rows, self._plan.asked.resamples)
        return self._targets[laps]

    def ran(self, name: str, part: Features) -> None:
        """The features of a candidate's next lap have come; raises InputError where there is no room for them."""
        entrant = self.entrants[name]
        self.entrants[name] = replace(entrant, parts=(*entrant.parts, shelved(part, self._shelf)))

    def fails(self, name: str, why: str) -> None:
        """A candidate cannot go on."""
        self.entrants[name] = replace(self.entrants[name], failed=(Row(name, "", error=why),))

    def score(self, name: str) -> None:
        """The rows of a candidate by all that has come of it, where something new has."""
        entrant = self.entrants[name]
        if entrant.failed or entrant.laps in (0, entrant.last):
            return
        try:
            self.entrants[name] = self._scored(entrant)
        except AuditionError as error:
            self.fails(name, str(error))
        if self.entrants[name].failed or entrant.laps == len(self._laps):
            self.forget(name)

    def _scored(self, entrant: Entrant) -> Entrant:
        target = self.target(entrant.laps)
        features = joined(entrant.parts, target.decoded)
        sums = self._sums.of(entrant.candidate.name, entrant.parts, target.labels)
        found = scored(entrant.candidate, features, target, self._plan.asked, sums)
        if entrant.laps < len(self._laps):
            found = [_of_part(row, len(target.labels), len(self.data.labels)) for row in found]
        if entrant.laps > 1 or len(self._laps) == 1:  # a network's first batch is slower than others
            found = within(found, self._plan.options.limits, len(target.labels))
        failed = tuple(found) if all(row.error is not None for row in found) else ()
        return replace(entrant, rows={**entrant.rows, entrant.laps: tuple(found)}, failed=failed)

    def forget(self, name: str) -> None:
        """A candidate that goes no further: its statistics make room, its features stay where they are."""
        self._sums.forget(name)

    def rows(self, laps: int) -> list[Row]:
        """A row a candidate and layer as it would stand after so many laps, those that failed with their reason."""
        changes = self._changes(laps)
        found: list[Row] = []
        for entrant in self.entrants.values():
            last = entrant.last
            seen = self.seen(last) if 0 < last < len(self._laps) else None
            if entrant.failed or not last:
                why = entrant.candidate.error or TIME_WAS_UP
                failed = entrant.failed or (Row(entrant.candidate.name, "", error=why),)
                found += (replace(row, items=seen if row.scores else None) for row in failed)
            else:
                found += (
                    replace(carried(row, changes[last - 1 :]), items=seen) for row in entrant.rows[last]
                )
        return found

    def _changes(self, laps: int) -> list[Numbers]:
        """How scores changed from each lap to the next, for those that were scored after both."""
        return [common_change(self._numbers(lap), self._numbers(lap + 1)) for lap in range(1, laps)]

    def _numbers(self, laps: int) -> dict[Key, Numbers]:
        rows = (row for entrant in self.entrants.values() for row in entrant.rows.get(laps, ()))
        return {(row.model, row.layer): numbers_of_row(row) for row in rows if row.error is None}

    def chances(self, laps: int) -> dict[Key, float] | None:
        """How likely each row comes first once all have seen all rows; None where nobody knows.

        That is so after the first of several laps: how a score changes with more rows is not known yet.
        """
        if laps == 1 < len(self._laps):
            return None
        plan, total = self._plan, self.seen(len(self._laps))
        outlooks = outlooks_of([entrant.rows for entrant in self.entrants.values()], laps)
        rows = [
            settled(
                row, Ahead((row.items or total) / total, *outlooks.get((row.model, row.layer), ({}, {})), i)
            )
            for i, row in enumerate(self.rows(laps))
        ]
        # Only then are they compared: how scores go on is known of each candidate by itself.
        ready = with_intervals(with_pool_scores(rows, plan.asked.metrics))
        order = check_order(None, plan.metrics) if plan.order == CONSENSUS else plan.order
        placed = [row for row in in_order(ready, plan.metrics, order) if row.error is None]
        if plan.order == CONSENSUS:
            shares = shares_of_first(placed, self._whole.task, plan.options.history) if placed else None
        else:
            contest = contest_among(placed, plan.metrics, plan.order)
            shares = None if contest is None else firsts(contest.replicated())
        if shares is None:
            return None
        keys = [(row.model, row.layer) for row in placed]
        return dict(zip(keys, map(float, shares), strict=True))


def _of_part(row: Row, seen: int, items: int) -> Row:
    """The row, where it failed with what it failed on: the rows to come might have been others."""
    return replace(row, error=row.error and f"on {seen:,} of {items:,} rows: {row.error}")
