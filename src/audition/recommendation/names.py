"""Which published model a candidate is: `timm:resnet50.tv_in1k` and `torchvision:resnet50` are the tables' resnet50."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files
from math import log10

TORCHVISION_IN_TIMM = ".tv_in1k"  # timm's name for the weights that torchvision published first
USUAL_ACCURACY, USUAL_SIZE = 75.0, 25e6  # top-1 in %, and parameters: where the traits are 0
HUBS = ("timm", "torchvision", "hf", "keras", "openclip")


def known_as(model: str) -> str:
    """The name under which results of a model are looked up; names of one model give the same.

    Lower case, without source, revision and options; names of `aliases.csv` become what the file says.
    Weights of another training are another model: `timm:resnet50.a1_in1k` is not resnet50.

    >>> known_as("timm:resnet50.tv_in1k"), known_as("torchvision:resnet50"), known_as("Inception V3")
    ('resnet50', 'resnet50', 'inception_v3')
    >>> known_as("hf:facebook/deit-tiny-patch16-224"), known_as("timm:resnet50.a1_in1k")
    ('deit_tiny', 'resnet50.a1_in1k')
    """
    source, colon, rest = model.partition(":")
    if colon and source not in HUBS:
        return model
    bare = re.split(r"[?@]", rest if colon else model, maxsplit=1)[0].strip().lower().replace(" ", "_")
    bare = bare.removeprefix("timm/").removesuffix(TORCHVISION_IN_TIMM)
    return _aliases().get(bare, bare)


def family_of(key: str) -> str:
    """The letters that a model's name begins with, without its owner: what its relatives share.

    >>> family_of("resnet50"), family_of("facebook/convnext-base-224")
    ('resnet', 'convnext')
    """
    source, colon, _ = key.partition(":")
    if colon and source not in HUBS:
        return key
    found = re.match(r"[a-z]+", key.lower().rpartition("/")[2])
    return found.group() if found else key


def traits_of(key: str, parameters: float | None = None) -> tuple[float, float]:
    """A model's accuracy on ImageNet and its size, 0 for a usual one and where nothing is known, −2 to 2.

    Both are in `pretrained.csv` for the classifiers of torchvision; `parameters`, where given, comes first.

    >>> [round(trait, 1) for trait in traits_of("resnet152")]
    [0.7, 0.8]
    """
    accuracy, size = _pretrained().get(key, (None, None))
    size = parameters or size
    better = 0.0 if accuracy is None else (accuracy - USUAL_ACCURACY) / 5
    larger = 2 * log10(size / USUAL_SIZE) if size else 0.0
    return max(-2.0, min(better, 2.0)), max(-2.0, min(larger, 2.0))


@cache
def _pretrained() -> dict[str, tuple[float, float]]:
    return {
        row["model"]: (float(row["imagenet_top1"]), float(row["parameters"]))
        for row in _rows("pretrained.csv")
    }


@cache
def _aliases() -> dict[str, str]:
    return {row["alias"]: row["model"] for row in _rows("aliases.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (files("audition") / "recommendation" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
