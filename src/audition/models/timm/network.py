"""A network as timm builds it, with weights of a file or from the hub, and what is said when that fails."""

from __future__ import annotations

import inspect
from typing import Any

from audition.errors import InputError
from audition.models.hub import FILES, check_hub, unfetched
from audition.models.options import Options, construction_error
from audition.models.spec import ModelSpec
from audition.models.torch.checkpoint import fit_weights, read_weights

LISTING = "\"audition models 'timm:*'\" lists them."


def build(timm: Any, spec: ModelSpec, options: Options) -> tuple[Any, bool]:
    """The network, and whether its head was trained."""
    arguments = dict(options.others)
    fetch = bool(arguments.pop("pretrained", True)) and options.checkpoint is None
    if options.channels is not None:
        arguments["in_chans"] = options.channels
    known = timm.get_pretrained_cfg(spec.name, allow_unregistered=True)
    if options.size is not None and getattr(known, "fixed_input_size", False):
        arguments.setdefault("img_size", options.size)
    if fetch:
        _check_fetchable(timm, spec, known, arguments)
    module = _create(timm, spec, fetch, arguments)
    if options.checkpoint is not None:
        fit_weights(module, read_weights(options.checkpoint), str(spec), options.checkpoint)
    classes = getattr(module, "num_classes", 0)
    kept = not fetch or classes == getattr(known, "num_classes", None)
    return module, bool(classes) and kept and (fetch or options.checkpoint is not None)


def _check_fetchable(timm: Any, spec: ModelSpec, known: Any, arguments: dict[str, Any]) -> None:
    """Before anything is built: are there weights, and are they here or is there a hub to ask?"""
    if not timm.models.is_model_pretrained(spec.name):
        raise InputError(
            f"timm has no weights for {spec.name}: give them by {spec}?checkpoint=FILE. {LISTING}"
        )
    if getattr(known, "hf_hub_id", None):
        special = getattr(known, "hf_hub_filename", None)
        files = (special,) if special else FILES
        check_hub(str(spec), known.hf_hub_id, lambda: _count_parameters(timm, spec, arguments), files)


def _create(timm: Any, spec: ModelSpec, fetch: bool, arguments: dict[str, Any]) -> Any:
    try:
        return timm.create_model(spec.name, pretrained=fetch, **arguments)
    except OSError as error:  # of the hub's client, of its transport and of a full disk
        raise unfetched(str(spec), str(error)) from error
    except Exception as error:  # each architecture raises its own
        raise construction_error(str(spec), error, _known_arguments(timm, spec)) from error


def _known_arguments(timm: Any, spec: ModelSpec) -> set[str]:
    """What the class behind a name can be built with."""
    return set(inspect.signature(type(_on_no_device(timm, spec, {})).__init__).parameters)


def _count_parameters(timm: Any, spec: ModelSpec, arguments: dict[str, Any]) -> int:
    try:
        module = _on_no_device(timm, spec, arguments)
    except Exception as error:  # as in _create
        raise construction_error(str(spec), error, _known_arguments(timm, spec)) from error
    return sum(weight.numel() for weight in module.parameters())


def _on_no_device(timm: Any, spec: ModelSpec, arguments: dict[str, Any]) -> Any:
    """The network without memory for its weights."""
    import torch

    with torch.device("meta"):
        return timm.create_model(spec.name, pretrained=False, **arguments)
