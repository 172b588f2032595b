"""Whose features these are: the files of a folder, or the commit of a repository on the hub."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from audition.data.reach import reachable
from audition.files import user_path
from audition.models.base import ModelIdentity, identity_of_files, library_of
from audition.models.spec import ModelSpec

PARTS = (".safetensors", ".bin", ".json", ".txt", ".model", ".jinja")  # weights, settings, vocabularies
CODE = ".py"
SETTINGS = ("config.json", "tokenizer_config.json", "preprocessor_config.json", "modules.json")
KNOWN_BY = ("config.json", "modules.json")  # one of these is in every repository of a model
OTHERS = "--"  # between a repository and its code, where that is not the model's own
_COMMIT = re.compile(r"[0-9a-f]{40}")


def identity_of(spec: ModelSpec, *libraries: str, trusted: bool = False) -> ModelIdentity | None:
    """What decides the features of a name, told without loading anything; None where it cannot be told.

    trusted: whether code that the files bring along runs; then it counts, too, and what runs code of yet
    another repository has no identity.
    """
    folder = user_path(spec.name)
    if folder.is_dir():
        kinds = (*PARTS, CODE) if trusted else PARTS
        files = [path for path in sorted(folder.rglob("*")) if path.suffix in kinds and path.is_file()]
        told = files and not (trusted and _runs_code_of_others(folder))
        return identity_of_files(files, *libraries) if told else None
    commit = _commit(spec.name, spec.revision)
    if commit is None or (trusted and _runs_code_of_others(held_folder(spec.name, spec.revision))):
        return None
    code = " with its code" if trusted else ""
    return ModelIdentity(f"{spec.name}@{commit}{code}", library_of(*libraries))


def _runs_code_of_others(folder: Path | None) -> bool:
    """Whether settings name code of another repository: "org/name--module.Class"."""
    held = [folder / name for name in SETTINGS] if folder else []
    return any(OTHERS in text for path in held if path.is_file() for text in _classes(path))


def _classes(path: Path) -> Iterator[str]:
    """The classes that a file of settings names: of `auto_map`, or the type of each module."""
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # found again, and said, when it is loaded
        return
    if isinstance(settings, list):
        yield from (str(module.get("type")) for module in settings if isinstance(module, dict))
    elif isinstance(settings, dict):
        yield json.dumps(settings.get("auto_map", ""))


def _commit(repository: str, revision: str | None) -> str | None:
    """The commit that a name stands for now: by the hub where it answers, else what the cache holds."""
    if revision is not None and _COMMIT.fullmatch(revision):
        return revision
    try:
        from huggingface_hub import HfApi, constants

        if not constants.HF_HUB_OFFLINE and reachable(constants.ENDPOINT):
            sha: str | None = HfApi().model_info(repository, revision=revision, timeout=10).sha
            return sha
    except Exception:  # no library, no answer, no such name: found again, and said, when it is loaded
        return None
    held = held_folder(repository, revision)
    return held.name if held else None


def held_folder(repository: str, revision: str | None) -> Path | None:
    """The folder of the cache that holds a repository's settings, or None; it is named by the commit."""
    try:
        from huggingface_hub import try_to_load_from_cache

        found = [try_to_load_from_cache(repository, file, revision=revision) for file in KNOWN_BY]
    except Exception:  # no such name: said when it is loaded
        return None
    return next((Path(file).parent for file in found if isinstance(file, str)), None)
