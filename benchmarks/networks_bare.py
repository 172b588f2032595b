"""Networks as their own libraries build and run them: the bare forward passes, and the loop that people write.

Nothing here is the package's own but the score at the end of the loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

SIZES = (16, 32, 64)
"""Images a batch, of which the faster counts."""

TRIED = 64
Files = Sequence[tuple[Path, str]]


@dataclass(frozen=True, eq=False)
class Bare:
    """A network in its own library.

    transform: a PIL image -> float32 [3, H, W], a torch tensor. asks: what decides that, for sharing.
    forward: a batch of them, all through to the classes. features: the same as far as the head, [n, D].
    module: the torch module, None in onnxruntime.
    """

    name: str
    transform: Callable[[Any], Any]
    asks: str
    forward: Callable[[Any], Any]
    features: Callable[[Any], Any]
    module: Any = None

    def in_layout(self, layout: Any) -> None:
        """Sets the memory format of the weights."""
        if self.module is not None:
            self.module.to(memory_format=layout)


def bare(name: str) -> Bare:
    """The network that the package calls by a name, without the package."""
    source, _, rest = name.partition(":")
    path, _, query = rest.partition("?")
    return {"timm": _timm, "torchvision": _torchvision, "onnx": _onnx}[source](path, dict(parse_qsl(query)))


def _timm(name: str, options: dict[str, str]) -> Bare:
    import timm

    file, mean, std = (options.pop(key) for key in ("checkpoint", "mean", "std"))
    classes = int(options.pop("num_classes", 1000))
    module = timm.create_model(name, checkpoint_path=file, num_classes=classes, **options).eval()
    data = {"mean": (float(mean),) * 3, "std": (float(std),) * 3}
    data = timm.data.resolve_data_config(data, model=module)

    def features(batch: Any) -> Any:
        return module.forward_head(module.forward_features(batch), pre_logits=True)

    return Bare(Path(file).stem, timm.data.create_transform(**data), f"timm {data}", module, features, module)


def _torchvision(name: str, options: dict[str, str]) -> Bare:
    from safetensors.torch import load_file
    from torchvision import models

    module = models.get_model(name, weights=None).eval()
    module.load_state_dict({key: value.float() for key, value in load_file(options["checkpoint"]).items()})
    transforms = models.get_model_weights(name).DEFAULT.transforms
    size = int(options.get("size", 224))
    transform = transforms(crop_size=size, resize_size=size * 256 // 224)

    def features(batch: Any) -> Any:  # of a SqueezeNet
        return module.features(batch).mean((2, 3))

    return Bare(Path(options["checkpoint"]).stem, transform, f"torchvision {size}", module, features, module)


def _onnx(file: str, options: dict[str, str]) -> Bare:
    import onnxruntime
    from torchvision.transforms import CenterCrop, Compose, Normalize, Resize, ToTensor

    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    size, crop = int(options["size"]), float(options["crop"])
    mean, std = float(options["mean"]), float(options["std"])
    transform = Compose(
        [Resize(int(size / crop)), CenterCrop(size), ToTensor(), Normalize([mean] * 3, [std] * 3)]
    )

    def run(outputs: list[str]) -> Callable[[Any], Any]:
        return lambda batch: session.run(outputs, {"input": batch.numpy()})[0]

    return Bare(Path(file).stem, transform, f"onnx {options}", run(["logits", "features"]), run(["features"]))


@dataclass(frozen=True, eq=False)
class Pass:
    """A network's forward passes over images that are ready, in one layout, in batches of one size."""

    network: Bare
    images: Any
    layout: Any
    size: int

    def seconds(self) -> float:
        """What the passes take; making the batches is not counted."""
        import torch

        self.network.in_layout(self.layout)
        total = 0.0
        with torch.inference_mode():
            for start in range(0, len(self.images), self.size):
                batch = self.images[start : start + self.size].contiguous(memory_format=self.layout)
                began = time.perf_counter()
                self.network.forward(batch)
                total += time.perf_counter() - began
        return total


def passes(networks: Sequence[Bare], files: Files) -> Iterator[tuple[Pass, Pass]]:
    """Each network's passes in torch's default layout and in that with channels last, in the better batch size."""
    import torch

    ready: dict[str, Any] = {}
    for network in networks:
        if network.asks not in ready:
            ready[network.asks] = torch.stack([network.transform(opened(path)) for path, _ in files])
        images = ready[network.asks]
        default = _of_better_size(network, images, torch.contiguous_format)
        last = default if network.module is None else _of_better_size(network, images, torch.channels_last)
        yield default, last


def _of_better_size(network: Bare, images: Any, layout: Any) -> Pass:
    """The size that was the faster one in a short trial, after a pass to warm up."""
    Pass(network, images[:TRIED], layout, SIZES[0]).seconds()
    trials = {size: Pass(network, images[:TRIED], layout, size).seconds() for size in SIZES}
    return Pass(network, images, layout, min(trials, key=lambda size: trials[size]))


def opened(path: Path) -> Any:
    """The picture in a file, in three channels."""
    from PIL import Image

    with Image.open(path) as picture:
        return picture.convert("RGB")


def plain_loop(networks: Sequence[Bare], files: Files, batch_size: int = 32) -> dict[str, float]:
    """LogME of each network as people write it: for each one, decode every picture, transform it, run, score."""
    import torch
    from torch.utils.data import DataLoader

    import audition

    labels = [label for _, label in files]
    scores = {}
    for network in networks:
        network.in_layout(torch.contiguous_format)
        pictures: Any = _Pictures(files, network.transform)
        with torch.inference_mode():
            batches = DataLoader(pictures, batch_size=batch_size)
            found = [np.asarray(network.features(batch)) for batch in batches]
        scores[network.name] = audition.logme(np.concatenate(found), labels)
    return scores


@dataclass(frozen=True, eq=False)
class _Pictures:
    """What torch's DataLoader reads from."""

    files: Files
    transform: Callable[[Any], Any]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, place: int) -> Any:
        return self.transform(opened(self.files[place][0]))
