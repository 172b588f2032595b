"""A keras network as a model: its blocks, pooled within the network, out of one forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.errors import ModelError
from audition.models.base import ModelIdentity, Outputs, Preprocess, joined
from audition.models.keras.graph import TOKENS
from audition.models.keras.head import Head
from audition.models.keras.library import quietly
from audition.models.keras.pixels import Float32, Prepare
from audition.models.memory import is_out_of_memory
from audition.models.pooling import Pool

LAST = "features"
VECTORS = 2

PIECE_VALUES = 32 * 3 * 224 * 224
"""How many values go through at once, at most."""


class KerasModel:
    """A network of keras; its layers are its blocks, and "features", what its head sees.

    blocks: tensors inside the network by name, in order of depth. head: see keras/head.py.
    prepare: uint8 [n, C, H, W] -> what the network takes.
    """

    kind: DataKind = "image"

    def __init__(
        self,
        name: str,
        keras: Any,
        network: Any,
        *,
        blocks: Mapping[str, Any],
        head: Head,
        preprocess: Preprocess,
        prepare: Prepare,
        identity: ModelIdentity | None,
        pool: Pool | None = None,
    ) -> None:
        self.name = name
        self.preprocess = preprocess
        self.identity = identity
        self.parameters: int | None = int(network.count_params())
        self.layers: tuple[str, ...] = (*blocks, LAST)
        self._keras, self._input, self._prepare = keras, network.inputs[0], prepare
        tensors = {**blocks, LAST: head.seen}
        with quietly(keras):
            self._tensors = {
                layer: _pooled(keras.ops, tensor, pool or "mean", prepare.channels_last, f"{name}: {layer}")
                for layer, tensor in tensors.items()
            }
            self._probabilities = head.probabilities
            if head.logits is not None:
                self._probabilities = keras.ops.softmax(head.logits, axis=-1)
        self._networks: dict[tuple[str, ...], Any] = {}

    def __repr__(self) -> str:
        return f"KerasModel({self.name!r}, layers={self.layers!r})"

    def forward(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """Features float32 of a batch uint8 [n, C, H, W]; `layers` says which are wanted, all by default.

        Raises MemoryError where a part of the batch is too large for the device, ModelError where the network
        cannot be run.
        """
        wanted = tuple(layer for layer in self.layers if layers is None or layer in layers)
        step = max(1, PIECE_VALUES // max(1, batch[0].size))
        return joined(
            [self._piece(batch[start : start + step], wanted) for start in range(0, len(batch), step)]
        )

    def _piece(self, part: NDArray[Any], wanted: tuple[str, ...]) -> Outputs:
        """One pass; a number of rows that was not there before would be compiled anew, so there are few."""
        number = len(part)
        rows = 1 << (number - 1).bit_length()
        filled = np.concatenate([part, np.zeros((rows - number, *part.shape[1:]), part.dtype)])
        given = self._run(wanted, self._prepare(filled))
        values = [np.asarray(array, dtype=np.float32)[:number] for array in given]
        features = dict(zip(wanted, values, strict=False))
        return Outputs(features, None if self._probabilities is None else values[-1])

    def _run(self, wanted: tuple[str, ...], images: Float32) -> list[Any]:
        if wanted not in self._networks:
            outputs = [self._tensors[layer] for layer in wanted]
            outputs += [] if self._probabilities is None else [self._probabilities]
            self._networks[wanted] = self._keras.Model(self._input, outputs)
        try:
            with quietly(self._keras):
                given = self._networks[wanted].predict_on_batch(images)
        except Exception as error:  # each backend raises kinds of its own
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            raise ModelError(f"{self.name} cannot be run: {' '.join(str(error).split())}") from error
        return list(given) if isinstance(given, (list, tuple)) else [given]


def _pooled(ops: Any, tensor: Any, how: Pool, channels_last: bool, where: str) -> Any:
    """Maps, tokens or vectors of keras -> vectors [n, D], as audition.models.pooling does with arrays."""
    axes = len(tensor.shape)
    if axes == VECTORS:
        return tensor
    if axes not in (TOKENS, TOKENS + 1):
        raise ModelError(
            f"{where} has the shape {tuple(tensor.shape)}, which is neither maps, tokens nor vectors."
        )
    if how == "none":
        return ops.reshape(tensor, (-1, int(np.prod(tensor.shape[1:]))))
    if how in ("cls", "last"):
        if axes != TOKENS:
            raise ModelError(
                f"{where} is a map and has no tokens, so pool={how} means nothing: use mean or max."
            )
        return tensor[:, 0 if how == "cls" else -1]
    over = (1,) if axes == TOKENS else (1, 2) if channels_last else (2, 3)
    return (ops.mean if how == "mean" else ops.max)(tensor, axis=over)
