"""Two rankings side by side: who moved, which scores changed and how surely, who joined and who left."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audition.errors import InputError
from audition.evaluation import weighted_tau
from audition.ranking.standings import Row
from audition.ranking.value import Ranking
from audition.uncertainty.interval import LEVEL, student

FORMAT = "audition-comparison"
VERSION = 1
FEWEST = 3
Span = tuple[float, float]


@dataclass(frozen=True)
class Change:
    """A number before and after. span: of the difference at 90 %, None where it is not known."""

    before: float
    after: float
    span: Span | None

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.span is not None and not self.span[0] <= 0 <= self.span[1]


@dataclass(frozen=True)
class Pair:
    """A candidate of both. before, after: its place among the candidates of both, 1 the first.

    scores: by measure. The interval of a difference is that of two runs whose rows were drawn independently: runs
    that share rows are surer than it says.
    """

    name: str
    before: int
    after: int
    scores: dict[str, Change]


@dataclass(frozen=True)
class Comparison:
    """Two rankings side by side.

    items: the rows of each. pairs: the candidates of both, in the order of the second. means: by measure the mean
    difference over those pairs, with its interval over candidates. tau: τ_w of the two orders. joined, left:
    candidates of one only; those that failed are in none.
    """

    names: tuple[str, str]
    firsts: tuple[str, str]
    items: tuple[int, int]
    pairs: tuple[Pair, ...]
    means: dict[str, Change]
    tau: float | None
    joined: tuple[str, ...]
    left: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """In a few sentences: whether the choice changed, how far the orders agree, what came and went."""
        from audition.reporting.comparison_words import verdict

        return verdict(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values: what `to_json` writes."""
        plain: dict[str, Any] = {
            "format": FORMAT,
            "format_version": VERSION,
            **asdict(self),
            "verdict": self.verdict,
        }
        return plain

    def to_json(self) -> str:
        """The comparison as JSON text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def __repr__(self) -> str:
        from audition.reporting.comparison_words import as_text

        return as_text(self)


def compare(before: Ranking | str | Path, after: Ranking | str | Path) -> Comparison:
    """Two rankings, or their JSON files, side by side: a `Comparison`.

    Candidates are matched by model and layer, measures by name. Raises InputError for files that are no rankings, and
    where the two share no candidate.
    """
    rankings = tuple(each if isinstance(each, Ranking) else Ranking.load(each) for each in (before, after))
    one, two = ({(row.model, row.layer): row for row in ranking.placed} for ranking in rankings)
    shared = [key for key in two if key in one]
    if not shared:
        raise InputError("The two rankings share no candidate: nothing can be compared.")
    measures = [metric for metric in rankings[0].metrics if metric in rankings[1].metrics]
    places = {key: place for place, key in enumerate((key for key in one if key in two), start=1)}

    def compared(key: tuple[str, str]) -> Sequence[str]:
        return measures if _same_rows(rankings, one[key], two[key]) else ()

    pairs = tuple(
        Pair(
            _called(rankings, two[key]),
            places[key],
            i,
            _changes(one[key], two[key], compared(key)),
        )
        for i, key in enumerate(shared, start=1)
    )
    return Comparison(
        names=_names(before, after),
        firsts=(rankings[0].called(rankings[0].best), rankings[1].called(rankings[1].best)),
        items=(rankings[0].items, rankings[1].items),
        pairs=pairs,
        means=_means(pairs, measures),
        tau=_tau(pairs),
        joined=tuple(rankings[1].called(row) for key, row in two.items() if key not in one),
        left=tuple(rankings[0].called(row) for key, row in one.items() if key not in two),
    )


def _called(rankings: Sequence[Ranking], row: Row) -> str:
    """The name in the second ranking, with the layer where either has several of a model."""
    layered = any(ranking.layered for ranking in rankings)
    name = rankings[1].shown[row.model]
    return f"{name} (layer {row.layer})" if layered and row.layer else name


def _names(before: object, after: object) -> tuple[str, str]:
    """What the two are called: their files where they are of two names, else before and after."""
    if isinstance(before, (str, Path)) and isinstance(after, (str, Path)):
        one, two = Path(before).stem, Path(after).stem
        if one != two:
            return one, two
    return "before", "after"


def _same_rows(rankings: Sequence[Ranking], one: Row, two: Row) -> bool:
    """Whether a candidate saw as many rows in both, as those left behind in a race have not; then scores compare."""
    first, second = rankings[0].items, rankings[1].items
    return first != second or (one.items or first) == (two.items or second)


def _changes(one: Row, two: Row, measures: Sequence[str]) -> dict[str, Change]:
    found = {}
    for metric in measures:
        a, b = one.scores.get(metric), two.scores.get(metric)
        if a is not None and b is not None and math.isfinite(a) and math.isfinite(b):
            b = a if math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) else b  # rounding is no change
            found[metric] = Change(a, b, _span(a, b, one.intervals.get(metric), two.intervals.get(metric)))
    return found


def _span(a: float, b: float, one: Span | None, two: Span | None) -> Span | None:
    """Of the difference of two scores with intervals of their own: their halves add up as squares."""
    if one is None or two is None:
        return None
    half = math.hypot((one[1] - one[0]) / 2, (two[1] - two[0]) / 2)
    return b - a - half, b - a + half


def _means(pairs: Sequence[Pair], measures: Sequence[str]) -> dict[str, Change]:
    """Paired over candidates: Student's t of the differences."""
    found = {}
    for metric in measures:
        known = [pair.scores[metric] for pair in pairs if metric in pair.scores]
        if known:
            before, after = (
                float(np.mean([getattr(each, side) for each in known])) for side in ("before", "after")
            )
            found[metric] = Change(before, after, _paired([each.difference for each in known]))
    return found


def _paired(differences: Sequence[float]) -> Span | None:
    if len(differences) < FEWEST:
        return None
    middle = float(np.mean(differences))
    half = (
        student(LEVEL, len(differences) - 1)
        * float(np.std(differences, ddof=1))
        / math.sqrt(len(differences))
    )
    return middle - half, middle + half


def _tau(pairs: Sequence[Pair]) -> float | None:
    if len(pairs) < 2:
        return None
    return weighted_tau([-pair.before for pair in pairs], [-pair.after for pair in pairs])
