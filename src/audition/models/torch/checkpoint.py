"""Weights out of a local file into a torch module: nothing in the file is executed, and all of it must fit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audition.data.growth import check_archive
from audition.errors import InputError, ModelError

WRAPPERS = ("state_dict", "model_state_dict", "model", "model_ema", "module", "net")
PREFIX = "module."  # of networks trained with DataParallel
SHOWN = 3


def read_weights(path: Path) -> dict[str, Any]:
    """Tensors by name, from safetensors or from what torch.save wrote; a trainer's wrapping is taken off.

    Raises InputError where there is no such file, ModelError for one that is damaged, holds no weights,
    or could only be read by executing what is in it.
    """
    if not path.is_file():
        raise InputError(f"There is no file of weights {str(path)!r}.")
    check_archive(path)
    content = _from_safetensors(path) if path.suffix == ".safetensors" else _from_torch(path)
    for wrapper in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    weights = _tensors(content)
    if not weights:
        raise ModelError(f"The file {str(path)!r} holds no weights by name.")
    if all(name.startswith(PREFIX) for name in weights):
        weights = {name.removeprefix(PREFIX): tensor for name, tensor in weights.items()}
    return weights


def fit_weights(module: Any, weights: Mapping[str, Any], name: str, path: Path) -> None:
    """Loads weights of any precision into a module, in the module's own.

    Raises ModelError with the first three names where one is missing, too many or of another shape.
    """
    own = {key: tuple(tensor.shape) for key, tensor in module.state_dict().items()}
    wrong = [
        f"{key} is {list(tensor.shape)} where {list(own[key])} is needed"
        for key, tensor in weights.items()
        if key in own and tuple(tensor.shape) != own[key]
    ]
    if not wrong:
        missing, unexpected = module.load_state_dict(dict(weights), strict=False)
        wrong = [f"{key} is missing" for key in missing] + [f"{key} has no place" for key in unexpected]
    if wrong:
        more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise ModelError(
            f"The weights in {str(path)!r} do not fit {name}: {'; '.join(wrong[:SHOWN])}{more}. "
            "Name the architecture and the options (such as num_classes) that they were trained with."
        )


def _from_safetensors(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"The file of weights {str(path)!r} is damaged: {error}.") from error


def _from_torch(path: Path) -> Any:
    import pickle

    import torch

    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "weights_only" not in str(error).lower() and "unsupported" not in str(error).lower():
            raise ModelError(f"The file of weights {str(path)!r} is damaged: {error}.") from error
        raise ModelError(
            f"The file {str(path)!r} is damaged or holds more than weights, which would have to be executed: "
            "save its state_dict, best as safetensors, and name that file."
        ) from error
    except Exception as error:  # torch's reader raises RuntimeError, EOFError, KeyError and others
        why = f": {error}" if " " in str(error) else ""  # some hold no more than a number
        raise ModelError(f"The file of weights {str(path)!r} is damaged{why}.") from error


def _tensors(content: Any) -> dict[str, Any]:
    """What is a tensor among named things; counters and settings that trainers add are left."""
    if not isinstance(content, Mapping):
        return {}
    return {str(name): thing for name, thing in content.items() if hasattr(thing, "shape")}
