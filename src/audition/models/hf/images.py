"""Images through a transformer's own image processor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audition.data.base import DataKind
from audition.models.hf.network import Piece
from audition.models.pixels import normalised
from audition.models.pooling import Pool, pooled

if TYPE_CHECKING:
    from PIL.Image import Image

PIECE = 32  # images that go through the network together: all its hidden states are kept for so long
BYTE = 1 / 255
PATCHES = ("patch_embeddings", "patch_embedding")


@dataclass(frozen=True)
class Processed:
    """A PIL image -> what a processor makes of it, [C, H, W]; equal settings are equal.

    kind: the processor's class. settings: its configuration as JSON. raw: as uint8, not normalised, so that
    networks which differ only in mean and spread share the pixels, a byte each.
    """

    kind: str
    settings: str
    raw: bool

    def __call__(self, item: Image) -> NDArray[Any]:
        processor = processor_made(self)
        options = {"do_rescale": False, "do_normalize": False} if self.raw else {}
        made = processor(images=item.convert("RGB"), return_tensors="np", **options)
        pixels: NDArray[Any] = np.asarray(made["pixel_values"])[0]
        return pixels


def processor_made(preprocess: Processed) -> Any:
    """The library's own processor."""
    return _processor(preprocess.kind, preprocess.settings)


@cache
def _processor(kind: str, settings: str) -> Any:
    import transformers

    return getattr(transformers, kind).from_dict(json.loads(settings))


def processed(processor: Any) -> Processed:
    """The preprocess of a library's processor."""
    settings = json.loads(processor.to_json_string())
    rescales = settings.get("do_rescale") and abs(settings.get("rescale_factor", BYTE) - BYTE) < 1e-9
    raw = bool(rescales and settings.get("do_normalize") and settings.get("image_mean"))
    return Processed(type(processor).__name__, json.dumps(settings, sort_keys=True), raw)


@dataclass(frozen=True, eq=False)
class Images:
    """Batches of images -> pieces, a row an image."""

    preprocess: Processed
    pool: Pool
    prefix: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    kind: DataKind = field(default="image")

    def total(self, batch: NDArray[Any]) -> int:
        """How many images there are."""
        return len(batch)

    def pieces(self, batch: NDArray[Any]) -> Iterator[Piece]:
        """A few images at a time, normalised where their pixels are bytes."""
        import torch

        for start in range(0, len(batch), PIECE):
            part = batch[start : start + PIECE]
            values = normalised(part, self.mean, self.std) if part.dtype == np.uint8 else part
            pixels = torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
            rows = np.arange(start, start + len(part))
            yield Piece(rows, {"pixel_values": pixels}, partial(pooled, how=self.pool, prefix=self.prefix))


def images_of(processor: Any, backbone: Any, pool: Pool | None) -> Images:
    """How a network takes images; by default its class token is the vector, where it has one, else the mean."""
    prefix = prefix_tokens(backbone)
    settings = processor.to_dict()
    return Images(
        processed(processor),
        pool or ("cls" if prefix else "mean"),
        prefix,
        tuple(settings.get("image_mean") or (0.0,)),
        tuple(settings.get("image_std") or (1.0,)),
    )


def prefix_tokens(backbone: Any) -> int:
    """The tokens in front that stand for no part of the image: of the class, of distillation, registers."""
    parts = (part for part in backbone.modules() if any(hasattr(part, name) for name in PATCHES))
    embeddings = next(parts, None)
    if getattr(embeddings, "class_embedding", None) is not None:
        return 1
    found = [
        getattr(embeddings, name, None) for name in ("cls_token", "distillation_token", "register_tokens")
    ]
    return sum(token.shape[1] for token in found if token is not None)
