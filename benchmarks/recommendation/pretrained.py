"""pretrained.csv of the package: the accuracy on ImageNet and the size of torchvision's classifiers."""

from __future__ import annotations

import csv
from pathlib import Path

FIRST = "IMAGENET1K_V1"  # the weights that the published tables were made with


def write_pretrained(file: Path) -> None:
    """A line a classifier, from what torchvision says of its first weights."""
    import torchvision
    from torchvision.models import get_model_weights, list_models

    with file.open("w", encoding="utf-8", newline="") as opened:
        lines = csv.writer(opened, lineterminator="\n")
        lines.writerow(["model", "imagenet_top1", "parameters"])
        for name in list_models(module=torchvision.models):
            for weights in get_model_weights(name):
                if weights.name == FIRST:
                    known = weights.meta
                    lines.writerow([name, known["_metrics"]["ImageNet-1K"]["acc@1"], known["num_params"]])
