"""Rows in order: what a ranking holds, before anything is said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from audition.errors import one_sentence, printable
from audition.ranking.naming import short_names
from audition.ranking.racing.value import Race
from audition.recommendation import Recommendation
from audition.uncertainty import Resampled, Standing

NO_VOTE = "number_of_parameters"
SAID = ("notes", "error")  # sentences; the other texts of a row are names


@dataclass(frozen=True)
class Row:
    """One candidate: a layer of a model.

    place: 1 is best; None where it failed or nothing places it. scores: by metric, higher is better;
    None where a metric is not defined for this model. places: its place by each metric (ties share their mean).
    mean_place: the mean of those by the metrics that every candidate has a score by.
    columns: the width of its features. parameters: how many the network has, where that is known.
    feature_seconds: the forward passes of its model. scoring_seconds: all measures of this layer.
    parts: what measures of candidates (ncti) took from this one before all were compared.
    notes: what the measures warn of. error: why it failed, or None.
    resampled: by metric, what the score would be in other draws of the rows; not written to files.
    intervals: by metric, the 90 % interval of the score; of those that have one. standing: from which to which
    place it may stand, and how likely it is the first; None where the order has no interval.
    items: the rows of the data that it has seen, where a race left it behind; its scores are carried to all rows
    by the median change of those that ran on. None for all rows.
    depth: how many of the network's ranked layers come before this one; None where nobody said.
    What does not print in a name or a note is written as its escape.
    """

    model: str
    layer: str
    place: int | None = None
    scores: Mapping[str, float | None] = field(default_factory=dict)
    places: Mapping[str, float | None] = field(default_factory=dict)
    mean_place: float | None = None
    columns: int = 0
    parameters: int | None = None
    feature_seconds: float = 0.0
    scoring_seconds: float = 0.0
    notes: tuple[str, ...] = ()
    error: str | None = None
    parts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    resampled: Mapping[str, Resampled] = field(default_factory=dict, repr=False, compare=False)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    standing: Standing | None = None
    depth: int | None = None
    items: int | None = None

    def __post_init__(self) -> None:
        _make_printable(self, "model", "layer", "notes", "error")


def _make_printable(value: Row | Standings, *fields: str) -> None:
    """Folders, networks and files may be called anything; a ranking shows names on terminals, in pages and files."""
    for each in fields:
        object.__setattr__(
            value, each, _shown(getattr(value, each), one_sentence if each in SAID else printable)
        )


def _shown(held: Any, how: Callable[[str], str]) -> Any:
    """A text, several or None, as it can be shown."""
    return tuple(map(how, held)) if isinstance(held, tuple) else held and how(held)


def shared(rows: Sequence[Row], metrics: Sequence[str]) -> tuple[str, ...]:
    """The metrics by which every one of the rows has a score.

    The size of the network is shown beside them and has no vote, unless nothing else has one.
    """
    known = [metric for metric in metrics if all(row.scores.get(metric) is not None for row in rows)]
    return tuple(metric for metric in known if metric != NO_VOTE) or tuple(known)


@dataclass(frozen=True)
class Standings:
    """Rows in order, and what they are of; `Ranking` says what the fields are.

    race: how it was reached with less than all forward passes; None where all candidates saw all rows.
    called_by: what heads the column of names: "model", or "source" where data sets compete.
    """

    rows: tuple[Row, ...]
    metrics: tuple[str, ...]
    order: str
    data: str
    task: str
    items: int
    skipped: tuple[str, ...] = ()
    decoding_seconds: float = 0.0
    version: str = ""
    more_rows: int | None = None
    recommendation: Recommendation | None = None
    called_by: str = "model"
    race: Race | None = None

    def __post_init__(self) -> None:
        _make_printable(self, "data", "skipped")

    @property
    def counted(self) -> tuple[str, ...]:
        """The measures that a mean place is over: those that every placed row has a score by."""
        return shared(self.placed, self.metrics)

    @property
    def mixed(self) -> bool:
        """Whether several models stand in it."""
        return len({row.model for row in self.rows}) > 1

    @property
    def layered(self) -> bool:
        """Whether some model stands in it with several layers."""
        return len({row.model for row in self.rows}) < len(self.rows)

    def called(self, row: Row) -> str:
        """What a row is called: its model, its layer where layers of one model compete, or both."""
        model = self.shown[row.model]
        if not self.layered or not row.layer:
            return model
        return f"{model} (layer {row.layer})" if self.mixed else row.layer

    @cached_property
    def shown(self) -> Mapping[str, str]:
        """What each model is called where there is little room; `Row.model` is its whole name."""
        return short_names({row.model for row in self.rows})

    @property
    def placed(self) -> tuple[Row, ...]:
        """The rows that have a place."""
        return tuple(row for row in self.rows if row.error is None)

    @property
    def failed(self) -> tuple[Row, ...]:
        """The rows that failed; each has its reason in `error`."""
        return tuple(row for row in self.rows if row.error is not None)
