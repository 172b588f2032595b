"""Scores beside true results: what both sides know, and what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError
from audition.truth import Truth
from audition.truth.value import Cells

FEWEST_MODELS = 3
SHOWN = 4


@dataclass(frozen=True, eq=False)
class Pairs:
    """The models of one data set that have a score and a true result. truth, scores: [M]"""

    models: tuple[str, ...]
    truth: Float64
    scores: Float64

    def only(self, models: Iterable[str]) -> Pairs:
        """The same of some of the models."""
        wanted = set(models)
        kept = np.array([model in wanted for model in self.models], dtype=bool)
        names = tuple(model for model in self.models if model in wanted)
        return Pairs(names, self.truth[kept], self.scores[kept])


# dataset -> the pairs on it, in the order of the truth.
Judged = Mapping[str, Pairs]


def match(scores: Cells, truth: Truth) -> dict[str, Pairs]:
    """What one measure can be judged on: data sets where at least three models have both."""
    judged = {dataset: _pairs(scores.get(dataset, {}), truth[dataset]) for dataset in truth}
    return {dataset: pairs for dataset, pairs in judged.items() if len(pairs.models) >= FEWEST_MODELS}


def _pairs(scores: Mapping[str, float], results: Mapping[str, float]) -> Pairs:
    models = tuple(model for model in results if model in scores and scores[model] == scores[model])
    return Pairs(
        models,
        np.array([results[model] for model in models], dtype=np.float64),
        np.array([scores[model] for model in models], dtype=np.float64),
    )


def check_matched(measures: Mapping[str, Cells], judged: Mapping[str, Judged], truth: Truth) -> None:
    """Raises InputError where no measure has three models with a score and a true result."""
    if any(judged.values()):
        return
    known = {model for dataset in truth for model in truth[dataset]}
    scored = _scored(measures)
    unknown = sorted(scored - known)
    both = max((len(_common(cells, truth)) for cells in measures.values()), default=0)
    why = f" {_named(unknown, known)} not among the models of {truth.name}." if unknown else ""
    raise InputError(
        f"An order is judged by three models or more; at most {both} {_have(both)} both a score and a "
        f"true result on a data set of {truth.name}.{why}"
    )


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def _common(cells: Cells, truth: Truth) -> set[str]:
    """The models with both on the data set where they are the most."""
    shared = [set(cells.get(dataset, {})) & set(truth[dataset]) for dataset in truth]
    return max(shared, key=len, default=set())


def notes(measures: Mapping[str, Cells], judged: Mapping[str, Judged], truth: Truth) -> tuple[str, ...]:
    """What was left out, and why, a sentence each."""
    said = [*_unknown(measures, truth), *_unscored(measures, truth)]
    for measure, cells in measures.items():
        said += [*_holes(measure, cells, judged[measure], truth), *_levels(measure, judged[measure])]
    return tuple(said)


def _unknown(measures: Mapping[str, Cells], truth: Truth) -> list[str]:
    known = {model for dataset in truth for model in truth[dataset]}
    models = sorted(_scored(measures) - known)
    datasets = sorted({dataset for cells in measures.values() for dataset in cells} - set(truth))
    said = [f"{_named(models, known)} left out: {truth.name} has no result of theirs."] if models else []
    if datasets:
        said.append(f"{_named(datasets, truth)} left out: {truth.name} has no such data set.")
    return said


def _unscored(measures: Mapping[str, Cells], truth: Truth) -> list[str]:
    scored = _scored(measures)
    datasets = [name for name in truth if not any(cells.get(name) for cells in measures.values())]
    models = sorted({model for name in truth if name not in datasets for model in truth[name]} - scored)
    said = [f"{_named(models)} without any score, so not judged."] if models else []
    if datasets:
        said.append(f"{_named(datasets)} without any score, so not judged.")
    return said


def _holes(measure: str, cells: Cells, judged: Judged, truth: Truth) -> list[str]:
    """Data sets and results that a measure lacks where others were scored."""
    few = [name for name in truth if cells.get(name) and name not in judged]
    said = []
    if few:
        said.append(f"{measure}: {_named(few)} left out, fewer than {FEWEST_MODELS} models have both.")
    anywhere = {model for column in cells.values() for model in column}
    missing = sum(len((set(truth[name]) & anywhere) - set(pairs.models)) for name, pairs in judged.items())
    if missing:
        of = missing + sum(len(pairs.models) for pairs in judged.values())
        said.append(f"{measure}: {missing} of {of} results without a score, left out.")
    return said


def _levels(measure: str, judged: Judged) -> list[str]:
    """Data sets on which a measure has no order."""
    level = [name for name, pairs in judged.items() if (pairs.scores == pairs.scores[0]).all()]
    return [f"{measure}: all scores are equal on {', '.join(level)}, which is no order."] if level else []


def _scored(measures: Mapping[str, Cells]) -> set[str]:
    return {model for cells in measures.values() for column in cells.values() for model in column}


def _named(names: list[str], known: Iterable[str] = ()) -> str:
    """'a, b and 3 others are', each with the name that may have been meant."""
    known = list(known)
    shown = [_hinted(name, known) for name in names[: SHOWN if len(names) > SHOWN else None]]
    rest = len(names) - len(shown)
    parts = [*shown, f"{rest} others"] if rest else shown
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
    return f"{listed} {'are' if len(names) > 1 else 'is'}"


def _hinted(name: str, known: list[str]) -> str:
    bare = name.rpartition(":")[2].partition("?")[0]
    near = get_close_matches(bare, known, n=1, cutoff=0.8)
    return f"{name} (did you mean {near[0]!r}?)" if near else name
