"""Networks that end after one of their layers: the mean over the positions there, and a new head."""

from __future__ import annotations

from dataclasses import replace

from torch import nn

from benchmarks.finetuned.networks import NETWORKS, Network, mobilenetv2_until, squeezenet_until, zoo_until

LAYERED = {
    "mobilenetv2_tf": ("blocks.0", "blocks.1", "blocks.2", "blocks.3", "blocks.4", "blocks.5", "blocks.6"),
    "squeezenet1_1": ("features.2", "features.4", "features.7", "features.9", "features.11"),
    "zoo_resnet-omniglot": ("stem", "block1", "block2"),
}
LAYER_TARGETS = ("eurosat", "sign_digits", "omniglot_alphabets")
_UNTIL = {
    "mobilenetv2_tf": mobilenetv2_until,
    "squeezenet1_1": squeezenet_until,
    "zoo_resnet-omniglot": zoo_until,
}


def cut(network: Network, layer: str) -> nn.Module:
    """A fresh body [B, C, size, size] -> [B, D] of the network up to a layer."""
    return replace(NETWORKS[network.name], open=_UNTIL[network.name](layer)).body()
