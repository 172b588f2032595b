"""What teachers say of every item: LogME's posteriors on their features, weighed by their evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Array, Float64
from audition.data.base import Dataset
from audition.data.features import Features
from audition.data.subset import Subset
from audition.errors import InputError
from audition.extraction import SILENT, CacheLike, Watch
from audition.labels import ClassLabels, Labels, as_labels, task_of
from audition.metrics.checks import check_positive
from audition.models.base import Model
from audition.models.torch.library import AUTO
from audition.models.trust import Trust
from audition.tuning.rows.some_rows import Rows
from audition.tuning.teachers.posteriors import Posterior, fit_posterior
from audition.tuning.teachers.sitting import Sitting, Teacher, teachers_of


@dataclass(frozen=True, eq=False)
class Pooled:
    """What several teachers say together: ȳ(x) = Σ_k π_k W_k φ_k(x), π = softmax(score / temperature).

    outputs: ȳ, float32 [V, N, K]: of V views of N items, a column a class. mixture: π, float64 [T].
    posteriors: of the T teachers. notes: what a reader should know.
    """

    outputs: NDArray[np.float32]
    mixture: Float64
    posteriors: tuple[Posterior, ...]
    notes: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the teachers."""
        return tuple(posterior.name for posterior in self.posteriors)

    @property
    def noise(self) -> float:
        """The variance of targets about what the teachers say, as their evidence has it, weighed as they are."""
        return float(self.mixture @ [posterior.noise for posterior in self.posteriors])


def pooled_teachers(
    teachers: Any,
    views: Sequence[Dataset],
    labels: Labels,
    rows: Rows,
    *,
    temperature: float = 0.1,
    cache: CacheLike = None,
    device: str = AUTO,
    trust: Trust = (),
    batch_size: int | None = None,
    watch: Watch = SILENT,
    opened: dict[Teacher, Model] | None = None,
) -> Pooled:
    """What teachers say of every view of every item.

    teachers: models' names or patterns, Models, torch modules, `Features` or arrays [N, D], each alone or as a
    pair with a layer (else the last). views: the data set as it is, then as others see it (`seen_through`).
    labels: of its N items. rows: the training rows, which alone the posteriors are fitted on, in the first view.
    temperature: of the mixture; towards 0 the teacher of the highest evidence speaks alone.
    cache: where features are kept: an item goes through a teacher once a view, and never again. opened: networks
    that are open already. The others are as in `extract`.

    Features that were computed before are of one view, and stand for all of them.
    Raises InputError for no teacher, labels that are not the data's and a temperature that is not positive;
    ModelError for a teacher that says nothing, see `fit_posterior`; what extraction raises.
    """
    check_positive(temperature, "temperature", "tune")
    data = views[0]
    _check_labels(labels, data)
    known = teachers_of(teachers, data)
    sitting = Sitting(cache, device, trust, batch_size, watch, {} if opened is None else opened)
    whole = list(sitting.features(known, data))  # on disk where they are large
    posteriors, notes = _posteriors(sitting, known, whole, data, labels, rows)
    mixture = mixture_of([posterior.score for posterior in posteriors], temperature)
    panel = [_Speaker(*each) for each in zip(known, posteriors, mixture.tolist(), strict=True)]
    outputs = _outputs(sitting, panel, whole, views)
    return Pooled(outputs, mixture, posteriors, (*notes, *_of_views(known, len(views))))


@dataclass(frozen=True, eq=False)
class _Speaker:
    """A teacher that has been fitted, and its weight."""

    teacher: Teacher
    posterior: Posterior
    weight: float

    def says(self, features: Features) -> Float64:
        """π_k W_k φ_k(x), float64 [N, K]."""
        (matrix,) = features.layers.values()
        return self.weight * self.posterior.outputs(matrix)


def _outputs(
    sitting: Sitting, panel: Sequence[_Speaker], whole: Sequence[Features], views: Sequence[Dataset]
) -> NDArray[np.float32]:
    """What all say together of every view, float32 [V, N, K]: one view, and one teacher, after the other."""
    pairs = list(zip(panel, whole, strict=True))
    constant = _together(pair for pair in pairs if pair[0].teacher.precomputed)
    run = [speaker for speaker in panel if not speaker.teacher.precomputed]
    said = [constant + _together(pair for pair in pairs if not pair[0].teacher.precomputed)]
    for view in views[1:]:
        seen = sitting.features([speaker.teacher for speaker in run], view) if run else ()
        said.append(constant + _together(zip(run, seen, strict=True)))
    return np.stack([np.asarray(each, dtype=np.float32) for each in said])


def _together(panel: Iterable[tuple[_Speaker, Features]]) -> Any:
    """The sum of what some say, float64 [N, K]; 0 where there is none."""
    return sum(speaker.says(features) for speaker, features in panel)


def mixture_of(scores: Sequence[float], temperature: float) -> Float64:
    """softmax(score / temperature), float64 [T]: the weights of teachers by their evidence.

    >>> mixture_of([0.2, 0.1], 0.1).round(3).tolist()
    [0.731, 0.269]
    """
    behind = np.asarray(scores, dtype=np.float64)
    with np.errstate(over="ignore"):  # far behind the best is nothing
        weights = np.exp((behind - behind.max()) / temperature)
    return np.asarray(weights / weights.sum())


def _posteriors(
    sitting: Sitting,
    teachers: Sequence[Teacher],
    found: Sequence[Features],
    data: Dataset,
    labels: Labels,
    rows: Rows,
) -> tuple[tuple[Posterior, ...], list[str]]:
    """The posterior of each teacher, and a note where it comes from what a ranking kept."""
    trained = Subset(data, frozenset(rows.tolist()))
    fitted, notes = [], []
    for teacher, features, kept in zip(teachers, found, sitting.statistics(teachers, trained), strict=True):
        ((layer, matrix),) = features.layers.items()
        fitted.append(fit_posterior(matrix, labels, rows, name=teacher.name, layer=layer, kept=kept))
        if kept is not None:
            notes.append(
                f"{teacher.name}: its posterior is of the statistics that a ranking of these rows kept."
            )
    return tuple(fitted), notes


def _of_views(teachers: Sequence[Teacher], count: int) -> list[str]:
    if count == 1:
        return []
    return [
        f"{teacher.name}: its features were computed before, of whole pictures; they stand for all {count} views."
        for teacher in teachers
        if teacher.precomputed
    ]


def _check_labels(labels: Labels, data: Dataset) -> None:
    """Raises InputError for labels that are not those of the data, an item a row."""
    own = as_labels([item.label for item in data.items()], task=data.task)
    if task_of(labels) != task_of(own) or not np.array_equal(_values(labels), _values(own)):
        raise InputError(
            f"The labels are not those of {data.name!r}: give what as_labels makes of its items'."
        )


def _values(labels: Labels) -> Array:
    return labels.codes if isinstance(labels, ClassLabels) else labels.values


def ensemble(pooled: Pooled, rows: Rows, *, view: int = 0) -> NDArray[np.float32]:
    """What the teachers alone predict of some rows, float32 [n, K]: the class is the largest (`argmax`).

    Of several labels, those above ½; targets in units of their mean and spread over the training rows.
    """
    said: NDArray[np.float32] = pooled.outputs[view, rows]
    return said


def ensemble_score(
    pooled: Pooled, targets: Array, rows: Rows, score: Callable[[Array, Array], float]
) -> float:
    """How good the teachers alone are on some rows, by a score of outputs [n, K] and targets; no network is tuned.

    >>> pooled = Pooled(np.float32([[[0.9, 0.1], [0.2, 0.6]]]), np.ones(1), ())
    >>> accuracy = lambda outputs, targets: float((outputs.argmax(axis=1) == targets).mean())
    >>> ensemble_score(pooled, np.array([0, 0]), np.arange(2), accuracy)
    0.5
    """
    return float(score(ensemble(pooled, rows), targets[rows]))
