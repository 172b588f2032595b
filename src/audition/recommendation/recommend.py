"""The order in which to try candidates, from their scores and from what is known of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError
from audition.recommendation.learned import Learned, learned
from audition.recommendation.lessons import Lesson, standard_scores
from audition.recommendation.posterior import Posterior, means_of, posterior_of
from audition.recommendation.prior import Prior, prior_of
from audition.recommendation.tables import Table, published, tables_of
from audition.recommendation.value import (
    OWN,
    PUBLISHED,
    SIZE,
    Candidate,
    Reason,
    Recommendation,
    Recommended,
)
from audition.recommendation.weights import Weights, weights_of
from audition.truth import Truth

REASONS = 3
ROUNDING = 1e-9
UNKNOWN = 0.05  # a table that moves a candidate by less than this is no reason to name


def recommend(
    candidates: Sequence[Candidate],
    *,
    task: str = "classification",
    history: Truth | None = None,
    replicates: Float64 | None = None,
    measures: Sequence[str] = (),
    knowledge: Learned | None = None,
    tables: Sequence[Table] | None = None,
) -> Recommendation:
    """Candidates in the order to try them, each with the probability to be the best and the expected regret.

    history: the user's own results of fine-tuning (`read_truth`), the strongest of the tables; names as the
    candidates' or as the published tables'. replicates: [R, M, K], scores of the candidates by `measures`
    [K] on resamples of the rows, NaN where there are none. knowledge, tables: in place of what the package
    brings. The same whatever the order of the candidates; every option is deterministic.

    Raises InputError where there are no candidates, or two are the same.

    >>> found = recommend([Candidate("timm:resnet50.tv_in1k"), Candidate("torchvision:mobilenet_v2")])
    >>> found.best.model
    'timm:resnet50.tv_in1k'
    """
    order = _sorted(candidates)
    rows = [candidates[place] for place in order]
    what = learned() if knowledge is None else knowledge
    own = () if history is None else tables_of(history)
    prior, weights = _known(rows, what, published() if tables is None else tables, own, task)
    columns, drawn = _columns(rows, weights.measures), None
    if replicates is not None:
        drawn = _resampled(columns, weights.measures, replicates[:, order], measures)
    found = posterior_of(prior, weights, columns, drawn)
    points, spread_of = _spread(prior, own, what)
    return Recommendation(
        _placed(rows, prior, weights, columns, found, points),
        _weightiest(weights),
        points,
        spread_of,
        weights.explained,
        _notes(rows, prior, weights, what, task),
    )


def shares_first(
    candidates: Sequence[Candidate],
    replicates: Float64,
    measures: Sequence[str],
    *,
    task: str = "classification",
    history: Truth | None = None,
) -> Float64:
    """In which share of the resamples of the rows `recommend` would put each candidate first [M].

    Arguments as there. What tuning would show is another matter: this is how sure the order is to stay.
    """
    order = _sorted(candidates)
    rows = [candidates[place] for place in order]
    own = () if history is None else tables_of(history)
    prior, weights = _known(rows, learned(), published(), own, task)
    columns = _columns(rows, weights.measures)
    drawn = _resampled(columns, weights.measures, replicates[:, order], measures)
    means = means_of(prior, weights, columns, drawn)
    first = means >= means.max(axis=1, keepdims=True) - ROUNDING
    found = np.empty(len(rows))
    found[order] = (first / first.sum(axis=1, keepdims=True)).mean(axis=0)
    return found


def _known(
    rows: Sequence[Candidate], what: Learned, tables: Sequence[Table], own: Sequence[Table], task: str
) -> tuple[Prior, Weights]:
    """What is known of the candidates, and how much their scores count."""
    prior = prior_of(
        [row.model for row in rows], tables, own, what.variances, [row.parameters for row in rows]
    )
    lessons = what.of_task(task)
    return prior, weights_of(lessons, _measures(rows, lessons))


def _sorted(candidates: Sequence[Candidate]) -> list[int]:
    """Their places in an order of their own, by name, so that the order they come in plays no part."""
    names = [(row.model, row.layer) for row in candidates]
    if not names:
        raise InputError("There are no candidates to recommend from.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"The candidate {' '.join(twice).strip()} is given twice.")
    return sorted(range(len(names)), key=names.__getitem__)


def _scored(rows: Sequence[Candidate]) -> set[str]:
    """The measures that some candidate has a score by; the size of a network belongs to what is known of it."""
    return {name for row in rows for name, score in row.scores.items() if score is not None} - {SIZE}


def _measures(rows: Sequence[Candidate], lessons: Sequence[Lesson]) -> list[str]:
    """Those of which something has been learned, sorted."""
    return sorted(_scored(rows) & {name for lesson in lessons for name in lesson.measures})


def _columns(rows: Sequence[Candidate], measures: Sequence[str]) -> Float64:
    """Standard scores [M, K], NaN where a candidate has none."""
    scores = [[row.scores.get(measure) for measure in measures] for row in rows]
    raw = np.array(scores, dtype=float).reshape(len(rows), len(measures))
    return np.where(np.isnan(raw), np.nan, standard_scores(raw))


def _resampled(
    columns: Float64, measures: Sequence[str], replicates: Float64, given: Sequence[str]
) -> Float64:
    """Standard scores of replicates [R, M, K'], put in the order of the measures; the rest stay as they are."""
    drawn = np.repeat(columns[None], len(replicates), axis=0)
    for place, name in enumerate(given):
        if name in measures:
            column = replicates[:, :, place]
            new = standard_scores(np.ascontiguousarray(column.T)).T
            drawn[:, :, measures.index(name)] = np.where(
                np.isnan(column), drawn[:, :, measures.index(name)], new
            )
    return drawn


def _spread(prior: Prior, own: Sequence[Table], what: Learned) -> tuple[float, str]:
    """Points of accuracy that stand for 1, and where that number is from."""
    if own:
        spreads = np.concatenate([table.spreads for table in own])
        return float(np.median(spreads)) * prior.unit, "the spread of your own results"
    return what.spread * prior.unit, "the usual spread of published results"


def _placed(
    rows: Sequence[Candidate],
    prior: Prior,
    weights: Weights,
    columns: Float64,
    found: Posterior,
    points: float,
) -> tuple[Recommended, ...]:
    best = found.draws == found.draws.max(axis=1, keepdims=True)
    probable = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    regret = points * (found.draws.max(axis=1, keepdims=True) - found.draws).mean(axis=0)
    reasons = _reasons(prior, weights, columns, found)
    # The least expected regret first: so the order and the columns beside it say the same.
    places = np.lexsort((-np.round(found.mean, 12), np.round(regret, 9)))
    return tuple(
        Recommended(
            rows[i].model,
            rows[i].layer,
            place,
            float(found.mean[i]),
            float(found.sd[i]),
            float(probable[i]),
            float(regret[i]),
            reasons[i],
            prior.published[i] + prior.own[i] > 0,
        )
        for place, i in enumerate(places, start=1)
    )


def _reasons(prior: Prior, weights: Weights, columns: Float64, found: Posterior) -> list[tuple[Reason, ...]]:
    """The largest terms of each candidate, in the order of their size."""
    reasons = []
    for i, terms in enumerate(found.from_scores):
        said = [
            Reason(measure, float(term), *_place(columns[:, k], i))
            for k, (measure, term) in enumerate(zip(weights.measures, terms, strict=True))
        ]
        if abs(prior.mean[i]) > UNKNOWN or prior.own[i] + prior.published[i]:
            said.append(_of_results(prior, found, i))
        said = [reason for reason in said if abs(reason.term) > ROUNDING]
        reasons.append(tuple(sorted(said, key=lambda reason: -abs(reason.term))[:REASONS]))
    return reasons


def _of_results(prior: Prior, found: Posterior, i: int) -> Reason:
    """Which results moved a candidate, and its place by all of them among the candidates that have any."""
    what, sets = (OWN, prior.own) if prior.own[i] else (PUBLISHED, prior.published)
    known = np.array([n + o > 0 for n, o in zip(prior.published, prior.own, strict=True)])
    column = np.where(known, prior.mean, np.nan) if known[i] else prior.mean
    return Reason(what, float(found.from_prior[i]), *_place(column, i), sets=sets[i])


def _place(column: Float64, i: int) -> tuple[int, int]:
    """The place of a candidate by a column, 1 the highest, and of how many."""
    return 1 + int((column > column[i] + 1e-9).sum()), int((~np.isnan(column)).sum())


def _weightiest(weights: Weights) -> tuple[str, ...]:
    order = np.argsort(-weights.point, kind="stable")
    return tuple(weights.measures[k] for k in order if weights.point[k] > 0 and weights.explained > 0)


def _notes(
    rows: Sequence[Candidate], prior: Prior, weights: Weights, what: Learned, task: str
) -> tuple[str, ...]:
    known = sum(n + o > 0 for n, o in zip(prior.published, prior.own, strict=True))
    asked = _scored(rows)
    notes = []
    if not asked:
        notes.append("No features were scored: this order is what is known of the models without your data.")
    if not asked and not known:
        notes.append("None of them stands in a published table, so that little is known.")
    taught = {name for lesson in what.of_task(task) for name in lesson.measures}
    if untaught := sorted(asked - taught):
        notes.append(f"{', '.join(untaught)} had no part: nothing has been learned of it yet.")
    if asked and not any(lesson.task == task for lesson in what.of_task(task)):
        notes.append(f"The weights were learned on other tasks than {task}.")
    return tuple(notes)
