"""Weights out of a local file into a keras network: nothing in the file is executed, and all of it must fit."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from audition.data.growth import check_growth
from audition.errors import ModelError
from audition.models.keras.library import EXTRA, quietly
from audition.models.torch.library import import_library

SUFFIXES = (".weights.h5", ".keras", ".h5", ".hdf5")
SHOWN = 3
INSIDE = "model.weights.h5"  # of a .keras file
NOT_WEIGHTS = ("optimizer/", "_optimizer/")
STATE = "seed_generator"
_OBJECT = re.compile(r"name=([^,>]+)")


def fit_file(keras: Any, network: Any, path: Path, name: str) -> None:
    """Loads a file of weights into a network.

    Raises ModelError for a file that is damaged or of another kind, and with the first three layers that it
    does not fit.
    """
    if not path.name.endswith(SUFFIXES):
        raise ModelError(f"Keras reads weights from {', '.join(SUFFIXES)}, not from {path.name!r}.")
    if path.suffix == ".keras" and not zipfile.is_zipfile(path):
        raise ModelError(f"The file of weights {str(path)!r} is damaged: it is no zip archive.")
    check_file_growth(path)
    try:
        with quietly(keras):
            network.load_weights(path)
    except Exception as error:  # ValueError where they do not fit, OSError and KeyError of a damaged file
        raise _failure(error, path, name) from error
    held, wanted = _number_held(path), _number_wanted(network)
    if held is not None and held > wanted:
        raise ModelError(
            f"The weights in {str(path)!r} do not fit {name}: the file holds {held} arrays where {wanted} have a "
            "place. Name the architecture and the options that they were trained with."
        )


def check_file_growth(path: Path) -> None:
    """Raises InputError for a file whose arrays would fill the memory: packed, or promised without being there.

    What is damaged is left to keras, which says how.
    """
    held = 0
    with suppress(OSError, KeyError, RuntimeError, ValueError, zipfile.BadZipFile):
        held = sum(_visited(path, lambda key, array: int(array.nbytes)))
    check_growth(str(path), path.stat().st_size, held)


def _visited(path: Path, told: Callable[[str, Any], Any]) -> list[Any]:
    """What is told of each array in a file, by its name and as h5py shows it."""
    h5py = import_library("h5py", EXTRA)
    found: list[Any] = []

    def note(key: str, thing: Any) -> None:
        if isinstance(thing, h5py.Dataset):
            found.append(told(key, thing))

    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive, archive.open(INSIDE) as inner, h5py.File(inner) as file:
            file.visititems(note)
    else:
        with h5py.File(path) as file:
            file.visititems(note)
    return found


def _failure(error: Exception, path: Path, name: str) -> ModelError:
    text = str(error)
    listed = _OBJECT.findall(text.rpartition("List of objects that could not be loaded:")[2])
    if listed:
        more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
        wrong = f"{', '.join(listed[:SHOWN])}{more}"
    elif isinstance(error, ValueError):
        wrong = " ".join(text.split())
    else:
        return ModelError(f"The file of weights {str(path)!r} is damaged: {' '.join(text.split())}.")
    return ModelError(
        f"The weights in {str(path)!r} do not fit {name}: {wrong}. "
        "Name the architecture and the options (such as classes) that they were trained with."
    )


def _number_wanted(network: Any) -> int:
    return sum(STATE not in variable.path for variable in network.variables)


def _number_held(path: Path) -> int | None:
    """How many arrays of weights a file holds, the optimiser's aside; None for the older form, by layers.

    Keras itself passes over what has no place.
    """
    h5py = import_library("h5py", EXTRA)
    if path.suffix != ".keras":
        with h5py.File(path) as file:
            if "layer_names" in file.attrs or "model_weights" in file:
                return None
    found = [key for key in _visited(path, lambda key, array: key) if "/vars/" in f"/{key}"]
    return sum(not key.startswith(NOT_WEIGHTS) and STATE not in key for key in found)
