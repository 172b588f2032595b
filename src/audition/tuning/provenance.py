"""Where a tuned model comes from, as plain values that its folder keeps."""

from __future__ import annotations

import platform
from typing import Any

import torch

from audition.models.base import Model, parameters_of
from audition.models.registry import model_identity
from audition.ranking import Ranking
from audition.tuning.job import Done, Job
from audition.version import __version__

PLACES = 5  # of the ranking that are told


def provenance_of(job: Job, done: Done, ranking: Ranking | None, seconds: float) -> dict[str, Any]:
    """Model, data, rows, method, teachers, ranking, seed, versions, machine and what it took."""
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
    }
    if done.pooled is not None:
        weighed = zip(done.pooled.names, done.pooled.mixture.tolist(), strict=True)
        told["teachers"] = [f"{name} ({100 * weight:.0f} %)" for name, weight in weighed]
        told |= {"tradeoff": job.method.tradeoff, "temperature": job.method.temperature}
        told["notes"] = list(done.pooled.notes)
    if ranking is not None:
        told["ranking"] = _places(ranking)
    return told


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
