"""Which candidates of a ranking are worth tuning, and which are left out at which chance."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from audition.ranking import Ranking
from audition.ranking.standings import Row
from audition.tuning.teachers.roles import best_rows

MOST = 7  # contenders: beyond that the first round alone costs more than most budgets hold
UNSURE = 3  # contenders where a ranking has no chances


@dataclass(frozen=True)
class Contenders:
    """The candidates to tune, the likeliest best first, and those that are left out.

    chances: of each row by model and layer, to be the best of all once tuned; None where nobody knows.
    """

    chosen: tuple[Row, ...]
    left_out: tuple[Row, ...]
    chances: Mapping[tuple[str, str], float] | None

    def chance(self, row: Row) -> float | None:
        """That a row is the best."""
        return None if self.chances is None else self.chances.get((row.model, row.layer), 0.0)

    @property
    def missed(self) -> float | None:
        """The chance that the best is among those left out."""
        if self.chances is None:
            return None
        return sum(self.chance(row) or 0.0 for row in self.left_out)

    def without(self, models: Collection[str]) -> Contenders:
        """The same where some models were not tried after all."""
        untried = tuple(row for row in self.chosen if row.model in models)
        tried = tuple(row for row in self.chosen if row.model not in models)
        return replace(self, chosen=tried, left_out=(*untried, *self.left_out))


def contenders_of(ranking: Ranking, confidence: float, most: int = MOST) -> Contenders:
    """The first candidates of a ranking, as many as hold the best of all with a confidence; one a model.

    Where the ranking does not say how sure it is, the first three. At most `most`.
    """
    rows = best_rows(ranking)
    chances = chances_of(ranking)
    number = (
        _enough([chances.get((row.model, row.layer), 0.0) for row in rows], confidence) if chances else UNSURE
    )
    number = min(number, most)
    return Contenders(tuple(rows[:number]), tuple(rows[number:]), chances)


def chances_of(ranking: Ranking) -> dict[tuple[str, str], float] | None:
    """How likely each row is the best: by the consensus, else by resamples of the rows; None where neither is there."""
    if ranking.recommendation is not None:
        return {(row.model, row.layer): row.best for row in ranking.recommendation}
    known = {(row.model, row.layer): row.standing.best for row in ranking.placed if row.standing}
    return known or None


def _enough(chances: list[float], confidence: float) -> int:
    total = 0.0
    for number, chance in enumerate(chances, start=1):
        total += chance
        if total >= confidence:
            return number
    return len(chances)
