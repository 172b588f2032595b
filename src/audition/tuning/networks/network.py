"""A body and a head: batches of preprocessed items -> features, and what is said of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audition.errors import InputError
from audition.tuning.networks.body import Body

SPREAD = 0.01  # of a new head's weights: at the start all classes are about as likely


class Head(nn.Module):  # type: ignore[misc]
    """Features less their mean and over their overall spread, then a linear layer.

    centre: [D], scale: [], fixed; so that one grid of rates serves networks whose features are of any size.
    linear: the weights that learn, [K, D] and [K].
    """

    def __init__(self, width: int, outputs: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(width))
        self.register_buffer("scale", torch.ones(()))
        self.linear = _blank(width, outputs)

    @classmethod
    def of(cls, features: NDArray[Any], outputs: int, *, seed: int) -> Head:
        """A new head for features [N, D] of the training rows; its weights are small and drawn by `seed`.

        Raises InputError for features that are no finite numbers.
        """
        rows = np.asarray(features, dtype=np.float64)
        if rows.ndim != 2 or not len(rows) or not np.isfinite(rows).all():
            raise InputError(
                "A head is made for features [N, D] of finite numbers, at least one row of them."
            )
        centre = rows.mean(axis=0)
        spread = float(np.sqrt(np.square(rows - centre).mean()))
        head = cls(rows.shape[1], outputs)
        with torch.no_grad():
            head.centre.copy_(torch.from_numpy(centre))
            head.scale.fill_(spread if spread > 0 else 1.0)
            head.linear.weight.normal_(0.0, SPREAD, generator=torch.Generator().manual_seed(seed))
        return head

    def forward(self, features: Tensor) -> Tensor:
        """Outputs [n, K] of features [n, D]."""
        return self.linear((features - self.centre) / self.scale)

    def plain(self) -> nn.Linear:
        """The same function of features as one linear layer."""
        weight = self.linear.weight.detach().double() / self.scale.double()
        made = _blank(weight.shape[1], weight.shape[0])
        with torch.no_grad():
            made.weight.copy_(weight)
            made.bias.copy_(self.linear.bias.double() - weight @ self.centre.double())
        return made.to(self.linear.weight.device)


def _blank(width: int, outputs: int) -> nn.Linear:
    """A linear layer of zeros; torch's own would take numbers from the generator that all share."""
    made = nn.utils.skip_init(nn.Linear, width, outputs)
    nn.init.zeros_(made.weight)
    nn.init.zeros_(made.bias)
    return made


class Network(nn.Module):  # type: ignore[misc]
    """forward: a batch of preprocessed items -> features [n, D] of the body, outputs [n, K] of the head."""

    def __init__(self, body: Body, head: Head) -> None:
        super().__init__()
        self.body = body
        self.head = head.to(body.model.device)

    def forward(self, batch: NDArray[Any]) -> tuple[Tensor, Tensor]:
        """Features and outputs of a batch."""
        features = self.body(batch)
        return features, self.head(features)
