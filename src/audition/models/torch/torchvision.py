"""torchvision:NAME[?checkpoint=FILE&...]: the classifiers of torchvision, with its own weights and transforms."""

from __future__ import annotations

import inspect
from typing import Any

from audition.errors import InputError, UnknownNameError
from audition.models.hub import check_download, torch_holds, unfetched
from audition.models.options import Options, construction_error, read_options
from audition.models.pixels import FitImage, frame
from audition.models.spec import ModelSpec
from audition.models.torch.checkpoint import fit_weights, read_weights
from audition.models.torch.library import import_library
from audition.models.torch.module import TorchModel
from audition.models.torch.structure import head_of

EXTRA = "torchvision"
TAKES = ("checkpoint", "pool", "size", "mean", "std", "crop", "precision")
LISTING = "\"audition models 'torchvision:*'\" lists them."
UNTRAINED = ("none", None)
WINDOWS_LAST = "SwinTransformer"  # its maps are [n, H, W, C]; no other of torchvision's are


def names() -> list[str]:
    """All classifiers of torchvision; detection and segmentation live in modules of their own."""
    models = import_library("torchvision", EXTRA).models
    return list(models.list_models(module=models))


def load(spec: ModelSpec) -> TorchModel:
    """The network of a name, with weights of a file or those that torchvision would download.

    `weights=NAME` chooses among several, `weights=none` leaves the network as it was initialised; options
    that are not ours go to torchvision's constructor.
    Raises UnknownNameError, InputError, MissingExtraError, and ModelError for weights that do not fit,
    are damaged or cannot be fetched, and for a torchvision that does not match torch.
    """
    models = import_library("torchvision", EXTRA).models
    if spec.revision:
        raise InputError(
            f"torchvision's weights have names, not revisions: {spec.source}:{spec.name}?weights=NAME."
        )
    if spec.name not in names():
        known = [f"torchvision:{name}" for name in names()]
        raise UnknownNameError("model", f"torchvision:{spec.name}", known, LISTING)
    options = read_options(spec, TAKES, passes_on=True)
    weights = _weights(models, spec, options)
    module = _build(models, spec, options, weights)
    # What is right for the pictures belongs to the architecture, where a file says nothing of them.
    preset = (weights or models.get_model_weights(spec.name).DEFAULT).transforms()
    trained = weights is not None or options.checkpoint is not None
    return TorchModel(
        str(spec),
        module,
        preprocess=fitted(preset, options),
        mean=options.mean or tuple(preset.mean),
        std=options.std or tuple(preset.std),
        blocks=["conv_proj", "encoder.layers.*"] if hasattr(module, "encoder") else None,
        head=head_of(module, str(spec)),
        probabilities=trained,
        pool=options.pool,
        precision=options.precision,
        channels_last=type(module).__name__ == WINDOWS_LAST,
    )


def _weights(models: Any, spec: ModelSpec, options: Options) -> Any:
    """The member of the weights' enumeration that a name asks for, or None."""
    asked = options.others.get("weights", "DEFAULT")
    if options.checkpoint is not None or asked in UNTRAINED:
        return None
    known = models.get_model_weights(spec.name)
    if asked not in known.__members__:
        raise UnknownNameError(f"weights name of torchvision:{spec.name}", str(asked), known.__members__)
    return known[asked]


def _build(models: Any, spec: ModelSpec, options: Options, weights: Any) -> Any:
    arguments = {key: value for key, value in options.others.items() if key != "weights"}
    size = "" if weights is None else f"{weights.meta.get('_file_size', '?')} MB"
    if weights is not None:
        check_download(str(spec), weights.url, size, held=torch_holds(weights.url))
    try:
        module = models.get_model(spec.name, weights=weights, **arguments)
    except OSError as error:
        where = "" if weights is None else f" ({weights.url}, {size})"
        raise unfetched(str(spec), f"{error}{where}") from error
    except Exception as error:  # each architecture raises its own
        raise construction_error(str(spec), error, _known_arguments(models, spec)) from error
    if options.checkpoint is not None:
        fit_weights(module, read_weights(options.checkpoint), str(spec), options.checkpoint)
    return module


def _known_arguments(models: Any, spec: ModelSpec) -> set[str]:
    """What the class behind a name can be built with."""
    import torch

    with torch.device("meta"):
        kind = type(models.get_model(spec.name, weights=None))
    return {"weights", *inspect.signature(kind.__init__).parameters}


def fitted(preset: Any, options: Options) -> FitImage:
    """The preprocess of a weights' transforms: their pixels, to the last bit."""
    (crop,), (resize,) = preset.crop_size, preset.resize_size
    size = options.size or (crop, crop)
    if options.crop is not None:
        return frame(size, options.crop, interpolation=preset.interpolation.value)
    larger = (size[0] * resize // crop, size[1] * resize // crop)
    return FitImage(size, larger, preset.interpolation.value)
