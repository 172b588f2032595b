"""A model of the Hugging Face hub as its listing describes it. What a stranger wrote there is never trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audition.shortlisting.entry import FLOAT32, Entry, is_plain, named
from audition.shortlisting.licences import licence_of

BYTES = {
    "F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
    "F8_E4M3": 1, "F8_E5M2": 1,
}  # fmt: skip
OPENED_AS = {"transformers": "hf", "sentence-transformers": "st", "timm": "timm"}
"""The hub's name of a library -> the source that opens its models."""

WEIGHTS = ("safetensors", "pytorch")
FEW = 2  # data sets that are named


def entry_of(info: Any) -> Entry | None:
    """The entry of a ModelInfo; None for a name that nothing could open."""
    repository, library = str(info.id), str(info.library_name or "transformers")
    if not is_plain(repository):
        return None
    tags = [str(tag) for tag in info.tags or ()]
    parameters, size = _size(info.safetensors)
    model, barred = _name(repository, library), _barred(info, tags, library)
    origin = named(model)
    return Entry(
        model,
        origin.architecture if library == "timm" else _architecture(info, repository),
        origin.trained_on if library == "timm" else _trained_on(tags),
        parameters,
        size,
        licence_of(_told(tags, "license:")[0] if _told(tags, "license:") else ""),
        info.downloads if isinstance(info.downloads, int) else None,
        barred,
    )


def _name(repository: str, library: str) -> str:
    if library == "timm":
        return f"timm:{repository.removeprefix('timm/')}"
    return f"{OPENED_AS.get(library, 'hf')}:{repository}"


def _barred(info: Any, tags: Sequence[str], library: str) -> str:
    if library not in OPENED_AS or (library == "timm" and not str(info.id).startswith("timm/")):
        return "of a library that audition does not open"
    if info.gated:
        return "behind terms that each user has to accept first"
    if "custom_code" in tags:
        return "in need of code of their own (--trust)"
    if not any(kind in tags for kind in WEIGHTS):
        return "without weights of torch"
    return ""


def _size(safetensors: Any) -> tuple[int | None, int | None]:
    """Parameters and bytes, by the types of the tensors; None for a model whose files tell nothing."""
    counts = getattr(safetensors, "parameters", None)
    if not isinstance(counts, Mapping) or not counts:
        return None, None
    numbers = {str(kind): int(number) for kind, number in counts.items()}
    return sum(numbers.values()), sum(BYTES.get(kind, FLOAT32) * n for kind, n in numbers.items())


def _architecture(info: Any, repository: str) -> str:
    """What the settings call it, else the name without its owner."""
    config = info.config if isinstance(info.config, Mapping) else {}
    kind = config.get("model_type")
    return kind if isinstance(kind, str) and is_plain(kind) else repository.rpartition("/")[2]


def _trained_on(tags: Sequence[str]) -> str:
    """The data sets that its card names, and what it was tuned from."""
    data = [name for name in _told(tags, "dataset:") if is_plain(name)]
    bases = [name for name in _told(tags, "base_model:") if is_plain(name) and ":" not in name]
    shown = ", ".join(data[:FEW]) + (f" and {len(data) - FEW} more" if len(data) > FEW else "")
    return " on ".join(filter(None, [bases[0] if bases else "", shown]))


def _told(tags: Sequence[str], prefix: str) -> list[str]:
    return [tag.removeprefix(prefix) for tag in tags if tag.startswith(prefix)]
