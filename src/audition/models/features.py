"""features:FILE.npz|.npy|.safetensors: features that are there already, a row an item, ranked beside networks."""

from __future__ import annotations

import glob
import os
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from audition.arrays import Array
from audition.data.array_file import SUFFIXES, ArrayFile
from audition.data.files import PROBABILITIES
from audition.errors import InputError, ModelError
from audition.files import user_path
from audition.models.spec import ModelSpec

NOT_LAYERS = ("labels", "groups", PROBABILITIES)


@dataclass(frozen=True)
class FeatureLayers:
    """The layers in a file. keys: layer -> the name of its array, in order of depth."""

    name: str
    file: ArrayFile
    keys: dict[str, str]

    def read(self, layer: str) -> Array:
        """The array of a layer."""
        return self.file.read(self.keys[layer])

    def probabilities(self) -> Array | None:
        """The source probabilities in the file, or None."""
        return self.file.read(PROBABILITIES) if PROBABILITIES in self.file.shapes else None


def load(spec: ModelSpec) -> NoReturn:
    """Raises InputError: features of one data set are no network that could be run over another."""
    path_of(spec)
    raise InputError(
        f"{spec} holds the features of one data set, and nothing to run: name a network here, or rank the "
        "file with 'audition rank'."
    )


def matching(pattern: str) -> list[str]:
    """The names of the files that a pattern stands for, sorted; a file of that very name is itself."""
    if os.path.exists(os.path.expanduser(pattern)):
        return [str(ModelSpec("features", pattern))]
    found = glob.glob(os.path.expanduser(pattern), recursive=True)
    kept = sorted(path for path in found if Path(path).suffix.lower() in SUFFIXES)
    return [str(ModelSpec("features", path)) for path in kept]


def path_of(spec: ModelSpec) -> Path:
    """The file of a name; raises InputError where there is none, and for options, which there are none."""
    if spec.options:
        raise InputError(f"A file of features has no options: write features:{spec.name}.")
    path = user_path(spec.name if spec.revision is None else f"{spec.name}@{spec.revision}")
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"Cannot read features from {str(path)!r}: give {', '.join(SUFFIXES)}.")
    if not path.is_file():
        raise InputError(f"There is no file {str(path)!r} of features.")
    return path


def open_features(spec: ModelSpec) -> FeatureLayers:
    """The layers in the file of a name, none of them read yet.

    What audition wrote has its layers by name. In other files each array [N, D] is a layer, in the file's
    order, but for labels, groups and source_probabilities; `features`, where it is there, is the last.
    Raises InputError for a file that is missing or damaged, ModelError for one without features.
    """
    file = ArrayFile.open(path_of(spec))
    if file.header is not None:
        keys = {layer: f"layer.{i}" for i, layer in enumerate(file.header.get("layers", ()))}
    else:
        keys = {name: name for name in _two_dimensional(file)}
    if not keys or any(len(file.shapes.get(key, ())) != 2 for key in keys.values()):
        held = ", ".join(f"{name!r} {list(shape)}" for name, shape in file.shapes.items()) or "nothing"
        raise ModelError(f"{spec} holds no features [N, D]; it holds {held}.")
    return FeatureLayers(str(spec), file, keys)


def _two_dimensional(file: ArrayFile) -> list[str]:
    """The arrays that can be layers, with `features` at the end; those of other lengths are no layers beside it."""
    rows = file.shapes.get("features", (None,))[0]
    names = [name for name, shape in file.shapes.items() if name not in NOT_LAYERS and len(shape) == 2]
    if rows is not None:
        names = [name for name in names if file.shapes[name][0] == rows]
    return sorted(names, key=lambda name: name == "features")
