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
from audition.errors import ModelError, UnknownNameError
from audition.models.base import ModelIdentity, Outputs, Preprocess
from audition.models.hf.load import Loaded
from audition.models.hf.states import Place, stopping_at, traced
from audition.models.memory import memory_errors
from audition.models.torch.placement import OnDevice

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


class HfModel(OnDevice):
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
        self.dtype = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]
        self.place(loaded.module, self.dtype)
        self.parameters: int | None = sum(weight.numel() for weight in self.module.parameters())
        self._identify = identify
        self._backbone, self._has_head, self.feed = loaded.backbone, loaded.has_head, feed
        self.config = loaded.config
        self.layers: tuple[str, ...] = (
            "embeddings",
            *(f"layer{i + 1}" for i in range(_depth(loaded.backbone))),
        )
        self._places: dict[str, Place | None] = {}  # where each layer arises, where a pass has told

    @property
    def trunk(self) -> Any:
        """The network without its head."""
        return self._backbone

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
        total = self.feed.total(batch)
        features: dict[str, Float32] = {}
        heads: dict[str, Float32] = {}
        counted: Counter[str] = Counter()
        with torch.inference_mode():
            for piece in self.feed.pieces(batch):
                counted.update(piece.counted)
                hidden, logits = self._run(piece.inputs)
                for layer in wanted:
                    _put(features, layer, total, piece.rows, piece.pool(hidden[layer]))
                if logits is not None:
                    _put(heads, "", total, piece.rows, torch.softmax(piece.pool(logits).float(), dim=-1))
        return Outputs(features, heads.get(""), dict(counted))

    def tensors(self, batch: NDArray[Any], layers: Sequence[str]) -> dict[str, Any]:
        """Features of a batch by layer, tensors float32 [n, D] on the model's device, their graph kept.

        The head is not run; nor is, from the second call for one layer on, what lies beyond that. Raises
        UnknownNameError for a layer that there is not, else as `forward` does.
        """
        for layer in layers:
            if layer not in self.layers:
                raise UnknownNameError(f"layer of {self.name}", layer, self.layers)
        return self._gathered(batch, layers)[0]

    def forward_there(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """Features as `forward` gives them, tensors on the model's device; the head is not run for them."""
        import torch

        with torch.inference_mode():
            found, counted = self._gathered(batch, self.layers if layers is None else layers)
        return Outputs(found, counted=counted)

    def _gathered(self, batch: NDArray[Any], layers: Sequence[str]) -> tuple[dict[str, Any], dict[str, int]]:
        """Features by layer, in the order of the batch, and what was done to how many items."""
        import torch

        rows: list[NDArray[np.intp]] = []
        found: dict[str, list[Any]] = {layer: [] for layer in layers}
        counted: Counter[str] = Counter()
        for piece in self.feed.pieces(batch):
            hidden = self._states(piece.inputs, layers)
            rows.append(piece.rows)
            counted.update(piece.counted)
            for layer in layers:
                found[layer].append(piece.pool(hidden[layer]).float())
        order = torch.from_numpy(np.argsort(np.concatenate(rows))).to(self.device)
        return {layer: torch.cat(values)[order] for layer, values in found.items()}, dict(counted)

    def _states(self, inputs: Mapping[str, Any], layers: Sequence[str]) -> dict[str, Any]:
        """The hidden states of some layers."""
        placed = self._placed(inputs)
        place = self._places.get(layers[0]) if len(layers) == 1 else None
        if place is not None:
            with stopping_at(self._backbone, place) as states, memory_errors():
                self._backbone(**placed)
            return {layers[0]: states[0]}
        with traced(self._backbone) as trace, memory_errors():
            given = self._backbone(**placed, output_hidden_states=True)
        hidden = self._hidden(given)
        self._places |= {layer: trace.place_of(hidden[layer]) for layer in layers}
        return hidden

    def _run(self, inputs: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
        """The hidden states by layer, and the logits of a trained head or None."""
        with _outputs_of(self._backbone) as seen, memory_errors():
            given = self.module(**self._placed(inputs), output_hidden_states=True)
        return self._hidden(seen[-1] if seen else None), given.logits if self._has_head else None

    def _hidden(self, given: Any) -> dict[str, Any]:
        """The hidden states by layer, out of what the network gave."""
        states = getattr(given, "hidden_states", None)
        if states is None or len(states) != len(self.layers):
            raise ModelError(
                f"{self.name} does not give the hidden states of its {len(self.layers) - 1} layers."
            )
        return dict(zip(self.layers, states, strict=True)) | {self.layers[-1]: given.last_hidden_state}

    def _placed(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs on the device, numbers in the network's precision."""
        return {
            name: tensor.to(self.device, self.dtype if tensor.is_floating_point() else None)
            for name, tensor in inputs.items()
        }


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
