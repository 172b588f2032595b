"""Where a candidate comes from: its architecture, and the source that it was trained on, told by its name.

Nothing is opened or fetched: zoo records, timm tags, torchvision weights' names, model cards that are here
already, what `audition extract` wrote; else the name of the weights' file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from audition.errors import AuditionError
from audition.models.base import Model
from audition.models.features import open_features
from audition.models.hf.card import card_of
from audition.models.rooted import FILE_SOURCES
from audition.models.spec import ModelSpec
from audition.models.zoo import manifest

UNTRAINED = "nothing (untrained)"

# fmt: off
DATA = {
    "in1k": "ImageNet-1k", "in12k": "ImageNet-12k", "in21k": "ImageNet-21k", "in22k": "ImageNet-22k",
    "inw21k": "ImageNet-W21k", "jft": "JFT-300M", "ig1b": "Instagram-1B", "swag": "Instagram-3.6B",
    "yfcc15m": "YFCC15M", "yfcc100m": "YFCC100M", "cc12m": "CC12M", "laion400m": "LAION-400M",
    "laion2b": "LAION-2B", "laion5b": "LAION-5B", "laiona": "LAION-A", "openai": "OpenAI's pairs",
    "webli": "WebLI", "merged2b": "Merged-2B", "metaclip": "MetaCLIP", "datacomp1b": "DataComp-1B",
    "datacompxl": "DataComp-XL", "dfn2b": "DFN-2B", "dfn5b": "DFN-5B", "dfndr2b": "DFNDR-2B",
    "lvd142m": "LVD-142M", "lvd1689m": "LVD-1689M", "sa1b": "SA-1B", "sat493m": "SAT-493M",
}
# fmt: on
"""A piece of a tag of timm's or open_clip's -> the data that it stands for."""


@dataclass(frozen=True)
class Origin:
    """What a candidate is, and what it was trained on."""

    architecture: str
    source: str


def origin_of(model: str | Model) -> Origin:
    """The origin of a model, as far as its name tells: "timm:resnet18.fb_swsl_ig1b_ft_in1k" and so on.

    >>> origin_of("timm:resnet18.fb_swsl_ig1b_ft_in1k")
    Origin(architecture='resnet18', source='Instagram-1B, then ImageNet-1k')
    >>> origin_of("timm:mobilenetv2_100?checkpoint=weights/birds.safetensors")
    Origin(architecture='mobilenetv2_100', source='birds')
    """
    name = model if isinstance(model, str) else model.name
    try:
        spec = ModelSpec.parse(name)
        found = TELLERS.get(spec.source, _by_name)(spec)
    except AuditionError:  # a name of the user's own, or a file that is damaged, which its row will say
        return Origin(name, name)
    options = dict(spec.options)
    if "checkpoint" in options:
        return replace(found, source=PurePath(options["checkpoint"]).stem)
    return replace(found, source=UNTRAINED) if _untrained(options) else found


def variant_of(name: str) -> str:
    """What tells a model from another of one architecture and source: its file, its tag, or its name.

    >>> variant_of("timm:resnet18.a1_in1k"), variant_of("onnx:nets/birds.onnx?size=32")
    ('a1_in1k', 'birds')
    """
    try:
        spec = ModelSpec.parse(name)
    except AuditionError:
        return name
    if checkpoint := dict(spec.options).get("checkpoint"):
        return PurePath(checkpoint).stem
    if spec.source in FILE_SOURCES:
        return PurePath(spec.name).stem
    return spec.name.partition(".")[2] if spec.source == "timm" and "." in spec.name else name


def _untrained(options: dict[str, str]) -> bool:
    return options.get("pretrained", "").lower() == "false" or options.get("weights", "").lower() == "none"


def data_of(tag: str) -> str:
    """The data that the pieces of a tag name, in order; the tag itself where it names none.

    >>> data_of("augreg_in21k_ft_in1k"), data_of("a_recipe")
    ('ImageNet-21k, then ImageNet-1k', 'a_recipe')
    """
    return ", then ".join(DATA[piece] for piece in tag.lower().split("_") if piece in DATA) or tag


def _zoo(spec: ModelSpec) -> Origin:
    record: dict[str, Any] = manifest().get(spec.name, {})
    return Origin(record.get("architecture", spec.name), record.get("source", spec.name))


def _timm(spec: ModelSpec) -> Origin:
    architecture, _, tag = spec.name.partition(".")
    known = tag or _weights_are_named(spec)
    return Origin(architecture, data_of(tag if known else _default_tag(architecture)))


def _weights_are_named(spec: ModelSpec) -> bool:
    """Whether options say which weights there are, so that no library need be asked."""
    return not {"checkpoint", "weights", "pretrained"}.isdisjoint(dict(spec.options))


def _default_tag(architecture: str) -> str:
    """The tag of the weights that timm takes unasked."""
    try:
        from timm.models import get_pretrained_cfg

        return str(getattr(get_pretrained_cfg(architecture), "tag", "") or architecture)
    except (ImportError, RuntimeError):  # no such name: its row says so
        return architecture


def _torchvision(spec: ModelSpec) -> Origin:
    if _weights_are_named(spec):
        return Origin(spec.name, dict(spec.options).get("weights", ""))
    try:
        from torchvision.models import get_model_weights

        return Origin(spec.name, str(get_model_weights(spec.name).DEFAULT.name))
    except Exception:  # not installed, does not fit torch, or no such name: its row says so
        return Origin(spec.name, "torchvision's own weights")


def _openclip(spec: ModelSpec) -> Origin:
    return Origin(PurePath(spec.name).name, data_of(spec.revision or PurePath(spec.name).name))


def _keras(spec: ModelSpec) -> Origin:
    weights = dict(spec.options).get("weights", "imagenet")
    if PurePath(spec.name).suffix:
        return _by_name(spec)
    return Origin(spec.name, "ImageNet-1k" if weights == "imagenet" else PurePath(weights).stem)


def _hf(spec: ModelSpec) -> Origin:
    card = card_of(spec)
    name = PurePath(spec.name).name
    return Origin(card.architecture or name, card.data or name)


def _features(spec: ModelSpec) -> Origin:
    """That of the network that made them, where audition wrote it down."""
    header = open_features(spec).file.header or {}
    return origin_of(header["model"]) if isinstance(header.get("model"), str) else _by_name(spec)


def _by_name(spec: ModelSpec) -> Origin:
    stem = PurePath(spec.name).stem if PurePath(spec.name).suffix else spec.name
    return Origin(stem, stem)


TELLERS: dict[str, Callable[[ModelSpec], Origin]] = {
    "zoo": _zoo,
    "timm": _timm,
    "torchvision": _torchvision,
    "openclip": _openclip,
    "keras": _keras,
    "hf": _hf,
    "st": _hf,
    "features": _features,
}
"""Source prefix -> what tells the origin of its names; of all others the file's name is all there is."""
