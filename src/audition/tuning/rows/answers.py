"""What a tuned network's outputs mean: classes, several labels, or numbers in the user's own units."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax

from audition.arrays import Array, Float64
from audition.data.base import Task
from audition.errors import InputError

TASKS = ("classification", "multilabel", "regression")
LIKELY = 0.5
"""A label is given where its probability is at least this."""


@dataclass(frozen=True)
class Answers:
    """How outputs [n, K] become answers.

    classes: K classes, names of K labels, or names of K targets (of one target: "target"). centre, scale: of
    regression, what was taken from and divided into each target; K numbers.
    """

    task: Task
    classes: tuple[Hashable, ...]
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        numbers = len(self.classes) if self.task == "regression" else 0
        if self.task not in TASKS or not self.classes:
            raise InputError(f"A tuned network has a task and classes; got {self.task!r}, {self.classes!r}.")
        if len(self.centre) != numbers or len(self.scale) != numbers:
            raise InputError("A regression has a centre and a scale a target, and nothing else has.")

    def probabilities(self, outputs: Array) -> Float64:
        """Probabilities [n, K]: of classes they sum to 1, of several labels each stands alone.

        Raises InputError for regression, which has none.
        """
        self.check_probabilities()
        values = np.asarray(outputs, dtype=np.float64)
        found: Float64 = softmax(values, axis=1) if self.task == "classification" else expit(values)
        return found

    def check_probabilities(self) -> None:
        """Raises InputError for a regression, which has none."""
        if self.task == "regression":
            raise InputError("A regression has no probabilities: use predict.")

    def predictions(self, outputs: Array) -> NDArray[Any]:
        """Classes [n] of their own type; 0 and 1 [n, K] of several labels; numbers [n], or [n, K] of several."""
        if self.task == "classification":
            likeliest: NDArray[Any] = self.as_array()[np.argmax(outputs, axis=1)]
            return likeliest
        if self.task == "multilabel":
            return (self.probabilities(outputs) >= LIKELY).astype(np.int64)
        numbers = self.numbers(outputs)
        return numbers[:, 0] if numbers.shape[1] == 1 else numbers

    def numbers(self, outputs: Array) -> Float64:
        """Standardised targets [n, K] in the user's units."""
        values: Float64 = np.asarray(outputs, dtype=np.float64) * np.array(self.scale) + np.array(self.centre)
        return values

    def as_array(self) -> NDArray[Any]:
        """The classes as an array [K]: of text or of numbers where all are one or the other, else of objects."""
        kinds = {type(label) for label in self.classes}
        if kinds in ({str}, {int}, {float}, {bool}):
            return np.array(self.classes)
        mixed = np.empty(len(self.classes), dtype=object)
        mixed[:] = self.classes
        return mixed

    def to_json(self) -> dict[str, Any]:
        """A plain value that `from_json` reads; raises InputError for classes other than text and numbers."""
        for label in self.classes:
            if not isinstance(label, (str, int, float)):
                raise InputError(f"The class {label!r} cannot be saved: only text, numbers and booleans can.")
        return {
            "task": self.task,
            "classes": list(self.classes),
            "centre": list(self.centre),
            "scale": list(self.scale),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Answers:
        """The value that was written; raises InputError, KeyError or TypeError for anything else."""
        lists = [plain[name] for name in ("classes", "centre", "scale")]
        if not all(isinstance(values, list) for values in lists):
            raise InputError("Classes, centre and scale are lists.")
        if not all(isinstance(label, (str, int, float)) for label in lists[0]):
            raise InputError("Classes are text, numbers or booleans.")
        centre, scale = (tuple(float(value) for value in values) for values in lists[1:])
        return cls(plain["task"], tuple(lists[0]), centre, scale)
