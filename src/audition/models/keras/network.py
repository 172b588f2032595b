"""The networks of keras.applications, with keras's own weights or those of a file."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audition.errors import InputError, ModelError, UnknownNameError
from audition.models.hub import out_of_reach, unfetched
from audition.models.keras.library import quietly
from audition.models.keras.weights import fit_file
from audition.models.options import OURS, Options
from audition.models.spec import ModelSpec

ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications"
LISTING = "\"audition models 'keras:*'\" lists them."
OWN = ("input_tensor", "input_shape", "name")
"""Arguments of keras that are ours to give."""

USUAL = "imagenet"
SIZES = {"MobileNetV3Large": (224, 224), "MobileNetV3Small": (224, 224)}
"""Of networks that take any size, the one of their weights by keras's documentation."""

_NO_LETTERS = re.compile(r"[^a-z0-9]")


def applications(keras: Any) -> list[str]:
    """The names of keras's networks."""
    return sorted(name for name in vars(keras.applications) if name[0].isupper())


def build(keras: Any, spec: ModelSpec, options: Options) -> tuple[Any, bool]:
    """The network of a name, and whether its weights were trained.

    Raises UnknownNameError for a name, an option or weights that there are not, ModelError for a value that
    it cannot take, and for weights that do not fit or cannot be fetched.
    """
    if spec.name not in applications(keras):
        known = [f"keras:{name}" for name in applications(keras)]
        raise UnknownNameError("model", f"keras:{spec.name}", known, LISTING)
    arguments = _arguments(keras, spec, options)
    if spec.name in SIZES:
        arguments["input_shape"] = _shape(keras, SIZES[spec.name])
    weights = arguments.pop("weights", USUAL)
    sized = dict(arguments)
    if options.size is not None:
        sized["input_shape"] = _shape(keras, options.size)
    if options.checkpoint is not None:
        network = _make(keras, spec, {**sized, "weights": None})
        fit_file(keras, network, options.checkpoint, str(spec))
        return network, True
    if weights is None:
        return _make(keras, spec, {**sized, "weights": None}), False
    _check_fetchable(keras, spec, arguments)
    network = _make(keras, spec, {**arguments, "weights": USUAL})
    return (network if options.size is None else _resized(keras, spec, network, sized)), True


def _arguments(keras: Any, spec: ModelSpec, options: Options) -> dict[str, Any]:
    known = inspect.signature(getattr(keras.applications, spec.name)).parameters.keys() - set(OWN)
    for key, value in options.others.items():
        if key not in known:
            ours = {*OURS} - {"channels", "precision"}
            raise UnknownNameError(f"option of keras:{spec.name}", key, {*ours, *known})
        if key == "weights" and value not in (USUAL, None):
            raise UnknownNameError(f"weights name of keras:{spec.name}", str(value), (USUAL, "none"))
    return dict(options.others)


def _shape(keras: Any, size: tuple[int, int]) -> tuple[int, ...]:
    return (*size, 3) if keras.config.image_data_format() == "channels_last" else (3, *size)


def _make(keras: Any, spec: ModelSpec, arguments: Mapping[str, Any]) -> Any:
    try:
        with quietly(keras):
            return getattr(keras.applications, spec.name)(**arguments)
    except Exception as error:  # ValueError, TypeError, and a bare Exception from the download
        why = " ".join(str(error).split())
        if "URL fetch failure" in why or isinstance(error, OSError):
            raise unfetched(str(spec), why) from error
        raise ModelError(f"{spec} cannot be built: {why}") from error


def _resized(keras: Any, spec: ModelSpec, network: Any, arguments: Mapping[str, Any]) -> Any:
    """The same weights for pictures of another size, which keras gives for its usual size only."""
    sized = _make(keras, spec, {**arguments, "weights": None})
    try:
        with quietly(keras):
            sized.set_weights(network.get_weights())
    except ValueError as error:
        raise InputError(f"{spec} has layers that fit its usual size only: leave size out.") from error
    return sized


def _check_fetchable(keras: Any, spec: ModelSpec, arguments: Mapping[str, Any]) -> None:
    """Before anything is built: are there weights in the cache, or is there a network?

    Only keras knows the name of a file, so any file that is called like the network counts.
    """
    reason = None if _is_held(spec.name) else out_of_reach(ADDRESS)
    if reason:
        number = _make(keras, spec, {**arguments, "weights": None}).count_params()
        size = f"about {number * 4 / 1e6:,.0f} MB in float32"
        raise unfetched(str(spec), f"{reason} and they are not in the cache ({ADDRESS}, {size})")


def _is_held(name: str) -> bool:
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras", "models")
    wanted = _NO_LETTERS.sub("", name.lower())
    return any(wanted in _NO_LETTERS.sub("", path.name.lower()) for path in folder.glob("*.h5"))


def prepare_of(keras: Any, name: str) -> Any:
    """The `preprocess_input` that belongs to a network."""
    module = inspect.getmodule(inspect.unwrap(getattr(keras.applications, name)))
    return module.preprocess_input  # type: ignore[union-attr]  # each of them has one
