"""The part of a network that is tuned: batches of preprocessed items -> features of one layer, with gradients."""

from __future__ import annotations

import copy
from typing import Any, Literal

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from audition.errors import AuditionError, InputError, ModelError, UnknownNameError
from audition.models import Model
from audition.models.trainable import Trainable, as_trainable
from audition.tuning.networks.cutting import cut, drawn_anew, needed_by, stored_normally
from audition.tuning.networks.example import example_of
from audition.tuning.networks.narrow import take_pixels_first
from audition.tuning.networks.small_pixels import take_small_pixels

Beyond = Literal["drop", "reset"]
NORMS = nn.modules.batchnorm._BatchNorm
NOISE = {"layerdrop": 0.0, "encoder_layerdrop": 0.0, "apply_spec_augment": False, "use_cache": False}
"""What networks of sounds do to themselves in training, by draws that no seed of ours reaches; and a cache."""


class Body(nn.Module):  # type: ignore[misc]
    """Features of one layer, of a network that goes no further.

    forward: a batch of preprocessed items, stacked along the first axis -> features float32 [n, D], with
    gradients. `parameters()` and `state_dict()` hold what the layer depends on and nothing else, under the
    network's own names behind "module.".
    layer: whose features they are. width: D. chosen, beyond: what `body_of` was asked for.
    frozen_norms: batch norms keep the mean and spread that they came with, in training, too; but those that
    were drawn anew never do. `train` follows it.
    """

    def __init__(
        self, model: Trainable, layer: str, width: int, chosen: str, beyond: Beyond, fresh: frozenset[str]
    ) -> None:
        super().__init__()
        self.model = model
        self.module = model.trunk
        self.name, self.kind, self.preprocess = model.name, model.kind, model.preprocess
        self.layer, self.width, self.chosen, self.beyond = layer, width, chosen, beyond
        self.frozen_norms = True
        self._fresh = fresh

    def forward(self, batch: NDArray[Any]) -> Tensor:
        """Features float32 [n, D] of a batch."""
        return self.model.tensors(batch, (self.layer,))[self.layer]

    def train(self, mode: bool = True) -> Body:
        """Dropout follows the mode, batch norms do where they are not frozen."""
        super().train(mode)
        if self.frozen_norms:
            for path, norm in self._norms():
                if path not in self._fresh:
                    norm.eval()
        return self

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def settle(self, batch: NDArray[Any]) -> None:
        """Gives the norms that were drawn anew the mean and spread that they see in a batch."""
        norms = [norm for path, norm in self._norms() if path in self._fresh]
        momenta, mode = [norm.momentum for norm in norms], self.training
        if not norms:
            return
        self.eval()
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # what is seen counts in full
            norm.train()
        self(batch)
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        self.train(mode)

    def _norms(self) -> list[tuple[str, Any]]:
        return [(path, part) for path, part in self.module.named_modules() if isinstance(part, NORMS)]


def body_of(
    model: Model,
    layer: str | None = None,
    *,
    beyond: Beyond = "drop",
    seed: int = 0,
    example: NDArray[Any] | None = None,
) -> Body:
    """A copy of a model's network as a Body, in eval mode; the model itself is never changed.

    layer: by default the last. beyond: "drop" gives the features of `layer`, and blocks beyond it are neither
    computed nor kept; "reset" gives those of the last layer, and weights beyond `layer` are drawn anew by
    `seed`: let them `settle` on some of the data. example: a batch of preprocessed items to run it on, where
    none can be made up.

    Raises UnknownNameError for a layer that there is not, InputError for a model that cannot be trained,
    ModelError for a network that cannot be copied or cut.
    """
    chosen = model.layers[-1] if layer is None else layer
    if chosen not in model.layers:
        raise UnknownNameError(f"layer of {model.name}", chosen, model.layers)
    if beyond not in ("drop", "reset"):
        raise InputError(f'beyond is "drop" or "reset"; got {beyond!r}.')
    own = _copied(as_trainable(model))
    target = chosen if beyond == "drop" else own.layers[-1]
    batch = example_of(own) if example is None else example
    try:
        with torch.inference_mode(False), torch.enable_grad():
            needed = needed_by(own, batch, target)
            fresh = needed - needed_by(own, batch, chosen)
            width = cut(own, batch, target, needed)
    except AuditionError:
        raise
    except Exception as error:  # a network's own code
        raise ModelError(f"{own.name} cannot be trained: {type(error).__name__}: {error}") from error
    body = Body(own, target, width, chosen, beyond, drawn_anew(own.trunk, fresh, seed))
    body.eval()
    body.settle(batch)
    return body


def _copied(model: Trainable) -> Trainable:
    """The model with a network of its own, in float32, whose weights can all be trained."""
    try:
        own = copy.deepcopy(model)
    except Exception as error:  # modules may hold anything
        raise ModelError(f"{model.name} cannot be copied, and so not be tuned: {error}") from error
    vars(own).pop("identity", None)
    own.dtype = torch.float32
    stored_normally(own.trunk)
    own.trunk.float().eval().requires_grad_(True)
    _without_noise(own.trunk)
    take_pixels_first(own.trunk)
    take_small_pixels(own)
    return own


def _without_noise(trunk: nn.Module) -> None:
    holders = [*trunk.modules(), getattr(trunk, "config", None)]
    for holder in holders:
        for key, value in NOISE.items():
            if hasattr(holder, key):
                setattr(holder, key, value)
