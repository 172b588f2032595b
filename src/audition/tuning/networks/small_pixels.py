"""Networks of pixels up to 255: the same function of pixels up to 1, whose first weights learn as all others do.

The gradient of weights that meet numbers of hundreds is hundreds of times the others': a rate that suits those
throws the first weights about, and a clip of the whole leaves nothing of the rest.
"""

from __future__ import annotations

from math import log2
from typing import Any

import torch

from audition.models.onnx.as_torch import OnnxNetwork

LARGE = 16.0  # pixels beyond it, where most networks take them up to 2 or 3


def take_small_pixels(model: Any) -> None:
    """Changes a model that was made of an ONNX network in place, where convolutions alone take its pixels.

    The factor is a power of two, so that every number that is computed stays the same to the last digit.
    """
    network = model.trunk
    if not isinstance(network, OnnxNetwork) or (largest := 1 / min(map(abs, model.std))) <= LARGE:
        return
    weights = _first_weights(network)
    if not weights:
        return
    factor = 2.0 ** round(log2(largest))
    with torch.no_grad():
        for weight in weights:
            weight.mul_(factor)
    model.std = tuple(factor * spread for spread in model.std)


def _first_weights(network: OnnxNetwork) -> list[Any]:
    """Those of the convolutions that take the pixels; none where anything else does, or where they serve elsewhere."""
    first = [node for node in network.nodes if network.given in node.inputs]
    names = [node.inputs[1] for node in first if node.kind == "Conv" and node.inputs[0] == network.given]
    used = [name for node in network.nodes for name in node.inputs if name in names]
    learned = network._weights
    if len(names) < len(first) or len(used) > len(names) or not set(names) <= set(learned):
        return []
    return [getattr(network, learned[name]) for name in names]
