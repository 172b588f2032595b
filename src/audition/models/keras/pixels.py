"""The pictures that a keras network takes: their size and channels, and how their pixels are scaled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.errors import InputError, ModelError
from audition.models.options import Options
from audition.models.pixels import Size, normalised
from audition.models.spec import ModelSpec

Float32 = NDArray[np.float32]
Scale = Callable[[Float32], Float32]
CHANNELS = (1, 3)
BYTES_BELOW = 0.1  # what is multiplied by less was 0..255
UNIT = 1  # what has a larger mean was 0..255


@dataclass(frozen=True)
class Layout:
    """channels_last: pictures are [n, H, W, C], else [n, C, H, W]. size: height and width, None where free."""

    channels_last: bool
    channels: int
    size: tuple[int | None, int | None]


@dataclass(frozen=True, eq=False)
class Prepare:
    """uint8 [n, C, H, W] -> float32 as a network takes it.

    scale: what is done to pixels in 0..255, in the network's layout; without it they are made 0..1, less
    mean, over std.
    """

    channels_last: bool
    scale: Scale | None
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __call__(self, batch: NDArray[Any]) -> Float32:
        values = normalised(batch, self.mean, self.std) if self.scale is None else batch.astype(np.float32)
        if self.channels_last:
            values = np.ascontiguousarray(values.transpose(0, 2, 3, 1))
        return values if self.scale is None else self.scale(values)


def as_they_are(pixels: Float32) -> Float32:
    """Pixels in 0..255 for a network that scales them itself."""
    return pixels


def layout_of(keras: Any, network: Any) -> Layout:
    """How a network takes pictures; raises ModelError for one of other channels than 1 or 3."""
    _, first, second, third = network.inputs[0].shape
    usual = keras.config.image_data_format() == "channels_last"
    last = third in CHANNELS if usual else first not in CHANNELS
    channels = third if last else first
    if channels not in CHANNELS:
        shape = (first, second, third)
        raise ModelError(
            f"The network {network.name} takes pictures of shape {shape}: no side is 1 or 3 channels."
        )
    return Layout(last, channels, (first, second) if last else (second, third))


def size_of(spec: ModelSpec, layout: Layout, options: Options) -> Size:
    """The size that a network fixes, else the one that is asked for."""
    asked = options.size or (None, None)
    sides = list(zip(layout.size, asked, strict=True))
    if any(None not in pair and pair[0] != pair[1] for pair in sides):
        raise InputError(f"{spec} takes size={layout.size[0]},{layout.size[1]} and no other: leave size out.")
    height, width = (side or wish for side, wish in sides)
    if height is None or width is None:
        raise InputError(
            f"{spec} takes pictures of any size: say which by ?size=..., the one it was trained with."
        )
    return height, width


def takes_bytes(network: Any) -> bool:
    """Whether a network scales pixels itself, by a layer of its own or of a network inside it."""
    return any(_scales(layer) or takes_bytes(layer) for layer in getattr(network, "layers", ()))


def _scales(layer: Any) -> bool:
    kind = type(layer).__name__
    if kind == "Rescaling":
        return bool(np.max(np.abs(layer.scale)) < BYTES_BELOW)
    mean = getattr(layer, "mean", None) if kind == "Normalization" else None
    return mean is not None and bool(np.max(np.asarray(mean)) > UNIT)
