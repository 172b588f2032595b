"""The options of a model's name: ours are read and checked, all others go to the library's constructor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, get_args

from audition.errors import AuditionError, InputError, ModelError, UnknownNameError
from audition.files import user_path
from audition.models.pixels import Size
from audition.models.pooling import Pool
from audition.models.spec import ModelSpec

OURS = ("checkpoint", "pool", "size", "mean", "std", "channels", "crop", "precision")
PRECISIONS = ("fp32", "bf16", "fp16")

_UNKNOWN_ARGUMENT = re.compile(r"unexpected keyword argument '(\w+)'")


@dataclass(frozen=True)
class Options:
    """What stands after the "?" of a model's name.

    checkpoint: a file of weights. pool: how maps and tokens become vectors. size: (height, width).
    mean, std: one number or one a channel, for pixels in 0..1. channels: 1 or 3. crop: the share of the
    picture about its centre that the network sees. others: for the library's own constructor.
    """

    checkpoint: Path | None = None
    pool: Pool | None = None
    size: Size | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    channels: int | None = None
    crop: float | None = None
    precision: str = "fp32"
    others: Mapping[str, Any] = field(default_factory=dict)


def read_options(spec: ModelSpec, takes: Iterable[str], *, passes_on: bool = False) -> Options:
    """The options of a name; `takes` lists those of ours that its source knows.

    passes_on: whether others go to a constructor. Raises UnknownNameError for one that nothing takes,
    InputError for a value that cannot be.
    """
    takes = tuple(takes)
    ours: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for key, text in spec.options:
        if key in takes:
            ours[key] = _READERS[key](text, f"{key}={text} in the model name {str(spec)!r}")
        elif passes_on and key not in OURS:
            others[key] = parse_value(text)
        else:
            raise UnknownNameError(f"option of {spec.source}:{spec.name}", key, takes)
    return Options(**ours, others=others)


def parse_value(text: str) -> Any:
    """An int, a float, True, False or None where the text reads as one, else the text itself."""
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def construction_error(name: str, error: Exception, known: Iterable[str]) -> AuditionError:
    """What to raise where a library's constructor failed; `known` are the arguments that it takes."""
    unknown = _UNKNOWN_ARGUMENT.search(str(error)) if isinstance(error, TypeError) else None
    if unknown:
        named = {*OURS, *known} - {"self", "args", "kwargs", "pretrained", "features_only"}
        return UnknownNameError(f"option of {name}", unknown[1], named)
    if isinstance(error, UnpicklingError):
        return ModelError(
            f"{name} cannot be built: its file of weights is damaged, or holds code, which is never run."
        )
    return ModelError(f"{name} cannot be built: {error}")


def _path(text: str, where: str) -> Path:
    path = user_path(text)
    if not path.is_file():
        raise InputError(f"There is no file {text!r}: {where}.")
    return path


def _choice(known: Iterable[str], what: str) -> Any:
    def read(text: str, where: str) -> str:
        if text not in tuple(known):
            raise UnknownNameError(what, text, known)
        return text

    return read


def _size(text: str, where: str) -> Size:
    sides = _numbers(text, where)
    if len(sides) > 2 or any(side < 1 or side != int(side) for side in sides):
        raise InputError(f"A size is one whole number or HEIGHT,WIDTH: {where}.")
    return int(sides[0]), int(sides[-1])


def _numbers(text: str, where: str) -> tuple[float, ...]:
    try:
        return tuple(float(piece) for piece in text.split(","))
    except ValueError:
        raise InputError(f"Numbers separated by commas are needed: {where}.") from None


def _per_channel(text: str, where: str) -> tuple[float, ...]:
    numbers = _numbers(text, where)
    if len(numbers) not in (1, 3):
        raise InputError(f"One number is needed, or one for each of three channels: {where}.")
    return numbers


def _std(text: str, where: str) -> tuple[float, ...]:
    numbers = _per_channel(text, where)
    if min(numbers) <= 0:
        raise InputError(f"A std is more than 0: {where}.")
    return numbers


def _channels(text: str, where: str) -> int:
    if text not in ("1", "3"):
        raise InputError(f"A picture has 1 or 3 channels: {where}.")
    return int(text)


def _crop(text: str, where: str) -> float:
    (share, *more) = _numbers(text, where)
    if more or not 0 < share <= 1:
        raise InputError(f"A crop is one number, more than 0 and at most 1: {where}.")
    return share


_READERS: dict[str, Any] = {
    "checkpoint": _path,
    "pool": _choice(get_args(Pool), "pooling"),
    "size": _size,
    "mean": _per_channel,
    "std": _std,
    "channels": _channels,
    "crop": _crop,
    "precision": _choice(PRECISIONS, "precision"),
}
