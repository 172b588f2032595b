"""The exponential average of a network's weights: what is judged and kept where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class Average:
    """The average of all numbers of a network, buffers included, over the steps so far.

    decay: of the average, once there have been enough steps; while they are few the average is shorter, as
    the first weights say nothing.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self._now = _numbers(network)
        self.weights = {name: value.detach().clone() for name, value in self._now.items()}

    def update(self, step: int) -> None:
        """Takes in the weights after a step, counted from 1."""
        decay = min(self.decay, step / (step + 9))
        get_ema_multi_avg_fn(decay)(list(self.weights.values()), list(self._now.values()), None)

    def restore(self, weights: Mapping[str, Tensor]) -> None:
        """Puts back what `weights` was."""
        _copied(weights, self.weights)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """While it is open, the network has the averaged weights."""
        own = {name: value.detach().clone() for name, value in self._now.items()}
        _copied(self.weights, self._now)
        try:
            yield
        finally:
            _copied(own, self._now)


def _copied(values: Mapping[str, Tensor], into: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, value in into.items():
            value.copy_(values[name])


def _numbers(network: nn.Module) -> dict[str, Tensor]:
    """The floating tensors of a network, each once however many names it has, as they are now and later."""
    found: dict[int, tuple[str, Tensor]] = {}
    for name, value in network.state_dict(keep_vars=True).items():
        if value.is_floating_point():
            found.setdefault(id(value), (name, value.detach()))
    return dict(found.values())
