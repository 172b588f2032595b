"""A network that was saved whole, as a model: its outputs are its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import ModelError
from audition.models.base import Outputs
from audition.models.options import read_options
from audition.models.pixels import frame, normalised
from audition.models.pooling import pooled
from audition.models.spec import ModelSpec

TAKES = ("size", "mean", "std", "channels", "crop", "pool")
HEAD = "logits"
SIZE = (224, 224)


class SavedModel:
    """A saved network whose outputs are a tensor, a tuple of them or a mapping name -> tensor."""

    kind: DataKind = "image"

    def __init__(self, spec: ModelSpec, network: Any, device: Any) -> None:
        options = read_options(spec, TAKES)
        channels = options.channels or 3
        self.name = str(spec)
        self.preprocess = frame(options.size or SIZE, options.crop, channels=channels)
        self.mean, self.std = options.mean or (0.0,), options.std or (1.0,)
        self.pooling = options.pool or "mean"
        self.network = network
        self.device = device
        self.parameters = sum(parameter.numel() for parameter in network.parameters())
        outputs = self._outputs(np.zeros((1, channels, *self.preprocess.size), dtype=np.uint8))
        self.head = HEAD if HEAD in outputs else None
        self.layers = tuple(name for name in outputs if name != HEAD) or (HEAD,)

    def forward(self, batch: NDArray[np.uint8]) -> Outputs:
        """Features of a batch uint8 [n, C, H, W]; the softmax of an output called "logits" beside them."""
        import torch

        given = self._outputs(batch)
        features = {layer: pooled(given[layer], self.pooling).float().cpu().numpy() for layer in self.layers}
        if self.head is None:
            return Outputs(features)
        return Outputs(features, torch.softmax(given[self.head].float(), dim=1).cpu().numpy())

    def _outputs(self, batch: NDArray[np.uint8]) -> Mapping[str, Any]:
        import torch

        images = torch.from_numpy(normalised(batch, self.mean, self.std)).to(self.device)
        try:
            with torch.inference_mode():
                given = self.network(images)
        except Exception as error:  # a program: anything may come
            wanted = "x".join(str(side) for side in images.shape[1:])
            raise ModelError(
                f"{self.name} failed on images {wanted} (size=... chooses others): {error}"
            ) from error
        return _by_name(given, self.name)


def _by_name(given: Any, name: str) -> Mapping[str, Any]:
    if hasattr(given, "shape"):
        return {"output": given}
    if isinstance(given, Sequence) and given:
        return {f"output{place}": one for place, one in enumerate(given, 1) if hasattr(one, "shape")}
    if isinstance(given, Mapping) and given:
        return {str(key): one for key, one in given.items() if hasattr(one, "shape")}
    raise ModelError(f"{name} gives a {type(given).__name__}, where tensors are needed.")
