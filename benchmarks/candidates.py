"""Writes candidates_assets.toml: every network of the sample assets by the name that audition gives it, and its source.

python -m benchmarks.candidates
"""

from __future__ import annotations

import csv
import sys
import tomllib
from pathlib import Path

from audition.models.listed import Listed
from audition.models.rooted import rooted
from benchmarks.assets import ABSENT, ASSETS

FILE = Path(__file__).with_name("candidates_assets.toml")
HEADER = """\
# The networks of the sample assets, written by `python -m benchmarks.candidates` from their manifest.csv.
# The paths are those inside the folder of assets, which lies beside the checkout.
root = "../../shared/assets"
"""
CROPPED = "ImageNet sample"  # checked on pictures of which the middle 7/8 was cut out, as ImageNet networks see them
CROP = "0.875"


def listed(assets: Path = ASSETS) -> list[Listed]:
    """Each network in the manifest by its name, with paths relative to the assets, and where it comes from."""
    with (assets / "manifest.csv").open(encoding="utf-8") as file:
        return [
            Listed(_name(row), _plain(row["pretrained_on"]), _plain(row["architecture"]))
            for row in csv.DictReader(file)
        ]


def names(assets: Path = ASSETS) -> list[str]:
    """The name of each network in the manifest, with paths relative to the assets."""
    return [network.name for network in listed(assets)]


def candidates(assets: Path = ASSETS) -> list[str]:
    """The names in the file, with paths that can be opened from anywhere."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["model"]
    return [rooted(entry["name"], assets) for entry in entries]


def text(assets: Path = ASSETS) -> str:
    """What the file holds."""
    return HEADER + "".join(
        f'\n[[model]]\nname = "{one.name}"\narchitecture = "{one.architecture}"\nsource = "{one.source}"\n'
        for one in listed(assets)
    )


def _plain(words: str) -> str:
    """Without what stands in brackets: "FER-2013 (7 emotions)" -> "FER-2013"."""
    return words.partition(" (")[0]


def _name(row: dict[str, str]) -> str:
    mean, std = (_short(row[key]) for key in ("mean", "std"))
    if row["loader"] == "onnx":
        options = [f"size={row['input_size']}", f"mean={mean}", f"std={std}"]
        options += [f"crop={CROP}"] if CROPPED in row["checked_on"] else []
        return f"onnx:{row['file']}?{'&'.join(options)}"
    options = [f"checkpoint={row['file']}", *row["arguments"].split()]
    if row["loader"] == "timm":  # torchvision's transforms have the numbers of these networks already
        options += [f"mean={mean}", f"std={std}"]
    if row["input_size"] != "224":
        options.append(f"size={row['input_size']}")
    return f"{row['loader']}:{row['architecture']}?{'&'.join(options)}"


def _short(numbers: str) -> str:
    """ "0.5 0.5 0.5" -> "0.5", "0.1 0.2 0.3" -> "0.1,0.2,0.3"."""
    several = numbers.split()
    return several[0] if len(set(several)) == 1 else ",".join(several)


if __name__ == "__main__":
    if not ASSETS.is_dir():
        sys.exit(ABSENT)
    FILE.write_text(text(), encoding="utf-8")
