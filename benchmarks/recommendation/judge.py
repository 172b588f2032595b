"""Leave one target out: the recommendation against every measure, the static list and the hybrid of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audition.evaluation import evaluate
from audition.evaluation.value import Evaluation
from audition.recommendation import Candidate, Learned, Recommendation, recommend
from audition.recommendation.tables import tables_of
from audition.recommendation.variances import variances_of
from audition.truth import Truth
from benchmarks.recommendation.learn import history_of, learn, lesson, tables_without
from benchmarks.recommendation.pools import TLLIB, Pool

DEFAULTS = ("logme", "regularized_h_score")
FULL, FEW, ALONE, PRIOR = (
    "recommendation", "recommendation, default measures", "recommendation, no history", "recommendation, no features",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """A target that nothing was learned from, and what was recommended there."""

    pool: Pool
    found: Mapping[str, Recommendation]

    def scores(self, form: str) -> dict[str, float]:
        """model -> expected accuracy."""
        return {row.model: row.mean for row in self.found[form]}


def hold_out(pools: Sequence[Pool], held: Pool) -> Held:
    """Everything from the other targets: weights, variances, tables, history; none uses the same data."""
    others = [pool for pool in pools if pool.data != held.data]
    tables = tables_without(held.data, but=held.source if held.source == TLLIB else "")
    knowledge, history = learn(others, tables), history_of(pools, held)
    whole, few = _candidates(held, tuple(held.scores)), _candidates(held, DEFAULTS)
    forms = {
        FULL: (whole, history),
        FEW: (few, history),
        ALONE: (whole, None),
        PRIOR: (_candidates(held, ()), history),
    }
    return Held(
        held,
        {
            form: recommend(rows, task=held.task, history=own, knowledge=knowledge, tables=tables)
            for form, (rows, own) in forms.items()
            if form != FEW or set(DEFAULTS) <= set(held.scores)
        },
    )


def hold_out_of_its_own(pools: Sequence[Pool], held: Pool) -> Held:
    """Everything from the other targets of the same table: no other table and no other truth teaches anything."""
    others = [pool for pool in pools if pool.source == held.source and pool.data != held.data]
    history = history_of(pools, held)
    knowledge = Learned(tuple(map(lesson, others)), variances_of(tables_of(history)), 1.0, {})
    rows = _candidates(held, tuple(held.scores))
    found = recommend(rows, task=held.task, history=history, knowledge=knowledge, tables=[])
    return Held(held, {FULL: found})


def _candidates(pool: Pool, measures: Sequence[str]) -> list[Candidate]:
    return [
        Candidate(model, scores={name: pool.scores.get(name, {}).get(model) for name in measures})
        for model in pool.accuracy
    ]


def judged(held: Sequence[Held]) -> Evaluation:
    """The forms of the recommendation beside every measure and the static list, on all targets given."""
    truth = Truth.of("fine-tuning", {_name(one.pool): _called(one.pool, one.pool.accuracy) for one in held})
    forms = [form for form in (FULL, FEW, ALONE, PRIOR) if any(form in one.found for one in held)]
    ours = {
        form: {_name(one.pool): _called(one.pool, one.scores(form)) for one in held if form in one.found}
        for form in forms
    }
    names = sorted({name for one in held for name in one.pool.scores})
    theirs = {
        name: {_name(o.pool): _called(o.pool, o.pool.scores[name]) for o in held if name in o.pool.scores}
        for name in names
    }
    return evaluate({**ours, **theirs}, truth, k=(1, 2, 3))


def _name(pool: Pool) -> str:
    return f"{pool.source}/{pool.target}"


def _called(pool: Pool, column: Mapping[str, float]) -> dict[str, float]:
    return {f"{pool.source}/{model}": value for model, value in column.items()}


def regret(pool: Pool, tuned: Sequence[str]) -> float:
    """Points lost by the best of the models that were tuned."""
    return max(pool.accuracy.values()) - max(pool.accuracy[model] for model in tuned)


def hybrid(pools: Sequence[Pool], held: Held, probe: str) -> list[str]:
    """Renggli et al.'s order: first the best by the static list and the best by a probe, then the next of each."""
    history = history_of([*pools, held.pool], held.pool)
    listed = Truth.of("list", {**history.cells(), "new": held.pool.accuracy}).static_list()["new"]
    by_list = sorted(held.pool.accuracy, key=lambda model: -listed.get(model, 0.0))
    scores = held.pool.scores[probe]
    by_probe = sorted(scores, key=lambda model: -scores[model])
    taken: list[str] = []
    for pair in zip(by_list, by_probe, strict=False):
        taken += [model for model in pair if model not in taken]
    return taken
