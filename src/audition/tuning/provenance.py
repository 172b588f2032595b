"""Where a tuned model comes from, as plain values that its folder keeps."""

from __future__ import annotations

import platform
from typing import Any

import torch

from audition.errors import printable
from audition.models.base import Model, parameters_of
from audition.models.registry import model_identity
from audition.ranking import Ranking
from audition.ranking.naming import short_names
from audition.tuning.job import Done, Job
from audition.tuning.rows.others import Others
from audition.tuning.rows.study import Study
from audition.tuning.runs.objective import objective_of
from audition.tuning.teachers.pooled import Pooled, ensemble_score
from audition.version import __version__

PLACES = 5  # of the ranking that are told


def provenance_of(
    job: Job, done: Done, ranking: Ranking | None, seconds: float, others: Others | None = None
) -> dict[str, Any]:
    """Model, data, rows, method, teachers, ranking, other data to test on, seed, versions, machine, what it took.

    notes: what a reader should know, of the division, the teachers, the ranking and the test.
    """
    study = job.study
    told: dict[str, Any] = {
        "model": job.model.name,
        "weights": _weights(job.model),
        "parameters": parameters_of(job.model),
        "data": study.data.name,
        "data_digest": study.digest,
        "rows": {part: len(getattr(study.parts, part)) for part in ("train", "held_out", "test")},
        "grouped": study.groups is not None,
        "skipped": list(study.skipped),
        "method": job.method.called,
        "views": [str(view) for view in study.views],
        "stopped": done.fitted.stopped,
        "best_step": done.fitted.best_step,
        "rates": [] if done.rates is None else str(done.rates).splitlines(),
        "seed": job.settings.seed,
        "versions": {
            "audition": __version__,
            "torch": torch.__version__,
            "Python": platform.python_version(),
        },
        "machine": platform.machine(),
        "seconds": round(seconds, 2),
        "notes": list(study.parts.notes),
    }
    if done.pooled is not None:
        weighed = zip(done.pooled.names, done.pooled.mixture.tolist(), strict=True)
        shown = short_names([job.model.name, *done.pooled.names])
        told["teachers"] = [f"{shown[name]} ({100 * weight:.0f} %)" for name, weight in weighed]
        told["teacher_models"] = list(done.pooled.names)
        told |= {"tradeoff": job.method.weight, "temperature": job.method.temperature}
        told["notes"] += [*done.pooled.notes, *_untuned(done, done.pooled)]
    if ranking is not None:
        told["ranking"] = _places(ranking)
        told["notes"] += _of_ranking(ranking, study)
    if others is not None:
        told["test_data"] = others.told()
        told["notes"] += others.notes
    return told


def _untuned(done: Done, pooled: Pooled) -> list[str]:
    """What it means where the teachers' own answers are better on the held-out rows than what was tuned."""
    rows, targets = done.examples.parts.held_out, done.examples.targets
    if not len(rows):
        return []
    objective = objective_of(done.examples, done.settings, outputs=pooled.outputs.shape[2])
    theirs, own = ensemble_score(pooled, targets, rows, objective.score), done.fitted.held_out
    if not theirs > own:
        return []
    return [
        f"The teachers do better as they are: on the held-out rows their own answers have {objective.score_name} "
        f"{theirs:.3f}, what was tuned has {own:.3f}. A head on the first of them costs little (--head-only)."
    ]


def _of_ranking(ranking: Ranking, study: Study) -> list[str]:
    """What it means for the scores that these items were ranked on, or others."""
    if (ranking.data, ranking.items) == (printable(study.training.name), len(study.training)):
        return []  # the others were not looked at
    notes = []
    if ranking.data != printable(study.data.name):
        notes.append(
            f"The ranking was made on {ranking.items} items of {ranking.data!r}, not on {study.data.name!r}: it may "
            "not hold there."
        )
    if len(study.parts.test):
        notes.append(
            "The ranking was made before rows were set apart to test on, and may have seen these with their labels: "
            "they then had a part in choosing the model, and the test score flatters it a little."
        )
    return notes


def _weights(model: Model) -> str | None:
    known = model_identity(model)
    return None if known is None else known.weights


def _places(ranking: Ranking) -> list[dict[str, Any]]:
    """The first places, and how likely each was to be the best."""
    if ranking.recommendation is not None:
        probable = {(row.model, row.layer): row.best for row in ranking.recommendation}
    else:
        probable = {(row.model, row.layer): row.standing.best for row in ranking.placed if row.standing}
    return [
        {
            "place": row.place,
            "model": ranking.called(row),
            "probability": probable.get((row.model, row.layer)),
        }
        for row in ranking.placed[:PLACES]
    ]
