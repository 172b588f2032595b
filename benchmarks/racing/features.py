"""Features of all layers of the zoo's and the sample networks on three sets of pictures, computed once."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np

import audition
from audition.models.registry import find_models
from benchmarks.assets import ASSETS

FOLDER = Path("build") / "racing"
TARGETS = ("caltech101", "sign_digits", "eurosat")
HEAVY = ("size=225", "big_xception", "squeezenet1_0", "_inat_", "075_192")
"""Networks that are left out: large pictures, and others of families that are there."""


def names() -> list[str]:
    """The zoo's networks, and those of the sample assets."""
    listed = tomllib.loads((Path(__file__).parents[1] / "candidates_assets.toml").read_text())
    own = [model["name"].replace("weights/", f"{ASSETS}/weights/") for model in listed["model"]]
    return [*find_models("zoo:*"), *(name for name in own if not any(word in name for word in HEAVY))]


def file_of(target: str, name: str) -> Path:
    """Where the features of a network on a target lie."""
    short = name.partition("?")[0].replace(f"{ASSETS}/weights/", "") + "-" * ("?" in name)
    checkpoint = name.partition("weights/")[2].partition("&")[0].partition("?")[0]
    return FOLDER / target / f"{(short + checkpoint).replace(':', '_').replace('/', '_')}.npz"


def compute() -> None:
    """Fills the folder; what is there stays."""
    for target in TARGETS:
        for name in names():
            file = file_of(target, name)
            if file.exists():
                continue
            found = audition.extract(name, f"{ASSETS}/images/{target}", layers="all")
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part.npz")
            labels = np.array([str(label) for label in found.labels])
            np.savez(part, labels=labels, **{layer: np.asarray(x) for layer, x in found.layers.items()})
            part.rename(file)
            print(target, file.stem, len(found.layers), "layers", f"{found.seconds:.0f} s", flush=True)
