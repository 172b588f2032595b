"""From rows to features and outputs: through the whole network, or from features that do not change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from audition.arrays import Matrix
from audition.spool import Spool
from audition.tuning.rows.examples import Examples
from audition.tuning.rows.parts import Rows as Rows
from audition.tuning.runs.precision import passes_in
from audition.tuning.runs.room import Room
from audition.tuning.runs.settings import Precision


class Passes(Protocol):
    """A network over the rows of examples."""

    @property
    def trained(self) -> nn.Module:
        """The part whose weights are learned."""
        ...

    def __call__(self, rows: Rows, view: int) -> tuple[Tensor, Tensor]:
        """Features [n, D] and outputs [n, K] of some rows through a view, float32."""
        ...


class WholePasses:
    """Every pass goes through body and head. forward: the network, or what stands for it in several processes."""

    def __init__(self, network: Any, forward: Any, examples: Examples, precision: Precision) -> None:
        self.trained = network
        self._forward, self._examples, self._precision = forward, examples, precision
        self._device = device_of(network)

    def __call__(self, rows: Rows, view: int) -> tuple[Tensor, Tensor]:
        with passes_in(self._precision, self._device):
            features, outputs = self._forward(self._examples.items(rows, view))
        return features.float(), outputs.float()


class HeadPasses:
    """The body's features are made once, of every view; passes go through the head alone.

    forward: the head, or what stands for it in several processes.
    """

    def __init__(
        self, network: Any, forward: Any, examples: Examples, precision: Precision, room: Room
    ) -> None:
        self.trained, self._forward = network.head, forward
        self._device = device_of(network)
        parts = examples.parts
        self._rows = np.union1d(parts.train, parts.held_out)
        with evaluated(network), passes_in(precision, self._device):
            self._views = [
                room.fitting(partial(_features, network.body, examples, self._rows, view))
                for view in range(len(examples.views))
            ]

    def __call__(self, rows: Rows, view: int) -> tuple[Tensor, Tensor]:
        kept = self._views[view][np.searchsorted(self._rows, rows)]
        features = torch.from_numpy(kept).to(self._device)
        return features, self._forward(features).float()


def _features(body: Any, examples: Examples, rows: Rows, view: int, size: int) -> Matrix:
    """Features [len(rows), D], in memory while they are few."""
    spool = Spool(len(rows))
    for start in range(0, len(rows), size):
        spool.put(body(examples.items(rows[start : start + size], view)).float().cpu().numpy())
    return spool.rows()


@contextmanager
def evaluated(network: nn.Module) -> Iterator[None]:
    """While it is open the network is in eval mode and makes no graph; afterwards it trains again."""
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train()


def device_of(network: nn.Module) -> torch.device:
    """Where the network's weights are."""
    return torch.device(next(network.parameters()).device)
