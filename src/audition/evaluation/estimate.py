"""A coefficient of one measure: its mean over data sets, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError
from audition.evaluation.bootstrap import Interval, draws, interval, of_mean
from audition.evaluation.kinds import Coefficient, coefficients
from audition.evaluation.matching import Judged


@dataclass(frozen=True)
class Settings:
    """How an evaluation was made; `evaluate` says what each is."""

    k: tuple[int, ...] = (1, 3)
    rank: bool | None = True
    confidence: float = 0.9
    resamples: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        coefficients(self.k, self.rank)  # which looks at both
        if not 0 < self.confidence < 1:
            raise InputError(f"confidence is between 0 and 1, such as 0.9; {self.confidence!r} is not.")
        if self.resamples < 100:
            raise InputError(f"An interval needs 100 resamples or more; {self.resamples} are too few.")

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """All that are computed, in the order of the table."""
        return coefficients(self.k, self.rank)


@dataclass(frozen=True)
class Estimate:
    """A coefficient of one measure.

    value: its mean over the data sets. interval: of that mean, data sets drawn again; None for fewer
    than five. over_models: the same with the models drawn again, the same ones on every data set; None
    for fewer than six, and for rel@k, regret@k and the top-1 hit, which ask for the best of a pool.
    by_dataset: its value on each; NaN where it has none.
    """

    value: float
    interval: Interval | None
    over_models: Interval | None
    by_dataset: Mapping[str, float]


def estimate(coefficient: Coefficient, judged: Judged, settings: Settings) -> Estimate:
    """A coefficient of what one measure was judged on, with its intervals."""
    values = by_dataset(coefficient, judged)
    defined = np.array([value for value in values.values() if value == value], dtype=np.float64)
    models = model_names([judged])
    redrawn = over_models(coefficient, judged, models, settings)
    return Estimate(
        float(defined.mean()) if len(defined) else float("nan"),
        of_mean(defined, settings.resamples, settings.seed, settings.confidence),
        None if redrawn is None else interval(redrawn, len(models), settings.confidence),
        values,
    )


def by_dataset(coefficient: Coefficient, judged: Judged) -> dict[str, float]:
    """The coefficient on each data set."""
    return {name: coefficient.of(pairs.truth, pairs.scores) for name, pairs in judged.items()}


def model_names(judged: Collection[Judged]) -> tuple[str, ...]:
    """All models that take part, sorted, so that the order they were given in plays no part."""
    return tuple(sorted({model for each in judged for pairs in each.values() for model in pairs.models}))


def over_models(
    coefficient: Coefficient, judged: Judged, models: Sequence[str], settings: Settings
) -> Float64 | None:
    """The mean over data sets in each resample of the models, [B]; None for a coefficient that has none."""
    if coefficient.resampled is None or not judged:
        return None
    drawn = draws(len(models), settings.resamples, settings.seed)
    place = {model: i for i, model in enumerate(models)}
    values = [
        coefficient.resampled(pairs.truth, pairs.scores, drawn[:, [place[model] for model in pairs.models]])
        for pairs in judged.values()
    ]
    return _mean_of_defined(np.array(values))


def _mean_of_defined(values: Float64) -> Float64:
    """The mean of each column over its numbers; NaN where it has none."""
    defined = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(defined, values, 0.0).sum(axis=0) / defined.sum(axis=0))
