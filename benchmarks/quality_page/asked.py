"""Which measures are asked of which target."""

from __future__ import annotations

from audition.metrics.measure import Metric
from audition.metrics.registry import MEASURES, parse_metric

VARIANTS = (
    "logme:icml", "logme:exact", "pactran:released", "emms:released", "transrate:normalized", "sfda:released",
    "gbc:diagonal", "nleep:diag",
)  # fmt: skip
BINNED = ("sfda:binned", "nleep:binned")
SLOW = "nleep"  # with full covariances: minutes a network where classes are many
MANY = 40  # classes, from which on it is left out
OF_NETWORKS = "number_of_parameters"
AGAIN = (
    "logme", "logme:exact", "transrate", "h_score", "regularized_h_score", "sfda", "gbc", "lfc", "parc", "leep",
    "nce", "knn_accuracy", "logme+ped", "sfda+ped", "gbc+ped",
)  # fmt: skip
"""Those that are asked of the training rows of the other seeds, too."""


def names() -> tuple[str, ...]:
    """All that can have a score: the measures and their variants, then those after PED."""
    plain = [name for name in (*MEASURES, *VARIANTS, *BINNED) if name != OF_NETWORKS]
    return (*plain, *(f"{name}+ped" for name in plain if _movable(name)))


def _movable(name: str) -> bool:
    metric = parse_metric(name)
    return metric.measure.needs in ("statistics", "features") and "classification" in metric.tasks


def metrics(task: str, classes: int, seed: int) -> tuple[Metric, ...]:
    """What is asked of a target: all with seed 0, a choice of the fast ones with other seeds."""
    wanted = names() if seed == 0 else AGAIN
    asked = [parse_metric(name) for name in wanted]
    slow = SLOW if classes >= MANY else ""
    return tuple(
        metric for metric in asked if task in metric.tasks and str(metric).removesuffix("+ped") != slow
    )
