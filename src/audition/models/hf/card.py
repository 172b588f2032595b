"""What the files of a repository, in a folder or in the cache, say of it: its architecture and its data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audition.files import user_path
from audition.models.spec import ModelSpec

DEPTHS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
WIDTHS = ("hidden_size", "n_embd", "dim", "d_model")


@dataclass(frozen=True)
class Card:
    """architecture: its kind and size, and data: what it was trained on; None where nothing says so."""

    architecture: str | None = None
    data: str | None = None


def card_of(spec: ModelSpec) -> Card:
    """The card of a name, out of config.json and the head of README.md; nothing is fetched."""
    config = _config(_file(spec, "config.json"))
    metadata = _metadata(_file(spec, "README.md"))
    datasets = metadata.get("datasets")
    several = datasets if isinstance(datasets, list) else [datasets] if datasets else []
    return Card(_architecture(config), ", ".join(map(str, several)) or None)


def _file(spec: ModelSpec, file: str) -> Path | None:
    folder = user_path(spec.name)
    if folder.is_dir():
        return folder / file if (folder / file).is_file() else None
    try:
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(spec.name, file, revision=spec.revision)
    except (ImportError, ValueError):  # not installed, or no name of a repository
        return None
    return Path(found) if isinstance(found, str) else None


def _config(path: Path | None) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _metadata(path: Path | None) -> Mapping[str, Any]:
    """The YAML between the first lines of a model card."""
    if path is None:
        return {}
    try:
        from huggingface_hub import metadata_load

        return metadata_load(path) or {}
    except Exception:  # no library, no head, no YAML: then the card says nothing
        return {}


def _architecture(config: Mapping[str, Any]) -> str | None:
    """Kind and size, so that small and large ones are two: "bert, 6 layers of 384"."""
    kind = config.get("model_type")
    depth = next((config[key] for key in DEPTHS if key in config), None)
    width = next((config[key] for key in WIDTHS if key in config), None)
    if not isinstance(kind, str):
        return None
    return f"{kind}, {depth} layers of {width}" if depth and width else kind
