"""What an image tower of open_clip is made of: its blocks, and how their outputs are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TRUNK = "trunk"  # where open_clip keeps a network of timm


@dataclass(frozen=True)
class Parts:
    """blocks: names or patterns, None for whatever holds weights. prefix: tokens that stand for no position.

    channels_last: maps are [n, H, W, C]. widths: channels of a block, where known.
    """

    blocks: list[str] | None
    prefix: int = 0
    channels_last: bool = False
    widths: Mapping[str, int] = field(default_factory=dict)


def parts_of(visual: Any) -> Parts:
    """The blocks of a transformer, the stages of a residual network, or what timm names in its own."""
    trunk = getattr(visual, TRUNK, None)
    if trunk is not None:
        widths = _named(trunk)
        return Parts(
            list(widths) or None,
            int(getattr(trunk, "num_prefix_tokens", 0) or 0),
            str(getattr(trunk, "output_fmt", "NCHW")).endswith("NHWC"),
            widths,
        )
    if hasattr(visual, "transformer"):
        return Parts(["transformer.resblocks.*"], prefix=1)
    return Parts(["layer?"])


def _named(trunk: Any) -> dict[str, int]:
    """The blocks that timm names, and their channels; those that are no module of their own are left out."""
    import torch

    modules = dict(trunk.named_modules())
    information = getattr(trunk, "feature_info", None) or []
    return {
        f"{TRUNK}.{entry['module']}": entry["num_chs"]
        for entry in getattr(information, "info", information)
        if entry["module"] in modules and not isinstance(modules[entry["module"]], torch.nn.ModuleList)
    }
