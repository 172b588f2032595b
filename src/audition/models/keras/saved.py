"""A network that was saved by keras: opened without running code that it may hold."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from audition.errors import InputError, ModelError
from audition.files import user_path
from audition.models.keras.library import quietly
from audition.models.keras.weights import check_file_growth
from audition.models.spec import ModelSpec

SUFFIXES = (".keras", ".h5", ".hdf5")


def is_file(spec: ModelSpec) -> bool:
    """Whether a name stands for a file, and not for one of keras's own networks."""
    return spec.name.lower().endswith(SUFFIXES) or any(mark in spec.name for mark in "/\\~.")


def open_saved(keras: Any, spec: ModelSpec) -> Any:
    """The network in a file; no function that was saved with it is run.

    Raises InputError for a file that is not there, ModelError for one that is damaged, holds code, or is no
    network that takes one batch of pictures.
    """
    path = _path_of(spec)
    check_file_growth(path)
    try:
        with quietly(keras):
            network = keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # ValueError, TypeError, OSError, KeyError and others, by what is wrong
        raise _failure(spec, " ".join(str(error).split())) from error
    if not getattr(network, "inputs", None) or not hasattr(network.outputs[0], "_keras_history"):
        raise ModelError(f"{spec} is no Sequential or functional network, so its layers cannot be told.")
    shapes = [tuple(tensor.shape) for tensor in network.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4:
        raise ModelError(
            f"{spec} takes {', '.join(map(str, shapes))}, where one batch of pictures is needed, "
            "(None, height, width, channels) or with the channels first."
        )
    return network


def _path_of(spec: ModelSpec) -> Path:
    path = user_path(spec.name)
    if path.is_dir():
        raise InputError(f"{spec} is a folder: save the network as one file, by model.save('net.keras').")
    if not path.is_file():
        raise InputError(f"There is no file {spec.name!r} for {spec}.")
    if not path.name.lower().endswith(SUFFIXES):
        raise InputError(f"Keras saves networks as {', '.join(SUFFIXES)}; {path.name!r} is none of them.")
    if path.name.endswith(".weights.h5"):
        raise InputError(f"{spec} holds weights and no network: write keras:NAME?checkpoint={spec.name}.")
    if path.suffix == ".keras" and not zipfile.is_zipfile(path):
        raise ModelError(f"Cannot load {spec}: the file is damaged, for it is no zip archive.")
    return path


def _failure(spec: ModelSpec, why: str) -> ModelError:
    if "Lambda" in why or "safe_mode" in why or "unsafe" in why:
        return ModelError(
            f"{spec} holds a function of its own (a Lambda layer), and code from a file is never run: "
            "put a layer of keras in its place and save it again."
        )
    if "Could not locate" in why or "Unknown layer" in why:
        why = f"it has layers that keras does not know, and code from elsewhere is not run ({why})"
    return ModelError(f"Cannot load {spec}: {why}")
