"""What tuning gave: scores on rows that it never saw, how sure they are, and what is taken for what."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Array, Float64
from audition.data.base import Task
from audition.errors import InputError
from audition.tuning.results import scores
from audition.tuning.results.measured import CONFIDENCE, RESAMPLES, Score, measured
from audition.tuning.results.scores import Weighted
from audition.tuning.rows.answers import Answers

HEADLINE: dict[Task, str] = {"classification": "accuracy", "multilabel": "macro ROC AUC", "regression": "R²"}
"""The score that a task is judged by first."""

LOWER_IS_BETTER = ("log loss", "calibration error", "MAE", "RMSE")


@dataclass(frozen=True, eq=False)
class Outcome:
    """The scores of a network on rows that took no part in fitting it.

    rows: how many. scores: by name. by_label: the same of each of several labels or targets. confusion: of
    classes, int [C, C], rows of each true class (first axis) by predicted class, else None.
    """

    task: Task
    classes: tuple[Hashable, ...]
    rows: int
    scores: Mapping[str, Score]
    by_label: Mapping[str, Mapping[str, Score]] = field(default_factory=dict)
    confusion: NDArray[np.int64] | None = None

    @property
    def headline(self) -> Score:
        """Accuracy, macro ROC AUC or R²."""
        return self.scores[HEADLINE[self.task]]

    def confused(self, most: int = 5) -> list[tuple[Hashable, Hashable, int, int]]:
        """The pairs (true class, predicted class, rows, rows of the true class) that are confused most often."""
        if self.confusion is None:
            return []
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        pairs = (divmod(int(place), len(wrong)) for place in order)
        totals = self.confusion.sum(1)
        return [
            (self.classes[i], self.classes[j], int(wrong[i, j]), int(totals[i]))
            for i, j in pairs
            if wrong[i, j]
        ]

    def confusion_csv(self) -> str:
        """The confusion matrix as CSV: a line a true class, a column a predicted one; "" where there is none."""
        if self.confusion is None:
            return ""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["true \\ predicted", *self.classes])
        for label, counts in zip(self.classes, self.confusion.tolist(), strict=True):
            writer.writerow([label, *counts])
        return text.getvalue()

    def to_json(self) -> dict[str, Any]:
        """A plain value with everything but the classes; NaN is None."""
        return {
            "rows": self.rows,
            "confidence": CONFIDENCE,
            "scores": _plain(self.scores),
            "by_label": {name: _plain(found) for name, found in self.by_label.items()},
            "confusion": None if self.confusion is None else self.confusion.tolist(),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any], answers: Answers) -> Outcome:
        """The value that was written; raises KeyError, TypeError or ValueError for one that is none."""
        confusion, scores = plain["confusion"], _scores_of(plain["scores"])
        if HEADLINE[answers.task] not in scores:
            raise ValueError(f"no {HEADLINE[answers.task]} is among the scores")
        return cls(
            answers.task,
            answers.classes,
            _count(plain["rows"]),
            scores,
            {str(name): _scores_of(found) for name, found in plain["by_label"].items()},
            None if confusion is None else _confusion_of(confusion, len(answers.classes)),
        )


Missing = TypeVar("Missing", float, None)


def judge(
    answers: Answers,
    outputs: Array,
    targets: Array,
    groups: Array | None = None,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Outcome:
    """How well the outputs [n, K] of a network suit targets as it was fitted on, with 90 % intervals.

    targets: codes int [n]; 0 and 1 [n, K]; or standardised numbers [n, K], which come back in the user's
    units. groups: n values; rows of one are drawn together.

    Raises InputError for no rows, or outputs and targets that do not fit together.
    """
    outputs, targets = np.asarray(outputs), np.asarray(targets)
    _check(answers, outputs, targets)
    units = np.arange(len(outputs)) if groups is None else np.unique(groups, return_inverse=True)[1]
    whole, each = _measures(answers, outputs, targets)
    every = {("", name): of for name, of in whole.items()}
    every |= {(label, name): of for label, found in each.items() for name, of in found.items()}
    found = measured(every, units, resamples, seed)
    return Outcome(
        answers.task,
        answers.classes,
        len(outputs),
        {name: found["", name] for name in whole},
        {label: {name: found[label, name] for name in each[label]} for label in each},
        _confusion(answers, outputs, targets),
    )


def _check(answers: Answers, outputs: Array, targets: Array) -> None:
    if not len(outputs):
        raise InputError("There are no rows to judge the network by.")
    shape = (len(outputs), len(answers.classes))
    if outputs.shape != shape or len(targets) != len(outputs):
        raise InputError(
            f"The outputs are {outputs.shape} and the targets {targets.shape}, where outputs {shape} are needed."
        )
    if not np.isfinite(outputs).all():
        raise InputError("The network gives outputs that are NaN or infinite.")


def _measures(
    answers: Answers, outputs: Array, targets: Array
) -> tuple[dict[str, Weighted], dict[str, dict[str, Weighted]]]:
    """Each score as a function of the weights of rows; and the same of each label or target."""
    if answers.task == "classification":
        return _of_classes(answers.probabilities(outputs), targets.astype(np.intp)), {}
    if answers.task == "multilabel":
        return _of_labels(answers, answers.probabilities(outputs), targets)
    return _of_numbers(answers, answers.numbers(outputs), answers.numbers(targets.reshape(len(outputs), -1)))


def _of_classes(probabilities: Float64, codes: NDArray[np.intp]) -> dict[str, Weighted]:
    return {
        "accuracy": partial(scores.accuracy, probabilities, codes),
        "balanced accuracy": partial(scores.balanced_accuracy, probabilities, codes),
        "macro F1": partial(scores.macro_f1, probabilities, codes),
        "log loss": partial(scores.log_loss, probabilities, codes),
        "calibration error": partial(scores.calibration_error, probabilities, codes),
    }


def _of_labels(
    answers: Answers, probabilities: Float64, truth: Array
) -> tuple[dict[str, Weighted], dict[str, dict[str, Weighted]]]:
    ones = {"ROC AUC": scores.roc_auc, "average precision": scores.average_precision}
    whole: dict[str, Weighted] = {
        f"macro {name}": partial(scores.over_labels, one, probabilities, truth) for name, one in ones.items()
    }
    return whole, {
        str(label): {name: partial(one, probabilities[:, k], truth[:, k]) for name, one in ones.items()}
        for k, label in enumerate(answers.classes)
    }


def _of_numbers(
    answers: Answers, predicted: Float64, targets: Float64
) -> tuple[dict[str, Weighted], dict[str, dict[str, Weighted]]]:
    def of(columns: slice) -> dict[str, Weighted]:
        parts = predicted[:, columns], targets[:, columns]
        return {
            "R²": partial(scores.r_squared, *parts),
            "MAE": partial(scores.absolute_error, *parts),
            "RMSE": partial(scores.root_error, *parts),
        }

    number = targets.shape[1]
    each = {str(answers.classes[k]): of(slice(k, k + 1)) for k in range(number)} if number > 1 else {}
    return of(slice(None)), each


def _confusion(answers: Answers, outputs: Array, targets: Array) -> NDArray[np.int64] | None:
    if answers.task != "classification":
        return None
    number = len(answers.classes)
    pairs = targets.astype(np.intp) * number + outputs.argmax(1)
    return np.bincount(pairs, minlength=number**2).reshape(number, number).astype(np.int64)


def _plain(found: Mapping[str, Score]) -> dict[str, dict[str, float | None]]:
    return {
        name: {key: value if value == value else None for key, value in asdict(score).items()}
        for name, score in found.items()
    }


def _scores_of(plain: Mapping[str, Any]) -> dict[str, Score]:
    return {
        str(name): Score(_or(score["value"], float("nan")), _or(score["low"], None), _or(score["high"], None))
        for name, score in plain.items()
    }


def _or(number: Any, missing: Missing) -> float | Missing:
    return missing if number is None else float(number)


def _count(number: Any) -> int:
    if type(number) is not int or not 0 <= number < 2**53:
        raise ValueError(f"{number!r} is no number of rows")
    return number


def _confusion_of(plain: Any, classes: int) -> NDArray[np.int64]:
    if not isinstance(plain, list) or [len(row) for row in plain] != [classes] * classes:
        raise ValueError("the confusion is no table of the classes")
    return np.array([[_count(number) for number in row] for row in plain], dtype=np.int64)
