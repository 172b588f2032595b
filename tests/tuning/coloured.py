"""Small pictures of two kinds, and small networks of torch that see colours, for whole runs in a second."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from audition.models.preprocess import ResizeImage
from audition.models.torch.module import TorchModel

SIDE = 8


def pictures(number: int = 60, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """uint8 [N, 8, 8, 3], reddish or bluish, and their names."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(number) % 2
    images = rng.integers(0, 120, (number, SIDE, SIDE, 3))
    images[..., 0] += 60 * (kinds == 0)[:, None, None]
    images[..., 2] += 60 * (kinds == 1)[:, None, None]
    return images.astype(np.uint8), [("red", "blue")[kind] for kind in kinds]


def model(name: str = "small", width: int = 6, seed: int = 0) -> TorchModel:
    """Two convolutions; layers "0" and "2" and what a head would see."""
    torch.manual_seed(seed)
    module = nn.Sequential(
        nn.Conv2d(3, width, 3), nn.ReLU(), nn.Conv2d(width, width, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )  # fmt: skip
    return TorchModel(name, module, preprocess=ResizeImage(SIDE), blocks=["0", "2"], head=None)
