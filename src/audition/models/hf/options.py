"""What stands after the "?" of hf: and st: names: ours are read here, all others belong to the library."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from audition.errors import InputError, UnknownNameError
from audition.models.options import OURS, PRECISIONS, parse_value
from audition.models.spec import ModelSpec

TAKES = ("pool", "max_length", "precision", "modality")
MODALITIES = ("text", "image")


@dataclass(frozen=True)
class TextOptions:
    """pool: how tokens become a vector. max_length: in tokens. modality: of a model that takes two.

    others: for the library's own configuration.
    """

    pool: str | None = None
    max_length: int | None = None
    precision: str = "fp32"
    modality: str | None = None
    others: Mapping[str, Any] = field(default_factory=dict)


def read_text_options(spec: ModelSpec, takes: Sequence[str] = TAKES) -> TextOptions:
    """The options of a name; raises UnknownNameError for one of ours that its source has no use for."""
    ours: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for key, text in spec.options:
        if key in takes:
            ours[key] = _read(key, text, spec)
        elif key in (*OURS, *TAKES):
            raise UnknownNameError(f"option of {spec.source}:{spec.name}", key, takes)
        else:
            others[key] = parse_value(text)
    return TextOptions(**ours, others=others)


def _read(key: str, text: str, spec: ModelSpec) -> Any:
    if key == "max_length":
        if not text.isdecimal() or int(text) < 1:
            raise InputError(
                f"max_length is a positive whole number of tokens; got {text!r} in {str(spec)!r}."
            )
        return int(text)
    known = {"precision": PRECISIONS, "modality": MODALITIES}.get(key)
    if known is not None and text not in known:
        raise UnknownNameError(key, text, known)
    return text


def take_pretrained(options: TextOptions, name: str) -> tuple[bool, TextOptions]:
    """What pretrained says, true by default, and the options without it; raises InputError for other values."""
    asked = options.others.get("pretrained", True)
    if not isinstance(asked, bool):
        raise InputError(f"pretrained is true or false; got {asked!r} in {name!r}.")
    others = {key: value for key, value in options.others.items() if key != "pretrained"}
    return asked, replace(options, others=others)


def check_pool(how: str, known: Sequence[str]) -> None:
    """Raises UnknownNameError for a pooling that a kind of model does not have."""
    if how not in known:
        raise UnknownNameError("pooling", how, known)
