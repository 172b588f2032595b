"""Two measures on the same models and data sets: is one better?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audition.errors import InputError
from audition.evaluation.bootstrap import FEWEST, Interval, interval, of_mean
from audition.evaluation.estimate import Settings, by_dataset, model_names, over_models
from audition.evaluation.kinds import Coefficient
from audition.evaluation.matching import FEWEST_MODELS, Judged, Pairs

DATA_SETS, MODELS = "data sets", "models"
LEVEL = 5e-4  # what three decimals do not show


@dataclass(frozen=True)
class Difference:
    """By how much the first measure is above the second in one coefficient, on what both can be judged on.

    value: the mean difference over the data sets, first less second. interval: of it, the data sets
    drawn again, both measures on the same ones; with fewer than six the models, as `over` says; None
    where neither can be drawn. datasets: how many both were judged on. confidence: of the interval.
    """

    first: str
    second: str
    coefficient: str
    value: float
    interval: Interval | None
    over: str
    datasets: int
    confidence: float
    higher_is_better: bool = True

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.interval is not None and not self.interval[0] <= 0 <= self.interval[1]

    def __str__(self) -> str:
        sentence = self._sentence()
        if self.value != self.value:
            return f"{sentence}: one of them has no order."
        if self.interval is None:
            return f"{sentence}; too few data sets or models to say how sure that is."
        low, high = map(decimals, self.interval)
        verdict = "" if self.decided or self._is_level else ", which is no difference that can be told"
        return f"{sentence} ({100 * self.confidence:g} %: {low} to {high} over {self.over}){verdict}."

    @property
    def _is_level(self) -> bool:
        return abs(self.value) < LEVEL

    def _sentence(self) -> str:
        if self.value != self.value:
            return f"{self.first} and {self.second} cannot be compared in {self.coefficient}"
        if self._is_level:
            return f"{self.first} and {self.second} are equally good in {self.coefficient}"
        better = (self.value > 0) == self.higher_is_better
        than = f"{'better' if better else 'worse'} than {self.second}"
        return f"{self.first} is {than} by {decimals(abs(self.value))} in {self.coefficient}"


def decimals(value: float) -> str:
    """A number with three decimals and a minus sign; none for what rounds to zero."""
    return f"{value:.3f}".replace("-0.000", "0.000").replace("-", "−")


def difference(
    names: tuple[str, str], judged: tuple[Judged, Judged], coefficient: Coefficient, settings: Settings
) -> Difference:
    """The first measure less the second; raises InputError where they share no data set with three models."""
    first, second = _common(*judged)
    if not first:
        raise InputError(
            f"{names[0]} and {names[1]} share no data set on which {FEWEST_MODELS} models have both scores."
        )
    one, two = by_dataset(coefficient, first), by_dataset(coefficient, second)
    apart = np.array([one[name] - two[name] for name in one])
    apart = apart[~np.isnan(apart)]
    value = float(apart.mean()) if len(apart) else float("nan")
    sure, over = _interval(apart, (first, second), coefficient, settings)
    return Difference(
        *names,
        coefficient.name,
        value,
        sure,
        over,
        len(apart),
        settings.confidence,
        coefficient.higher_is_better,
    )


def _interval(
    apart: np.ndarray, judged: tuple[Judged, Judged], coefficient: Coefficient, settings: Settings
) -> tuple[Interval | None, str]:
    """The interval of a mean difference, and what was drawn again for it."""
    if len(apart) >= FEWEST:
        return of_mean(apart, settings.resamples, settings.seed, settings.confidence), DATA_SETS
    models = model_names(judged)
    one, two = (over_models(coefficient, each, models, settings) for each in judged)
    if one is None or two is None:
        return None, DATA_SETS
    return interval(one - two, len(models), settings.confidence), MODELS


def _common(first: Judged, second: Judged) -> tuple[dict[str, Pairs], dict[str, Pairs]]:
    """Both on the data sets and models that they share."""
    one, two = {}, {}
    for name in first:
        models = set(first[name].models) & set(second[name].models) if name in second else set()
        if len(models) >= FEWEST_MODELS:
            one[name], two[name] = first[name].only(models), second[name].only(models)
    return one, two
