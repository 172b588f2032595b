"""The truth beside the scores: measure by measure, how far they agree with what fine-tuning gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audition.evaluation import evaluate
from audition.ranking.value import Ranking
from audition.truth import Truth

TAU = "weighted_tau"


@dataclass(frozen=True)
class Verdict:
    """A measure beside the truth. tau: τ_w, with its interval over the models where there are enough.

    points: name, score and true result of each candidate that has both.
    """

    measure: str
    tau: float | None
    span: tuple[float, float] | None
    points: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Judged:
    """verdicts: the best first. citation: of the truth. notes: what was left out."""

    truth: str
    verdicts: tuple[Verdict, ...]
    citation: str
    notes: tuple[str, ...]


def judged(
    ranking: Ranking, truth: Truth | str | Path | Mapping[str, Any], *, dataset: str | None = None
) -> Judged:
    """The ranking beside a truth; raises InputError as `evaluate` does."""
    evaluation = evaluate(ranking, truth, dataset=dataset, k=(1,))
    verdicts = []
    for measure, estimates in evaluation.estimates.items():
        for pairs in evaluation.judged[measure].values():
            found = estimates[TAU]
            span = (
                None
                if found.over_models is None
                else (float(found.over_models[0]), float(found.over_models[1]))
            )
            points = zip(pairs.models, pairs.scores.tolist(), pairs.truth.tolist(), strict=True)
            tau = found.value if found.value == found.value else None
            verdicts.append(Verdict(measure, tau, span, tuple(points)))
    verdicts.sort(key=lambda each: -2 if each.tau is None else -each.tau)
    return Judged(evaluation.truth, tuple(verdicts), evaluation.citation, evaluation.notes)
