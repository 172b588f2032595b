"""Any torch module as a model: its blocks are tapped by hooks, in one pass, and pooled where they arise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import InputError, ModelError, UnknownNameError
from audition.models.base import ModelIdentity, Outputs, Preprocess, joined
from audition.models.memory import memory_errors
from audition.models.options import PRECISIONS
from audition.models.pixels import frame, normalised
from audition.models.pooling import Pool, pooled
from audition.models.torch.hooks import HookedHead, seen_by_head, taps
from audition.models.torch.identity import identity_of_module
from audition.models.torch.library import import_library
from audition.models.torch.placement import OnDevice
from audition.models.torch.structure import blocks_of, head_of

LAST = "features"

CPU_VALUES = 16 * 3 * 224 * 224
"""How many values go through at once on a CPU, 16 large pictures: the maps of more leave its caches, and
256 take twice the time."""

Run = Callable[[Any], tuple[Any, Any]]
"""A batch -> what the head sees, and the logits [n, S] or None where there is no trained head."""


class TorchModel(OnDevice):
    """A model of a torch.nn.Module.

    name: what to call it. module: takes float [n, C, H, W] (or what `preprocess` gives, stacked) and is
    set to eval mode here. preprocess: one item -> an array; by default the whole picture at 224 x 224.
    mean, std: taken from and divided into uint8 pixels / 255, one number or one a channel.
    blocks: submodules to use as layers, by name or pattern ("layer*"); by default those that the module
    is made of. A last layer, "features", is what the head sees.
    head: the submodule that turns features into classes, found by itself ("auto") where it is called fc,
    classifier or head; its softmax gives the source probabilities. None where there is none, or it was
    never trained: then the last layer is what the module gives. probabilities: False for a head that is
    there and was never trained.
    pool: how maps [n, C, H, W] and tokens [n, T, D] become vectors; the mean by default.
    precision: "fp32", "bf16" or "fp16". channels_last: the maps of its blocks are [n, H, W, C].
    prefix: tokens at the front that stand for no position, left out of the mean. widths: how many channels
    a block has, where that is known. run: for an adapter. last: the name of the last layer.

        rank([TorchModel("mine", network, mean=[0.5], std=[0.5], blocks="layer*"), "zoo:*"], "./my-images")

    Raises UnknownNameError for a head that is not there and a precision that there is not, InputError for blocks
    that match nothing.
    """

    def __init__(
        self,
        name: str,
        module: Any,
        *,
        preprocess: Preprocess | None = None,
        kind: DataKind = "image",
        mean: Sequence[float] = (0.0,),
        std: Sequence[float] = (1.0,),
        blocks: str | Sequence[str] | None = None,
        head: str | None = "auto",
        probabilities: bool = True,
        pool: Pool | None = None,
        precision: str = "fp32",
        channels_last: bool = False,
        prefix: int = 0,
        widths: Mapping[str, int] | None = None,
        run: Run | None = None,
        last: str = LAST,
    ) -> None:
        torch = import_library("torch", "torch")
        if preprocess is None and kind != "image":
            raise InputError(f"The model {name} takes {kind}: give it a preprocess.")
        if precision not in PRECISIONS:
            raise UnknownNameError("precision", precision, PRECISIONS)
        head = head if head is None else head_of(module, name, None if head == "auto" else head)
        self.name = name
        self.kind: DataKind = kind
        self.preprocess: Preprocess = preprocess or frame((224, 224), None)
        self.mean, self.std = tuple(mean), tuple(std)
        self.dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
        # Channels last in memory: convolutions take 0.5 to 0.8 of the time on a CPU.
        self._memory = torch.channels_last if kind == "image" else torch.preserve_format
        self.place(module.eval(), self.dtype)
        self.module.to(memory_format=self._memory)
        self.parameters: int | None = sum(parameter.numel() for parameter in module.parameters())
        self.layers: tuple[str, ...] = (*blocks_of(module, name, blocks, head), last)
        self._pooled = partial(pooled, how=pool or "mean", prefix=prefix, channels_last=channels_last)
        self._widths = widths or {}
        self._calls: dict[str, int] = {}  # how often each block runs in a pass, where one has told
        self._run: Run = run or HookedHead(module, name, head)
        self._probabilities = probabilities
        self._settings = (
            kind,
            self.mean,
            self.std,
            head,
            probabilities,
            pool,
            precision,
            channels_last,
            prefix,
        )

    def __repr__(self) -> str:
        return f"TorchModel({self.name!r}, layers={self.layers!r})"

    @cached_property
    def identity(self) -> ModelIdentity | None:
        """What its features hang on beside its name; None for a preprocess that nothing tells from another."""
        return identity_of_module(self.module, self.preprocess, self._settings)

    @property
    def trunk(self) -> Any:
        """What `tensors` runs: the module."""
        return self.module

    def forward(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """Features float32 of a batch of preprocessed items; `layers` says which are wanted, all by default.

        Raises MemoryError where the batch is too large for the device.
        """
        import torch

        wanted = self.layers if layers is None else [layer for layer in self.layers if layer in layers]
        with torch.inference_mode():
            pieces = [self._piece(part, wanted) for part in self._parts(batch)]
        return pieces[0] if len(pieces) == 1 else joined(pieces)

    def forward_there(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """Features as `forward` gives them, tensors on the model's device; the head is not run for them."""
        import torch

        with torch.inference_mode():
            return Outputs(self.tensors(batch, self.layers if layers is None else layers))

    def tensors(self, batch: NDArray[Any], layers: Sequence[str]) -> dict[str, Any]:
        """Features of a batch by layer, tensors float32 [n, D] on the model's device, their graph kept.

        What lies beyond the layers is not computed, from the second call for them on. Under torch.no_grad a
        large batch goes through in pieces. Raises UnknownNameError for a layer that there is not.
        """
        import torch

        for layer in layers:
            if layer not in self.layers:
                raise UnknownNameError(f"layer of {self.name}", layer, self.layers)
        parts = [batch] if torch.is_grad_enabled() else self._parts(batch)
        pieces = [self.tensors_of(self.placed(part), layers) for part in parts]
        return {layer: torch.cat([piece[layer] for piece in pieces]) for layer in layers}

    def tensors_of(self, values: Any, layers: Sequence[str], *, whole: bool = False) -> dict[str, Any]:
        """As `tensors`, of what the network takes: a batch that is `placed`.

        whole: the pass goes to the network's end, for tracers that lose their way where one is broken off.
        """
        inner, last = [layer for layer in layers if layer != self.layers[-1]], self.layers[-1]
        ends = None if whole or last in layers else self._calls
        with memory_errors(), taps(self.module, inner, self._pool, ends) as taken:
            if whole and last not in layers:
                self.module(values)
            else:
                seen = self._run(values)[0] if inner or whole else seen_by_head(self._run, values)
            if last in layers:
                taken.found[last] = self._pool(seen, last)
            self._calls |= taken.calls
        self._check_found(taken.found, layers)
        return {layer: taken.found[layer].float() for layer in layers}

    def placed(self, batch: NDArray[Any]) -> Any:
        """The batch on the device; pixels are made floats and normalised, other arrays go in as they are."""
        import torch

        if batch.dtype != np.uint8:
            values = torch.from_numpy(np.ascontiguousarray(batch)).to(self.device)
            return values.to(self.dtype) if values.is_floating_point() else values
        images = torch.from_numpy(normalised(batch, self.mean, self.std)).to(self.device, self.dtype)
        return images.contiguous(memory_format=self._memory)

    def _parts(self, batch: NDArray[Any]) -> list[NDArray[Any]]:
        """A batch as it goes through at once: whole, or on a CPU a few large pictures at a time."""
        step = len(batch)
        if self.device.type == "cpu":
            step = max(1, CPU_VALUES // max(1, batch[0].size))
        return [batch[start : start + step] for start in range(0, len(batch), step)]

    def _piece(self, batch: NDArray[Any], wanted: Sequence[str]) -> Outputs:
        """One pass through the whole network."""
        import torch

        inner, last = [layer for layer in wanted if layer != self.layers[-1]], self.layers[-1]
        with memory_errors(), taps(self.module, inner, self._pool) as taken:
            seen, logits = self._run(self.placed(batch))
            if last in wanted:
                taken.found[last] = self._pool(seen, last)
        self._check_found(taken.found, wanted)
        features = {layer: _to_numpy(taken.found[layer]) for layer in wanted}
        if logits is None or not self._probabilities:
            return Outputs(features)
        return Outputs(features, _to_numpy(torch.softmax(logits.float(), dim=1)))

    def _check_found(self, found: Mapping[str, Any], wanted: Sequence[str]) -> None:
        missing = [layer for layer in wanted if layer not in found]
        if missing:
            raise ModelError(f"{self.name} never ran its block {missing[0]!r}, or it gives no tensor.")

    def _pool(self, values: Any, layer: str) -> Any:
        return self._pooled(values, width=self._widths.get(layer))


def _to_numpy(values: Any) -> NDArray[np.float32]:
    array: NDArray[np.float32] = values.float().cpu().numpy()
    return array
