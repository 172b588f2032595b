"""What goes into a recommendation and what comes out, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

PUBLISHED, OWN = "published results", "your results"
SIZE = "number_of_parameters"


@dataclass(frozen=True)
class Candidate:
    """A model, or a layer of it, with what is known of it.

    scores: by measure, higher is better; None where it has none. parameters: their number, where known.
    """

    model: str
    layer: str = ""
    scores: Mapping[str, float | None] = field(default_factory=dict)
    parameters: int | None = None


@dataclass(frozen=True)
class Reason:
    """One term of a candidate's expected accuracy.

    what: a measure, `PUBLISHED` or `OWN`. term: what it adds, weight × standardised value. place: the
    candidate's by it, of so many. sets: the number of data sets, of results.
    """

    what: str
    term: float
    place: int
    of: int
    sets: int = 0


@dataclass(frozen=True)
class Recommended:
    """Where a candidate stands: expected accuracy and its error, in standard deviations of the candidates.

    place: 1 is best. best: the probability to be the best. regret: by how many points of accuracy the best
    is expected to beat it. why: the terms of `mean`, the largest first. known: whether results of it, or of
    the user's own, are there.
    """

    model: str
    layer: str
    place: int
    mean: float
    sd: float
    best: float
    regret: float
    why: tuple[Reason, ...]
    known: bool


@dataclass(frozen=True)
class Recommendation:
    """Candidates in the order to try them, the best first.

    measures: those that the order rests on, the weightiest first; none: it rests on what is known of the
    models. spread: the points of accuracy that a standard deviation of the candidates stands for, and
    spread_of: where that is from. explained: the share of the differences between models' accuracies that
    the scores told on data sets that nothing was learned from. notes: what to bear in mind.
    """

    candidates: tuple[Recommended, ...]
    measures: tuple[str, ...]
    spread: float
    spread_of: str
    explained: float
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.candidates)

    def __iter__(self) -> Iterator[Recommended]:
        return iter(self.candidates)

    def __getitem__(self, model: str) -> Recommended:
        """The best place of a model; raises KeyError for one that is not here."""
        for candidate in self.candidates:
            if candidate.model == model:
                return candidate
        raise KeyError(model)

    @property
    def best(self) -> Recommended:
        """The candidate to try first."""
        return self.candidates[0]

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recommendation:
        """The recommendation of what `to_dict` gave, lists in place of tuples or not."""
        rows = tuple(
            Recommended(**{**row, "why": tuple(Reason(**reason) for reason in row["why"])})
            for row in values["candidates"]
        )
        names = {name: tuple(values[name]) for name in ("measures", "notes")}
        return cls(**{**values, "candidates": rows, **names})
