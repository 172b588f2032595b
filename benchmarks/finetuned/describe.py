"""What is known of the candidates before any target is seen: their size, cost, origin and ImageNet accuracy."""

from __future__ import annotations

import csv
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.assets import ASSETS
from benchmarks.finetuned.networks import NETWORKS, Network
from benchmarks.finetuned.texts import ENCODERS, LONGEST

HEADER = ("network", "kind", "pretrained", "input", "parameters", "mflops", "features", "imagenet_top1")
FILES = {  # in the manifest, where the name here is another
    "mobilenetv1_100": "mobilenetv1_100_tf_q", "mobilenetv2_tf": "mobilenetv2_100_tf_q",
    "mobilenetv2_keras": "mobilenetv2_100_keras_q", "squeezenet1_0": "squeezenet1_0_dc",
}  # fmt: skip
CHECKED = "1000 ImageNet"  # the sample that orders networks; no validation accuracy


def write_networks(file: Path) -> None:
    """A line a network, vision first."""
    top1 = _imagenet()
    images = [_image_row(network, top1) for network in NETWORKS.values()]
    texts = [
        (
            encoder.name,
            "text",
            encoder.folder,
            LONGEST,
            *_cost(encoder.open(), torch.ones(1, LONGEST).long()),
            "",
        )
        for encoder in ENCODERS.values()
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows([HEADER, *images, *texts])


def _image_row(network: Network, top1: dict[str, str]) -> tuple[object, ...]:
    image = torch.zeros(1, 1 if network.grey else 3, network.size, network.size, dtype=torch.uint8)
    known = top1.get(FILES.get(network.name, network.name), "")
    return network.name, "image", network.pretrained, network.size, *_cost(network.body(), image), known


def _cost(body: nn.Module, row: Tensor) -> tuple[int, str, int]:
    """Weights without a head, millions of operations for a row, and features."""
    with FlopCounterMode(display=False) as counted, torch.no_grad():
        features = body.eval()(row)
    weights = sum(weight.numel() for weight in body.parameters())
    return weights, f"{counted.get_total_flops() / 1e6:.2f}", features.shape[1]


def _imagenet() -> dict[str, str]:
    with (ASSETS / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["checked_on"].startswith(CHECKED)]
    return {Path(row["file"]).stem: row["checked_top1"] for row in rows}
