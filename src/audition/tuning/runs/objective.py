"""What is learned: its loss, and the score by which states are compared (higher is better)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from audition.arrays import Float64
from audition.tuning.rows.examples import Examples, Task
from audition.tuning.runs.settings import Settings

SCORES: dict[Task, str] = {"classification": "accuracy", "multilabel": "macro ROC AUC", "regression": "R²"}
HEAVIEST = 100.0  # how much more a label that is there may count than one that is not


@dataclass(frozen=True, eq=False)
class Objective:
    """The loss of a task as a mean over rows, and its score.

    outputs: how many the network has, K. weights: float32 [K], how much a row of each class counts (mean 1
    over the training rows), or of each label where it is there; None where all count the same.
    label_smoothing: as in `Settings`.
    """

    task: Task
    outputs: int
    weights: Tensor | None = None
    label_smoothing: float = 0.0

    @property
    def score_name(self) -> str:
        """What the score is: "accuracy", "macro ROC AUC" or "R²"."""
        return SCORES[self.task]

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The mean over rows, a scalar: cross-entropy, binary cross-entropy, or the squared error.

        outputs [n, K]; targets [n] or [n, K] as in `Examples`. It is a mean of what each row gives, so that
        a batch in pieces has the same one.
        """
        weights = None if self.weights is None else self.weights.to(outputs.device)
        if self.task == "classification":
            smooth = self.label_smoothing
            return F.cross_entropy(outputs, targets, weights, reduction="none", label_smoothing=smooth).mean()
        if self.task == "multilabel":
            targets = targets * (1 - self.label_smoothing) + self.label_smoothing / 2
            return F.binary_cross_entropy_with_logits(outputs, targets, pos_weight=weights)
        return F.mse_loss(outputs, targets)

    def score(self, outputs: NDArray[np.float32], targets: NDArray[np.generic]) -> float:
        """Accuracy, the mean area under the ROC curve of the labels, or the mean R² of the targets.

        Labels that all or none of the rows have, and targets that are the same in all, do not count; nan
        where nothing is left, and without rows.
        """
        if not len(targets):
            return float("nan")
        if self.task == "classification":
            return float((outputs.argmax(axis=1) == targets).mean())
        varied = np.flatnonzero((targets != targets[:1]).any(axis=0))
        if not len(varied):
            return float("nan")
        kept, true = outputs[:, varied].astype(np.float64), targets[:, varied].astype(np.float64)
        return _areas(kept, true) if self.task == "multilabel" else _explained(kept, true)


def _areas(outputs: Float64, targets: Float64) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(targets, outputs, average="macro"))


def _explained(outputs: Float64, targets: Float64) -> float:
    from sklearn.metrics import r2_score

    return float(r2_score(targets, outputs, multioutput="uniform_average"))


def objective_of(examples: Examples, settings: Settings, *, outputs: int | None = None) -> Objective:
    """The objective of examples, with class weights from the training rows where settings ask for them.

    outputs: how many classes there are, by default one more than the highest among the targets.
    """
    targets = examples.targets
    if outputs is None:
        outputs = int(targets.max()) + 1 if examples.task == "classification" else targets.shape[1]
    weights = None
    if settings.class_weights == "balanced":
        weights = _balanced(targets[examples.parts.train], examples.task, outputs)
    return Objective(examples.task, outputs, weights, settings.label_smoothing)


def _balanced(targets: NDArray[np.generic], task: Task, outputs: int) -> Tensor:
    """Classes: rows over (classes that occur × rows of the class). Labels: rows without over rows with."""
    if task == "multilabel":
        there = targets.astype(np.float64).sum(axis=0)
        weights = np.clip((len(targets) - there) / np.maximum(there, 1), 1 / HEAVIEST, HEAVIEST)
    else:
        counts = np.bincount(targets.astype(np.intp), minlength=outputs)
        weights = len(targets) / (np.maximum(counts, 1) * np.count_nonzero(counts))
        weights[counts == 0] = 0.0
    return torch.from_numpy(weights.astype(np.float32))
