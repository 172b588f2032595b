"""Models that the two sides name differently: with their source, and without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from audition.evaluation.inputs import Measures
from audition.truth import Truth

SHOWN = 4


def as_the_truth_names(given: Measures, truth: Truth) -> tuple[Measures, tuple[str, ...]]:
    """The scores under the names of the truth, and a sentence that says which names were taken for which.

    "zoo:cnn-mnist" is "cnn-mnist" on the other side, and the other way round, where only one model of
    either side is called so without its source. Two different sources are never the same model.
    """
    scored = sorted({model for cells in given.values() for column in cells.values() for model in column})
    taken = _same_but_for_source(scored, truth.models)
    if not taken:
        return given, ()
    renamed = {
        measure: {name: _renamed(column, taken) for name, column in cells.items()}
        for measure, cells in given.items()
    }
    return renamed, (_said(taken, truth.name),)


def _same_but_for_source(scored: Iterable[str], true: Iterable[str]) -> dict[str, str]:
    """scored name -> true name where one of the two lacks the source, and no other is called so."""
    ours, theirs = _by_rest(set(scored) - set(true)), _by_rest(set(true) - set(scored))
    pairs = {ours[rest]: theirs[rest] for rest in ours if rest in theirs}
    return {ours: theirs for ours, theirs in pairs.items() if ":" not in ours or ":" not in theirs}


def _by_rest(names: Iterable[str]) -> dict[str, str]:
    """What follows the source -> the one name that ends so."""
    rests = {name: name.partition(":")[2] or name for name in sorted(names)}
    times = Counter(rests.values())
    return {rest: name for name, rest in rests.items() if times[rest] == 1}


def _renamed(column: Mapping[str, float], taken: Mapping[str, str]) -> dict[str, float]:
    return {taken.get(model, model): score for model, score in column.items()}


def _said(taken: Mapping[str, str], truth: str) -> str:
    shown = [f"{ours} as {theirs}" for ours, theirs in list(taken.items())[:SHOWN]]
    more = f" and {len(taken) - SHOWN} others likewise" if len(taken) > SHOWN else ""
    return f"Taken {', '.join(shown)}{more}: {truth} names models otherwise, the same but for the source."
