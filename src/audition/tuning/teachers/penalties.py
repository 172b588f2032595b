"""What is added to the loss of a task: B-Tuning, and the baselines that it is compared with."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from audition.data.base import Task
from audition.errors import InputError
from audition.metrics.checks import check_positive
from audition.tuning.teachers.pooled import Pooled
from audition.tuning.teachers.posteriors import Posterior

LEAST_NOISE = 1e-3
"""Of teachers' logits: features that fit their training rows exactly are not infinitely sure of others."""


class Penalty(Protocol):
    """A scalar that is added to the loss of a batch, computed in float32 whatever the network computes in."""

    def __call__(self, network: Any, features: Tensor, outputs: Tensor, rows: Tensor, view: int) -> Tensor:
        """Of a `Network`, and its features [n, D] and outputs [n, K] of some items through a view.

        rows: int [n], the items' numbers among all N.
        """


@dataclass(frozen=True, eq=False)
class BTuning:
    """tradeoff · mean over rows and classes of (W φ(x) − ȳ(x))²: the student stays near what its teachers say.

    weights: W float32 [K, D], the student's own posterior means before it is tuned; they stay as they are.
    said: ȳ float32 [V, N, K], the teachers' answers. You et al., JMLR 2022.
    """

    weights: Tensor
    said: Tensor
    tradeoff: float = 100.0

    @classmethod
    def of(
        cls, student: Posterior, pooled: Pooled, *, tradeoff: float = 100.0, device: Any = "cpu"
    ) -> BTuning:
        """With the posterior of the student's features; it begins at zero where the student is its only teacher.

        device: where the network computes. Raises InputError for a posterior of other classes than the
        teachers', and for a tradeoff below zero.
        """
        _check_weight(tradeoff, "tradeoff")
        held, wanted = len(student.weights), pooled.outputs.shape[2]
        if held != wanted:
            raise InputError(f"{student.name} has a posterior of {held} classes, its teachers of {wanted}.")
        return cls(_tensor(student.weights, device), _tensor(pooled.outputs, device), tradeoff)

    def __call__(self, network: Any, features: Tensor, outputs: Tensor, rows: Tensor, view: int) -> Tensor:
        """The penalty of a batch; its gradient goes through the features alone."""
        with _in_float32(features):
            return self.tradeoff * F.mse_loss(features.float() @ self.weights.T, self.said[view, rows])


@dataclass(frozen=True, eq=False)
class Distillation:
    """tradeoff · T² · mean over rows of KL(teachers ‖ student), both softened by T (Hinton et al., 2015).

    Teachers give LogME's posterior means ȳ of 0/1 targets, which are no logits. LogME's noise, of variance s a
    column, makes them so: K columns that sum to one have noise of variance s·K/(K − 1) along every direction that
    is left to them, and with it the likelihood of class c is exp(ȳ_c (K − 1) / (K s)), but for a factor that all
    share. Teachers that are unsure are soft. Of several labels a row each is a choice of two with the logit
    (ȳ − ½) / s, and the mean is over labels, too. In a regression it is tradeoff times the mean squared error
    to ȳ, and T has no part in it.

    logits: float32 [V, N, K]. temperature: T.
    """

    logits: Tensor
    task: Task
    temperature: float = 3.0
    tradeoff: float = 1.0

    @classmethod
    def of(
        cls,
        pooled: Pooled,
        task: Task,
        *,
        temperature: float = 3.0,
        tradeoff: float = 1.0,
        device: Any = "cpu",
    ) -> Distillation:
        """From what teachers say; raises InputError for a temperature not above zero, a tradeoff below it."""
        check_positive(temperature, "temperature", "distillation")
        _check_weight(tradeoff, "tradeoff")
        return cls(_tensor(teacher_logits(pooled, task), device), task, temperature, tradeoff)

    def __call__(self, network: Any, features: Tensor, outputs: Tensor, rows: Tensor, view: int) -> Tensor:
        """The penalty of a batch; its gradient goes through the outputs alone."""
        with _in_float32(outputs):
            student, teacher = outputs.float(), self.logits[view, rows]
            if self.task == "regression":
                return self.tradeoff * F.mse_loss(student, teacher)
            apart = _of_labels if self.task == "multilabel" else _of_classes
            softened = apart(teacher / self.temperature, student / self.temperature)
            return self.tradeoff * self.temperature**2 * softened


def teacher_logits(pooled: Pooled, task: Task) -> NDArray[np.float32]:
    """What teachers say as logits, float32 [V, N, K], as in `Distillation`; targets as they are."""
    said, noise, classes = pooled.outputs, max(pooled.noise, LEAST_NOISE), pooled.outputs.shape[2]
    if task == "multilabel":
        said = (said - 0.5) / noise
    elif task == "classification":
        said = said * ((classes - 1) / classes / noise)
    return np.asarray(said, dtype=np.float32)


def _of_classes(teacher: Tensor, student: Tensor) -> Tensor:
    """The mean KL divergence of softmax(student) from softmax(teacher)."""
    sure, said = F.log_softmax(teacher, dim=1), F.log_softmax(student, dim=1)
    return F.kl_div(said, sure, reduction="batchmean", log_target=True)


def _of_labels(teacher: Tensor, student: Tensor) -> Tensor:
    """The mean over rows and labels of the KL divergence of two coins."""
    sure = torch.sigmoid(teacher)
    crossed = F.binary_cross_entropy_with_logits(student, sure)
    return crossed - F.binary_cross_entropy_with_logits(teacher, sure)


@dataclass(frozen=True, eq=False)
class L2SP:
    """alpha/2 · ‖w − w₀‖² over the body + beta/2 · ‖v‖² over the head (Li et al., ICML 2018).

    It stands in the place of a weight decay: set that to 0. Weights that are not trained do not count.
    names, start: w₀, the body's weights before they are tuned.
    """

    names: tuple[str, ...]
    start: tuple[Tensor, ...]
    alpha: float = 0.1
    beta: float = 0.01

    @classmethod
    def of(cls, network: Any, *, alpha: float = 0.1, beta: float = 0.01) -> L2SP:
        """From a network as it is now, before it is tuned; raises InputError for an alpha or beta below zero."""
        _check_weight(alpha, "alpha")
        _check_weight(beta, "beta")
        held = _trained(network.body)
        return cls(tuple(held), tuple(weight.detach().clone() for weight in held.values()), alpha, beta)

    def __call__(self, network: Any, features: Tensor, outputs: Tensor, rows: Tensor, view: int) -> Tensor:
        """The penalty of the weights as they are; the batch takes no part."""
        with _in_float32(features):
            body = _trained(network.body)
            way = [body[name] - begun for name, begun in zip(self.names, self.start, strict=True)]
            held = list(_trained(network.head).values())
            return self.alpha / 2 * _squares(way, features) + self.beta / 2 * _squares(held, features)


def _trained(module: nn.Module) -> dict[str, Tensor]:
    return {name: weight for name, weight in module.named_parameters() if weight.requires_grad}


def _squares(tensors: list[Tensor], like: Tensor) -> Tensor:
    """The sum of all squares, a scalar on the device of `like`."""
    total = torch.zeros((), device=like.device)
    for tensor in tensors:
        total = total + tensor.float().square().sum()
    return total


def _tensor(values: NDArray[Any], device: Any) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).to(device)


def _in_float32(tensor: Tensor) -> AbstractContextManager[Any]:
    """Without the lower precision that a network may compute in."""
    found: AbstractContextManager[Any] = torch.autocast(tensor.device.type, enabled=False)
    return found


def _check_weight(value: Any, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < np.inf:
        raise InputError(
            f"The {name!r} parameter of tune must be 0 or a positive number. Got {value!r} instead."
        )
