"""The image targets: where they come from, how many rows each part has, and their pixels and labels in memory."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from benchmarks.assets import ASSETS
from benchmarks.finetuned.splits import Sizes
from benchmarks.finetuned.tasks import Labels

Files = list[Path]


@dataclass(frozen=True)
class Target:
    """A folder of the sample images, and the rows that a seed draws from all of it, training and test."""

    folder: str
    sizes: Sizes
    read: Callable[[str], tuple[Files, Labels]] | None = None
    steps: int = 100


def of_classes(folder: str) -> tuple[Files, Labels]:
    """All files of both parts, by name, and the codes of their classes."""
    files = sorted(file for part in ("train", "test") for file in (_home(folder) / part).glob("*/*"))
    _, codes = np.unique([file.parent.name for file in files], return_inverse=True)
    return files, codes.astype(np.int64)


def of_table(folder: str) -> tuple[Files, Labels]:
    """All files of both tables, and their numbers."""
    files, numbers = [], []
    for part in ("train", "test"):
        with (_home(folder) / f"{part}.csv").open(encoding="utf-8") as table:
            for row in csv.DictReader(table):
                files.append(_home(folder) / row["path"])
                numbers.append(float(row["target"]))
    return files, np.array(numbers, dtype=np.float32)


def _home(folder: str) -> Path:
    return ASSETS / "images" / folder


MOSAIC = "cifar10_mosaics"  # four pictures in a square; the labels say which classes are in it
TARGETS = {
    "eurosat": Target("eurosat", Sizes(400, 100, 500)),
    "flowers": Target("flowers", Sizes(300, 100, 500)),
    "sign_digits": Target("sign_digits", Sizes(400, 100, 600)),
    "utkface_age": Target("utkface_age", Sizes(500, 100, 600), of_table),
    "flowers_20": Target("flowers", Sizes(100, 50, 600)),
    MOSAIC: Target("cifar10", Sizes(400, 100, 500)),
    "textures10": Target("textures10", Sizes(400, 100, 600)),
    "cifar10": Target("cifar10", Sizes(300, 100, 500)),
    "caltech101": Target("caltech101", Sizes(808, 202, 707), steps=200),
    "omniglot_alphabets": Target("omniglot_alphabets", Sizes(300, 100, 400)),
    "antsbees": Target("antsbees", Sizes(140, 60, 196)),
    "mnist": Target("mnist", Sizes(300, 100, 500)),
    "eurosat_20": Target("eurosat", Sizes(200, 100, 700)),
    "omniglot_characters": Target("omniglot_characters", Sizes(512, 128, 576), steps=200),
}


@cache
def _listed(target: str) -> tuple[Files, Labels]:
    chosen = TARGETS[target]
    return (chosen.read or of_classes)(chosen.folder)


def labels_of(target: str) -> Labels:
    return _mosaics()[1] if target == MOSAIC else _listed(target)[1]


@cache
def pixels(target: str, size: int, grey: bool) -> Tensor:
    """Bytes [N, 1 or 3, size, size] of all rows: each picture whole, squashed to a square."""
    if target == MOSAIC:
        return _tiled(size, grey)
    mode = "L" if grey else "RGB"
    return _channels_first([_read(file, size, mode) for file in _listed(target)[0]])


def forget() -> None:
    """Lets go of the pixels, before the next target."""
    pixels.cache_clear()


def _read(file: Path, size: int, mode: str) -> NDArray[np.uint8]:
    with Image.open(file) as opened:
        image = opened.convert("RGB").convert(mode)
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


def _channels_first(images: list[NDArray[np.uint8]]) -> Tensor:
    stacked = torch.from_numpy(np.stack(images))
    return stacked.unsqueeze(1) if stacked.ndim == 3 else stacked.permute(0, 3, 1, 2).contiguous()


@cache
def _mosaics() -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Which four pictures make each of 1000 mosaics, [1000, 4], and the classes in it, [1000, 10]."""
    codes = of_classes("cifar10")[1]
    parts = np.random.default_rng(0).integers(len(codes), size=(1000, 4))
    labels = np.zeros((len(parts), codes.max() + 1), dtype=np.float32)
    np.put_along_axis(labels, codes[parts], 1.0, axis=1)
    return parts, labels


def _tiled(size: int, grey: bool) -> Tensor:
    files = of_classes("cifar10")[0]
    images = np.stack([_read(file, 32, "RGB") for file in files])[_mosaics()[0]]
    whole = images.reshape(-1, 2, 2, 32, 32, 3).transpose(0, 1, 3, 2, 4, 5).reshape(-1, 64, 64, 3)
    mode = "L" if grey else "RGB"
    square = (size, size)
    tiles = (Image.fromarray(tile).convert(mode).resize(square, Image.Resampling.BILINEAR) for tile in whole)
    return _channels_first([np.asarray(tile) for tile in tiles])
