"""Judges scores by a truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from audition.evaluation.estimate import Settings, estimate
from audition.evaluation.inputs import Measures, as_scores, as_truth, own_truth
from audition.evaluation.matching import check_matched, match, notes
from audition.evaluation.naming import as_the_truth_names
from audition.evaluation.value import STATIC_LIST, Evaluation
from audition.ranking.value import Ranking
from audition.truth import Truth

Scores = Ranking | Truth | str | Path | Mapping[str, Any]
"""A ranking, a table with scores, a file or a mapping; `evaluate` says which."""


def evaluate(
    scores: Scores,
    truth: Truth | str | Path | Mapping[str, Any] | None = None,
    *,
    dataset: str | None = None,
    k: Sequence[int] = (1, 3),
    rank: bool | None = True,
    confidence: float = 0.9,
    resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """How well scores agree with what fine-tuning gave, with intervals: an `Evaluation`.

    scores: a `Ranking`, its JSON file, {model: score} (one list for every data set), {dataset: {model:
        score}}, {dataset: Ranking}, {measure: {dataset: {model: score}}}, a CSV file (columns model,
        dataset, and one a measure), or a `Truth` with scores beside. Higher is better.
    truth: the name of a shipped table (`audition truth` lists them), a CSV file (columns model, dataset,
        accuracy; or model and one a data set), {model: result}, {dataset: {model: result}}, or a
        `Truth`. Without it, the table that the scores are in has the results, too.
    Models are matched by name; "zoo:x" and "x" are the same where no other is called so, and a note says it.
    dataset: the one to judge on, where truth holds several and the scores do not say.
    k: for rel@k and regret@k. rank: of τ_w, see `weighted_tau`.
    confidence: of the intervals. resamples, seed: how many are drawn, and from which seed.

    Where the truth holds several data sets, "static list" is judged beside: each model's mean
    standardised accuracy on the other data sets, which never looks at the data. Raises InputError where
    no measure has a score and a true result for three models on some data set; what is left out
    otherwise is in `notes`.

    >>> judged = evaluate("published_scores_tllib")
    >>> round(judged["nce"]["weighted_tau"].value, 3), round(judged["static list"]["weighted_tau"].value, 3)
    (0.687, 0.749)
    """
    settings = Settings(tuple(k), rank, confidence, resamples, seed)
    whole = as_truth(own_truth(scores) if truth is None else truth)
    judge = whole if dataset is None else whole.only([dataset])
    given, renamed = as_the_truth_names(_narrowed(as_scores(scores, judge), dataset), judge)
    measures = {**given, **_static_list(whole, given)}
    judged = {name: match(cells, judge) for name, cells in measures.items()}
    check_matched(given or measures, judged, judge)
    estimates = {
        name: {kind.name: estimate(kind, pairs, settings) for kind in settings.coefficients}
        for name, pairs in judged.items()
    }
    left_out = notes(given or measures, judged, judge)
    return Evaluation(
        judge.name, estimates, (*renamed, *left_out, *judge.notes), judge.citation, settings, judged
    )


def _narrowed(given: Measures, dataset: str | None) -> Measures:
    """The scores of one data set where one is named: the others are not left out, they were not asked for."""
    if dataset is None:
        return given
    return {
        measure: {dataset: cells[dataset]} for measure, cells in given.items() if dataset in cells
    } or given


def _static_list(truth: Truth, given: Measures) -> Measures:
    """The list by the other data sets, of the models and data sets that were scored."""
    if len(truth) == 1:
        return {}
    listed = truth.static_list()
    if not given:
        return {STATIC_LIST: listed}
    scored: dict[str, set[str]] = {}
    for cells in given.values():
        for name, column in cells.items():
            scored.setdefault(name, set()).update(column)
    return {
        STATIC_LIST: {
            name: {model: goodness for model, goodness in column.items() if model in scored.get(name, ())}
            for name, column in listed.items()
        }
    }
