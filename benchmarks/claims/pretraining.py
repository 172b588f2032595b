"""What the networks of the zoo make of the data they learned from: the unit that PED wants."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from benchmarks.assets import ASSETS

ROWS = 1000


@cache
def features(network: str) -> NDArray[np.float32] | None:
    """[1000, D] of a network of the zoo on its own source; None for the one that learned from nothing."""
    import onnxruntime

    source = network.partition("-")[2]
    if source == "random":
        return None
    path = files("audition") / "zoo" / f"{network.removeprefix('zoo:')}.onnx"
    session = onnxruntime.InferenceSession(str(path))
    images = np.ascontiguousarray(_images(source).transpose(0, 3, 1, 2), dtype=np.float32) / 255
    return np.asarray(session.run(["features"], {"input": images})[0])


@cache
def _images(source: str) -> NDArray[np.uint8]:
    """Of the source, drawn by a seed; what the zoo draws itself is drawn anew, fewer of it."""
    from zoo import drawings, sources

    if source == "shapes":
        return drawings.drawings(drawings.draw_shape, drawings.SHAPES, ROWS, seed=0)[0]
    if source == "textures":
        return drawings.drawings(drawings.draw_texture, list(drawings.TEXTURES), ROWS, seed=0)[0]
    images, _ = sources.SOURCES[source].load(ASSETS)
    return images[np.random.default_rng(0).permutation(len(images))[:ROWS]]
