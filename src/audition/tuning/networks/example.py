"""A batch made up for a model, to see how its network runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.data.audio import Sound
from audition.errors import InputError
from audition.models.trainable import Trainable

ITEMS = 2
SIDE, RATE = 64, 16_000
TEXT = "an example"


def example_of(model: Trainable) -> NDArray[Any]:
    """Two preprocessed items of the model's kind; the same at every call. Raises InputError for other kinds."""
    if model.kind == "rows":
        return _rows(model)
    return np.stack([model.preprocess(_item(model))] * ITEMS)


def _item(model: Trainable) -> Any:
    """A picture or a sound of noise, a short text."""
    draw = np.random.default_rng(0)
    if model.kind == "image":
        from PIL import Image

        return Image.fromarray(draw.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8))
    if model.kind == "audio":
        return Sound(draw.standard_normal(RATE, dtype=np.float32), RATE)
    if model.kind in ("text", "tokens"):
        return TEXT if model.kind == "text" else tuple(TEXT.split())
    raise InputError(
        f"{model.name} takes {model.kind}: give body_of an example, a batch of preprocessed items."
    )


def _rows(model: Trainable) -> NDArray[Any]:
    """As wide as the first matrix of weights that the network has."""
    widths = [weight.shape[1] for weight in model.trunk.parameters() if weight.ndim == 2]
    if not widths:
        raise InputError(f"{model.name} takes rows: give body_of an example, a batch of preprocessed rows.")
    return np.random.default_rng(0).standard_normal((ITEMS, widths[0])).astype(np.float32)
