"""An evaluation as a value: every coefficient of every measure, with intervals, and every view of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from audition.errors import InputError, UnknownNameError
from audition.evaluation import words
from audition.evaluation.compare import Difference, difference
from audition.evaluation.estimate import Estimate, Settings
from audition.evaluation.kinds import WEIGHTED_TAU, Coefficient
from audition.evaluation.matching import Judged
from audition.files import write_new_text

FORMAT = "audition-evaluation"
VERSION = 1
STATIC_LIST = "static list"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well measures agree with what fine-tuning gave.

    Iterate over the measures; `evaluation["logme"]["weighted_tau"]` is an `Estimate`: value, interval over
    data sets, over models, and the value on each data set. truth: its name. estimates: measure ->
    coefficient -> estimate. notes: what was left out, and why. citation: of the truth.
    judged: the pairs that all was computed from, by measure.
    """

    truth: str
    estimates: Mapping[str, Mapping[str, Estimate]]
    notes: tuple[str, ...]
    citation: str
    settings: Settings
    judged: Mapping[str, Judged] = field(repr=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self.estimates)

    def __len__(self) -> int:
        return len(self.estimates)

    def __getitem__(self, measure: str) -> Mapping[str, Estimate]:
        """coefficient -> `Estimate` of a measure; raises UnknownNameError."""
        if measure not in self.estimates:
            raise UnknownNameError("measure in this evaluation", measure, self.estimates)
        return self.estimates[measure]

    @property
    def datasets(self) -> tuple[str, ...]:
        """The data sets on which some measure was judged."""
        return tuple(dict.fromkeys(name for judged in self.judged.values() for name in judged))

    @property
    def models(self) -> tuple[str, ...]:
        """The models by which some measure was judged."""
        pairs = [pairs for judged in self.judged.values() for pairs in judged.values()]
        return tuple(dict.fromkeys(model for each in pairs for model in each.models))

    @property
    def best(self) -> str:
        """The measure with the highest mean τ_w; raises InputError where none has an order."""
        taus = {name: held[WEIGHTED_TAU].value for name, held in self.estimates.items()}
        ordered = {name: tau for name, tau in taus.items() if tau == tau}
        if not ordered:
            raise InputError(
                "No measure has an order: on every data set all scores, or all results, are equal."
            )
        return max(ordered, key=lambda name: ordered[name])

    def compare(self, first: str, second: str, *, coefficient: str = WEIGHTED_TAU) -> Difference:
        """By how much `first` is above `second`, paired: on the same models, the same data sets drawn again.

        Raises UnknownNameError for a measure or coefficient that is not here, and InputError where the
        two share no data set with three models.
        """
        self[first], self[second]
        by = self._coefficient(coefficient)
        return difference((first, second), (self.judged[first], self.judged[second]), by, self.settings)

    def _coefficient(self, name: str) -> Coefficient:
        known = {coefficient.name: coefficient for coefficient in self.settings.coefficients}
        if name not in known:
            raise UnknownNameError("coefficient in this evaluation", name, known)
        return known[name]

    @property
    def verdict(self) -> str:
        """In plain words: which measure agrees best, and which cannot be told from it."""
        return words.verdict(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values: what `to_json` writes. NaN is None."""
        estimates = {
            measure: {name: asdict(estimate) for name, estimate in held.items()}
            for measure, held in self.estimates.items()
        }
        head = {"format": FORMAT, "format_version": VERSION, "truth": self.truth, "citation": self.citation}
        about = {"datasets": self.datasets, "models": self.models, **asdict(self.settings)}
        plain: dict[str, Any] = _plain({**head, **about, "measures": estimates, "notes": self.notes})
        return {**plain, "verdict": self.verdict}

    def to_json(self) -> str:
        """The evaluation as JSON text; `save` writes it to a file."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def save(self, path: str | Path) -> None:
        """Writes the JSON to a new file; raises InputError where it exists or cannot be written."""
        write_new_text(Path(path), self.to_json() + "\n")

    def __repr__(self) -> str:
        return words.as_text(self)


def _plain(value: Any) -> Any:
    """Tuples as lists, NaN as None: JSON has neither."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return None if value != value else value
