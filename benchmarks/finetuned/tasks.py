"""What is learned from a target: its loss, and the score by which networks are compared (higher is better)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

Labels = NDArray[np.float32] | NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """kind: "classes" (labels int [N]), "labels" (0 and 1, float [N, L]) or "regression" (float [N])."""

    kind: str
    outputs: int

    @property
    def metric(self) -> str:
        return {"classes": "accuracy", "labels": "macro_roc_auc", "regression": "r2"}[self.kind]

    def loss(self, outputs: Tensor, labels: Tensor) -> Tensor:
        if self.kind == "classes":
            return F.cross_entropy(outputs, labels)
        if self.kind == "labels":
            return F.binary_cross_entropy_with_logits(outputs, labels)
        return F.mse_loss(outputs[:, 0], labels)

    def score(self, outputs: Tensor, labels: Tensor) -> float:
        """Accuracy, the mean over labels of the area under the ROC curve, or R²."""
        if self.kind == "classes":
            return float((outputs.argmax(dim=1) == labels).float().mean())
        if self.kind == "labels":
            from sklearn.metrics import roc_auc_score

            return float(roc_auc_score(labels.numpy(), outputs.numpy(), average="macro"))
        return 1.0 - float((outputs[:, 0] - labels).square().sum() / (labels - labels.mean()).square().sum())


def task_of(labels: Labels) -> Task:
    if labels.ndim == 2:
        return Task("labels", labels.shape[1])
    if labels.dtype.kind == "f":
        return Task("regression", 1)
    return Task("classes", int(labels.max()) + 1)


def as_tensor(labels: Labels, train: NDArray[np.intp]) -> Tensor:
    """Labels for the loss; a regression's in units of the spread of the rows that are trained on."""
    if task_of(labels).kind == "regression":
        labels = (labels - labels[train].mean()) / labels[train].std()
    return torch.from_numpy(labels)
