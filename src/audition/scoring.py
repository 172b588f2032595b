"""Several measures of one set of features, sharing the statistics and their eigendecomposition."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from audition.errors import AuditionWarning, InputError
from audition.labels import Task
from audition.metrics.measure import Metric
from audition.metrics.registry import parse_metrics
from audition.sample import Sample, as_probabilities, as_sample

DEFAULT_METRICS = {
    "classification": ("logme", "regularized_h_score"),
    "multilabel": ("logme", "regularized_h_score"),
    "regression": ("logme", "lfc"),
}
"""A few that suit each task: for classes, the pair that agrees best with the truth of the zoo
(`python -m benchmarks quality`), and statistics are enough for both."""

LAYER_METRICS = {
    "classification": ("logme", "transrate", "regularized_h_score"),
    "multilabel": ("logme", "transrate", "regularized_h_score"),
    "regression": ("logme", "transrate", "lfc"),
}
"""Those that suit the layers of one network."""


def score(
    features: Any,
    labels: Any = None,
    *,
    metrics: str | Sequence[str] | None = None,
    source_probabilities: Any = None,
    groups: Any = None,
    task: Task = "auto",
) -> dict[str, float]:
    """The scores of features by several measures, higher is better; statistics are made only once.

    features: [N, D] of any framework, or `Statistics` in place of features and labels.
    labels: N classes, N sets of labels (or columns of 0 and 1), or targets.
    metrics: names such as "logme", "logme:exact" or "sfda+ped", as a list or separated by commas; by
    default a few that suit the task.
    source_probabilities: [N, S] of the model's own head, for leep and nce.
    groups: N values, equal for rows that belong together, such as the tokens of one sentence: measures
    that hold rows out (knn_accuracy, linear_probe) hold out whole groups.

    Raises InputError for bad input and for a measure that is not defined for the task,
    UnknownNameError for a measure that does not exist.

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> {name: round(value, 3) for name, value in score(X, y, metrics="logme,h_score").items()}
    {'logme': -0.16, 'h_score': 1.192}
    """
    sample = as_sample(features, labels, task, groups)
    sample = with_probabilities(sample, source_probabilities)
    wanted = parse_metrics(metrics) if metrics is not None else default_metrics(sample)
    share(sample, wanted)
    return {str(metric): metric(sample) for metric in wanted if check_suits(metric, sample)}


def share(sample: Sample, metrics: Sequence[Metric]) -> None:
    """Makes the statistics before measures that could each do with less, so that all use the same."""
    looking = [metric for metric in metrics if metric.measure.needs in ("statistics", "features")]
    if len(looking) > 1 and not all(metric.moved for metric in looking):
        _ = sample.rotated.statistics


def with_probabilities(sample: Sample, source_probabilities: Any) -> Sample:
    """The sample with the probabilities of a head, checked; None leaves it as it is."""
    if source_probabilities is None:
        return sample
    probabilities = as_probabilities(source_probabilities)
    if sample.labels is not None and len(probabilities) != len(sample.labels):
        raise InputError(
            f"There are {len(sample.labels)} labels but {len(probabilities)} rows of source probabilities."
        )
    return replace(sample, source_probabilities=probabilities)


def default_metrics(sample: Sample) -> tuple[Metric, ...]:
    """A few measures that suit the task; of statistics alone, those for which they are enough."""
    metrics = parse_metrics(DEFAULT_METRICS[sample.task])
    if sample.given is None:
        return metrics
    enough = [metric for metric in metrics if metric.measure.needs == "statistics"]
    if sample.given.moments.quartic is None:
        enough = [metric for metric in enough if not metric.measure.higher_moments]
    return tuple(enough)


def check_suits(metric: Metric, sample: Sample) -> bool:
    """True, or InputError with the reason why a measure is not defined for a sample."""
    check_task(metric, sample.task)
    if metric.measure.needs_head and sample.source_probabilities is None:
        raise InputError(
            f"{metric} needs source_probabilities [rows, classes], those of the model's own head; "
            "in a file they stand under that name."
        )
    return True


def check_task(metric: Metric, task: str) -> None:
    """Raises InputError where a measure is not defined for a task."""
    if task not in metric.tasks:
        variants = [
            f"{metric.measure.name}:{variant}"
            for variant, tasks in metric.measure.variant_tasks
            if task in tasks
        ]
        instead = f" Use {variants[0]}." if variants and not metric.moved else ""
        raise InputError(f"{metric} is not defined for {task}; it is for {_and(metric.tasks)}.{instead}")


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


@dataclass(frozen=True)
class Scored:
    """Scores of one sample: by metric (None where it has none), what was said of them, seconds.

    parts: what measures of candidates take from this one; their scores come with the others'.
    """

    scores: dict[str, float | None]
    notes: tuple[str, ...]
    seconds: float
    parts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


Compute = Callable[[Sample, Metric], tuple[float, ...]]


def numbers_of(sample: Sample, metric: Metric) -> tuple[float, ...]:
    """The score of a metric, or what a measure of candidates takes from one of them."""
    check_suits(metric, sample)
    if metric.measure.pool is None:
        return (metric(sample),)
    parts = metric.parts(sample)
    if not np.isfinite(parts).all():  # one of them would leave no candidate a score
        raise InputError(f"what it takes from this candidate is not finite: {parts}.")
    return parts


def score_all(sample: Sample, metrics: Sequence[Metric], compute: Compute = numbers_of) -> Scored:
    """Every metric of a sample; warnings and failures become notes, so that one does not sink the rest.

    compute: gives the numbers of one metric, for who wants to know more of it than the score.
    """
    scores: dict[str, float | None] = {}
    parts: dict[str, tuple[float, ...]] = {}
    notes: list[str] = []
    began = time.perf_counter()
    with suppress(MemoryError):  # each measure that asks for them says so for itself
        share(sample, metrics)
    for metric in metrics:
        name = str(metric)
        values, said = tried(partial(compute, sample, metric))
        notes += [f"{name}: {note}" for note in said]
        scores[name] = None
        if values is not None and metric.measure.pool is not None:
            parts[name] = values
        elif values is not None:
            scores[name] = values[0]
    return Scored(scores, tuple(dict.fromkeys(notes)), time.perf_counter() - began, parts)


def tried(compute: Callable[[], tuple[float, ...]]) -> tuple[tuple[float, ...] | None, list[str]]:
    """Numbers of one computation, None where it has none; and why, with what was warned of."""
    values: tuple[float, ...] | None = None
    failed: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", AuditionWarning)
        try:
            values = compute()
        except (InputError, MemoryError, np.linalg.LinAlgError) as error:
            failed.append(str(error) or "not enough memory")
    if values is not None and np.isnan(values).any():
        values = None
        failed.append("it is not a number for these features")
    return values, failed + [str(warning.message) for warning in caught]
