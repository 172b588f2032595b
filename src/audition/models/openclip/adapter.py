"""openclip:NAME@TAG[?tower=text&...], openclip:./FOLDER: the two towers of a CLIP, by open_clip."""

from __future__ import annotations

from functools import partial
from typing import Any

from audition.errors import UnknownNameError
from audition.models.hf.options import check_pool
from audition.models.openclip.identity import identity
from audition.models.openclip.network import EXTRA, build, folder_of, quietly
from audition.models.openclip.structure import parts_of
from audition.models.openclip.text import POOLS, ClipText, text_tower
from audition.models.options import Options, read_options
from audition.models.pixels import Fit, FitImage, frame
from audition.models.spec import ModelSpec
from audition.models.torch.library import import_library
from audition.models.torch.module import TorchModel

__all__ = ["identity", "load", "names"]

TAKES = {
    "image": ("checkpoint", "pool", "size", "mean", "std", "crop", "precision"),
    "text": ("checkpoint", "pool", "precision"),
}
FITS: dict[str, Fit] = {"shortest": "centre", "longest": "border", "squash": "squash"}


def names() -> list[str]:
    """All models that open_clip has weights for, each with its tag."""
    return [f"{name}@{tag}" for name, tag in import_library("open_clip", EXTRA).list_pretrained()]


def load(spec: ModelSpec) -> TorchModel | ClipText:
    """One tower of a CLIP: that of images, or with tower=text that of texts.

    The weights are those of a tag, of a file (`checkpoint`; a tag beside it says how they were trained) or
    of a folder; `pretrained=false` leaves the network as it was initialised.
    Raises UnknownNameError, InputError, MissingExtraError, and ModelError for weights that do not fit, are
    damaged or cannot be fetched.
    """
    open_clip = import_library("open_clip", EXTRA)
    tower = dict(spec.options).get("tower", "image")
    if tower not in TAKES:
        raise UnknownNameError("tower", tower, TAKES)
    options = read_options(spec, TAKES[tower], passes_on=True)
    if tower == "image":
        return _image_tower(str(spec), build(open_clip, spec, options).visual, options)
    if options.pool is not None:
        check_pool(options.pool, POOLS)
    clip = build(open_clip, spec, options)
    folder = folder_of(spec)
    with quietly(spec):
        tokenizer = open_clip.get_tokenizer(
            f"local-dir:{folder}" if folder else spec.name,
            context_length=options.others.get("force_context_length"),
        )
    return text_tower(str(spec), clip, tokenizer, options, partial(identity, spec))


def _image_tower(name: str, visual: Any, options: Options) -> TorchModel:
    settings, parts = visual.preprocess_cfg, parts_of(visual)
    return TorchModel(
        name,
        visual,
        preprocess=fitted(settings, options),
        mean=options.mean or _numbers(settings["mean"]),
        std=options.std or _numbers(settings["std"]),
        blocks=parts.blocks,
        head=None,
        pool=options.pool,
        precision=options.precision,
        channels_last=parts.channels_last,
        prefix=parts.prefix,
        widths=parts.widths,
        run=partial(_run, visual),
    )


def _run(visual: Any, images: Any) -> tuple[Any, None]:
    """The embedding, not normalised; some towers give their tokens beside it."""
    given = visual(images)
    return given[0] if isinstance(given, tuple) else given, None


def _numbers(given: Any) -> tuple[float, ...]:
    return tuple(given) if isinstance(given, (tuple, list)) else (float(given),)


def fitted(settings: dict[str, Any], options: Options) -> FitImage:
    """The preprocess of a model's own settings: the pixels of open_clip's transform, to the last bit."""
    size = settings["size"]
    size = (size, size) if isinstance(size, int) else (size[0], size[1])
    interpolation = "bilinear" if settings["interpolation"] == "bilinear" else "bicubic"
    mode = settings["resize_mode"]
    if mode not in FITS:
        raise UnknownNameError("resize mode", str(mode), FITS)
    if options.crop is not None:
        return frame(size, options.crop, interpolation=interpolation)
    fill = (settings["fill_color"],) * 3 if mode == "longest" else ()
    return FitImage(size, size, interpolation, FITS[mode], fill=fill)
