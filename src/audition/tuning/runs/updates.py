"""One update of the weights: gradients of a batch in as many pieces as memory asks for, clipped, and a step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from audition.tuning.rows.examples import Examples
from audition.tuning.runs.faults import NotFinite
from audition.tuning.runs.objective import Objective
from audition.tuning.runs.passes import Passes, device_of
from audition.tuning.runs.precision import scaler_of
from audition.tuning.runs.processes import Crew
from audition.tuning.runs.room import Room
from audition.tuning.runs.settings import Settings
from audition.tuning.runs.steps import Step, seed_chance

MOMENTUM = 0.9


@dataclass(frozen=True)
class Losses:
    """Of a batch: means over its rows."""

    loss: float
    penalty: float


class Updates:
    """The optimiser of a run, and all that an update goes through."""

    def __init__(
        self, network: Any, passes: Passes, examples: Examples, objective: Objective, penalty: Any,
        settings: Settings, crew: Crew, room: Room,
    ) -> None:  # fmt: skip
        self._network, self._passes, self._objective, self._penalty = network, passes, objective, penalty
        self._clip, self._crew, self._room = settings.clip, crew, room
        self._device = device_of(network)
        self._targets = torch.from_numpy(np.ascontiguousarray(examples.targets))
        self.optimiser = optimiser_of(network, settings)
        self.scaler = scaler_of(settings.precision, self._device)
        self._weights = [weight for group in self.optimiser.param_groups for weight in group["params"]]

    def targets(self, rows: Any) -> Tensor:
        """Of some rows, on the network's device."""
        return self._targets[torch.from_numpy(rows)].to(self._device)

    def gradients(self, step: Step) -> Losses:
        """Makes the gradients of a step's rows; the weights stay as they are.

        Raises NotFinite where the loss is no number, ModelError where not even one row fits into memory.
        """
        return self._room.fitting(partial(self._in_pieces, step))

    def _in_pieces(self, step: Step, size: int) -> Losses:
        """The gradients in pieces of so many rows; where that fails, what norms have seen of it is forgotten."""
        with unchanged_where_it_fails(self._network):
            return self._of_pieces(step, size)

    def _of_pieces(self, step: Step, size: int) -> Losses:
        seed_chance(step.chance, self._device)
        self.optimiser.zero_grad()
        rows = self._crew.own(step.rows)
        whole = len(step.rows) / self._crew.size
        seen = torch.zeros(2, device=self._device)
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            seen += self._backward(some, step.view, len(some) / whole)
        loss, penalty = self._crew.mean(seen).tolist()
        if not isfinite(loss + penalty):
            raise NotFinite
        return Losses(loss, penalty)

    def _backward(self, rows: Any, view: int, share: float) -> Tensor:
        """Adds a piece's share to the gradients; its share of the loss and of the penalty, [2]."""
        features, outputs = self._passes(rows, view)
        loss = self._objective.loss(outputs, self.targets(rows)) * share
        penalty = torch.zeros_like(loss)
        if self._penalty is not None:
            places = torch.from_numpy(rows).to(self._device)
            penalty = self._penalty(self._network, features, outputs, places, view) * share
        self.scaler.scale(loss + penalty).backward()
        return torch.stack((loss.detach(), penalty.detach()))

    def commit(self, rate: float) -> None:
        """Moves the weights along the gradients. rate: of the body, now."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        self.scaler.unscale_(self.optimiser)
        nn.utils.clip_grad_norm_(self._weights, self._clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()

    def state(self) -> dict[str, Tensor]:
        """What the optimiser remembers, by the place of the weight and its name there."""
        kept = self.optimiser.state_dict()["state"]
        return {f"{place}.{name}": value for place, held in kept.items() for name, value in held.items()
                if isinstance(value, Tensor)}  # fmt: skip

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Puts back what `state` gave."""
        held: dict[int, dict[str, Tensor]] = {}
        for key, value in state.items():
            place, _, name = key.partition(".")
            like = self._weights[int(place)]
            if value.shape == like.shape:  # in the same order in memory as before
                value = torch.empty_like(like).copy_(value)
            held.setdefault(int(place), {})[name] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": held, "param_groups": groups})


@contextmanager
def unchanged_where_it_fails(network: nn.Module) -> Iterator[None]:
    """Whatever is raised while it is open, and be it an interrupt, the buffers of parts that train are as before.

    Those of parts in eval mode, such as frozen norms, do not change.
    """
    held = [
        (buffer, buffer.detach().clone())
        for part in network.modules()
        if part.training
        for buffer in part.buffers(recurse=False)
    ]
    try:
        yield
    except BaseException:
        with torch.no_grad():
            for buffer, before in held:
                buffer.copy_(before)
        raise


def optimiser_of(network: Any, settings: Settings) -> torch.optim.Optimizer:
    """Over the weights that are learned; those of the head `head_factor` times as fast, no decay of vectors."""
    factor = settings.head_factor
    groups = [*_groups(network.head, factor, settings)]
    if not settings.head_only:
        groups = [*_groups(network.body, 1.0, settings), *groups]
    if settings.optimiser == "adamw":
        return torch.optim.AdamW(groups, lr=0.0)
    return torch.optim.SGD(groups, lr=0.0, momentum=MOMENTUM, nesterov=True)


def _groups(module: nn.Module, factor: float, settings: Settings) -> list[dict[str, Any]]:
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    kinds = (
        ([weight for weight in weights if weight.ndim > 1], settings.weight_decay),
        ([weight for weight in weights if weight.ndim <= 1], 0.0),
    )
    return [{"params": some, "factor": factor, "weight_decay": decay} for some, decay in kinds if some]
