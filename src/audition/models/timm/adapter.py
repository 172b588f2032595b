"""timm:NAME[.TAG][?checkpoint=FILE&...]: the networks of timm, with its own weights and data settings."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import Any

from audition.errors import InputError, UnknownNameError
from audition.models.options import Options, read_options
from audition.models.pixels import Fit, FitImage
from audition.models.pooling import Pool, pooled
from audition.models.spec import ModelSpec
from audition.models.timm.network import LISTING, build
from audition.models.torch.library import import_library
from audition.models.torch.module import TorchModel
from audition.models.torch.structure import blocks_of

EXTRA = "timm"
TAKES = ("checkpoint", "pool", "size", "mean", "std", "channels", "crop", "precision")


def names() -> list[str]:
    """All networks that timm has weights for, with their tags."""
    return list(import_library("timm", EXTRA).list_models(pretrained=True))


def load(spec: ModelSpec) -> TorchModel:
    """The network of a name, with weights of a file or of timm's own from the hub.

    `pretrained=false` leaves it as it was initialised; options that are not ours go to timm's constructor.
    Raises UnknownNameError, InputError, MissingExtraError, and ModelError for weights that do not fit,
    are damaged or cannot be fetched.
    """
    timm = import_library("timm", EXTRA)
    _check_name(timm, spec)
    options = read_options(spec, TAKES, passes_on=True)
    module, trained = build(timm, spec, options)
    data = timm.data.resolve_model_data_config(module, args=_data_arguments(options, module))
    widths = _blocks(module)
    prefix = int(getattr(module, "num_prefix_tokens", 0) or 0)
    channels_last = str(getattr(module, "output_fmt", "NCHW")).endswith("NHWC")
    return TorchModel(
        str(spec),
        module,
        preprocess=fitted(data),
        mean=_for_channels(data, "mean"),
        std=_for_channels(data, "std"),
        blocks=list(widths) or blocks_of(module, str(spec), head="head"),
        head=None,
        pool=options.pool,
        precision=options.precision,
        channels_last=channels_last,
        prefix=prefix,
        widths=widths,
        run=_Run(module, trained, options.pool, prefix, channels_last),
    )


def _check_name(timm: Any, spec: ModelSpec) -> None:
    if spec.revision:
        raise InputError(f"timm's weights have tags, not revisions: write timm:{spec.name}.TAG.")
    known = {*timm.list_models(), *timm.list_models(pretrained=True)}
    if spec.name not in known:
        raise UnknownNameError("model", f"timm:{spec.name}", [f"timm:{name}" for name in known], LISTING)


def _data_arguments(options: Options, module: Any) -> dict[str, Any]:
    """What the user says of the pictures, as timm's data settings name it."""
    channels = options.channels or module.pretrained_cfg.get("input_size", (3,))[0]
    said = {"mean": options.mean, "std": options.std, "crop_pct": options.crop, "in_chans": channels}
    if options.size is not None:
        said["input_size"] = (channels, *options.size)
    return said


def _for_channels(data: dict[str, Any], what: str) -> tuple[float, ...]:
    """A number a channel; grey pictures in a network of coloured ones have the middle of the three."""
    numbers = tuple(data[what])
    return numbers if len(numbers) == data["input_size"][0] else (sum(numbers) / len(numbers),)


def fitted(data: dict[str, Any]) -> FitImage:
    """The preprocess of timm's data settings: the pixels of its own transform, to the last bit."""
    channels, height, width = data["input_size"]
    fits: dict[str, Fit] = {"squash": "squash", "border": "border"}
    fit = fits.get(data["crop_mode"], "centre")
    return FitImage(
        size=(height, width),
        resize=(floor(height / data["crop_pct"]), floor(width / data["crop_pct"])),
        interpolation=data["interpolation"],
        fit=fit,
        mode="L" if channels == 1 else "RGB",
        fill=tuple(round(255 * value) for value in data["mean"]) if fit == "border" else (),
    )


def _blocks(module: Any) -> dict[str, int]:
    """The blocks that timm names, and their channels; those that are no module of their own are left out."""
    import torch

    information = getattr(module, "feature_info", None)
    modules = dict(module.named_modules())
    named = {entry["module"]: entry["num_chs"] for entry in getattr(information, "info", information) or []}
    return {
        name: width
        for name, width in named.items()
        if name and name in modules and not isinstance(modules[name], torch.nn.ModuleList)
    }


@dataclass(frozen=True, eq=False)
class _Run:
    """timm's own two halves of a forward pass; a pooling that was asked for replaces the head's own."""

    module: Any
    trained: bool
    pool: Pool | None
    prefix: int
    channels_last: bool

    def __call__(self, images: Any) -> tuple[Any, Any]:
        maps = self.module.forward_features(images)
        return self._seen(maps), self.module.forward_head(maps) if self.trained else None

    def seen(self, images: Any) -> Any:
        """What the head sees, without the head."""
        return self._seen(self.module.forward_features(images))

    def _seen(self, maps: Any) -> Any:
        if self.pool is None:
            return self.module.forward_head(maps, pre_logits=True)
        return pooled(maps, self.pool, prefix=self.prefix, channels_last=self.channels_last)
