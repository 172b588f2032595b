"""A network of transformers as a model: its hidden states, pooled, out of one forward pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import ModelError
from audition.models.base import ModelIdentity, Outputs, Preprocess
from audition.models.hf_load import Loaded
from audition.models.memory import memory_errors
from audition.models.torch_library import best_device

Float32 = NDArray[np.float32]
Identify = Callable[[], ModelIdentity | None]


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a batch, ready for the network.

    rows: the rows of features that it gives, int [m]. inputs: tensors by name. pool: what turns an output
    of the network into vectors [m, D]. counted: as in Outputs.
    """

    rows: NDArray[np.intp]
    inputs: Mapping[str, Any]
    pool: Callable[[Any], Any]
    counted: Mapping[str, int] = field(default_factory=dict)


class Feed(Protocol):
    """What turns a batch into inputs of a network, and the network's outputs into rows of features."""

    @property
    def kind(self) -> DataKind: ...

    @property
    def preprocess(self) -> Preprocess: ...

    def total(self, batch: NDArray[Any]) -> int:
        """How many rows of features a batch gives."""

    def pieces(self, batch: NDArray[Any]) -> Iterator[Piece]:
        """The batch in parts."""


class HfModel:
    """A network of transformers; its layers are its hidden states, all out of one forward pass.

    layers: "embeddings", then "layer1" and so on; the last is what the network gives, behind its final norm
    where it has one. Source probabilities where the checkpoint came with a trained head.
    identify: tells whose features these are, when that is asked.
    """

    def __init__(
        self, name: str, loaded: Loaded, feed: Feed, identify: Identify, precision: str = "fp32"
    ) -> None:
        import torch

        self.name = name
        self.kind: DataKind = feed.kind
        self.preprocess: Preprocess = feed.preprocess
        self.device = best_device()
        self.dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
        self.module = loaded.module.to(self.device, self.dtype)
        self.parameters: int | None = sum(weight.numel() for weight in self.module.parameters())
        self._identify = identify
        self._backbone, self._has_head, self._feed = loaded.backbone, loaded.has_head, feed
        self.layers: tuple[str, ...] = (
            "embeddings",
            *(f"layer{i + 1}" for i in range(_depth(loaded.backbone))),
        )

    @cached_property
    def identity(self) -> ModelIdentity | None:
        """The digest of its files, or its commit on the hub."""
        return self._identify()

    def __repr__(self) -> str:
        return f"HfModel({self.name!r}, kind={self.kind!r}, layers={self.layers!r})"

    def forward(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """Features float32 of a batch of texts, sentences or images; `layers` says which are wanted.

        Raises ModelError for a network that does not give its hidden states, MemoryError where one part of
        a batch is too large for the device.
        """
        import torch

        wanted = self.layers if layers is None else [layer for layer in self.layers if layer in layers]
        total = self._feed.total(batch)
        features: dict[str, Float32] = {}
        heads: dict[str, Float32] = {}
        counted: Counter[str] = Counter()
        with torch.inference_mode():
            for piece in self._feed.pieces(batch):
                counted.update(piece.counted)
                hidden, logits = self._run(piece.inputs)
                for layer in wanted:
                    _put(features, layer, total, piece.rows, piece.pool(hidden[layer]))
                if logits is not None:
                    _put(heads, "", total, piece.rows, torch.softmax(piece.pool(logits).float(), dim=-1))
        return Outputs(features, heads.get(""), dict(counted))

    def _run(self, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
        """The hidden states by layer, and the logits of a trained head or None."""
        placed = {name: self._placed(tensor) for name, tensor in inputs.items()}
        with _outputs_of(self._backbone) as seen, memory_errors():
            given = self.module(**placed, output_hidden_states=True)
        states = getattr(seen[-1], "hidden_states", None) if seen else None
        if states is None or len(states) != len(self.layers):
            raise ModelError(
                f"{self.name} does not give the hidden states of its {len(self.layers) - 1} layers."
            )
        hidden = dict(zip(self.layers, states, strict=True)) | {self.layers[-1]: seen[-1].last_hidden_state}
        return hidden, given.logits if self._has_head else None

    def _placed(self, tensor: Any) -> Any:
        return tensor.to(self.device, self.dtype if tensor.is_floating_point() else None)


def _depth(backbone: Any) -> int:
    """How many layers a network has, by its configuration."""
    config = backbone.config
    stages = getattr(config, "depths", None)
    return len(stages) if stages is not None else int(config.num_hidden_layers)


def _put(found: dict[str, Float32], name: str, total: int, rows: NDArray[np.intp], values: Any) -> None:
    """Writes vectors [m, D] into their rows of the array of a name, which is made when D is known."""
    vectors: Float32 = values.float().cpu().numpy()
    found.setdefault(name, np.empty((total, vectors.shape[1]), dtype=np.float32))[rows] = vectors


@contextmanager
def _outputs_of(module: Any) -> Iterator[list[Any]]:
    """What a module gives while this is open; a head passes on only the half of it."""
    seen: list[Any] = []
    hook = module.register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    try:
        yield seen
    finally:
        hook.remove()
