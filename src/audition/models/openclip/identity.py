"""Whose features the towers of a CLIP give: the digest of its files, or the commit of its weights on the hub."""

from __future__ import annotations

from pathlib import Path

from audition.files import user_path
from audition.models.base import ModelIdentity, identity_of_files, library_of
from audition.models.hf.identity import identity_of
from audition.models.openclip.network import EXTRA, files_on_hub, folder_of, settings_of
from audition.models.spec import ModelSpec
from audition.models.torch.library import import_library

LIBRARIES = ("open-clip-torch", "timm", "transformers", "torch")


def identity(spec: ModelSpec) -> ModelIdentity | None:
    """The digest of a file or a folder, or the commit on the hub; None where it cannot be told."""
    options, folder = dict(spec.options), folder_of(spec)
    if "checkpoint" in options:
        return identity_of_files([user_path(options["checkpoint"])], *LIBRARIES)
    if folder is not None:
        return identity_of_files([path for path in sorted(folder.rglob("*")) if path.is_file()], *LIBRARIES)
    repository, files = files_on_hub(settings_of(import_library("open_clip", EXTRA), spec))
    if not repository or "pretrained" in options:
        return None
    return identity_of(ModelSpec("hf", repository), *LIBRARIES) or _held(repository, files)


def _held(repository: str, files: tuple[str, ...]) -> ModelIdentity | None:
    """By the folder of the cache that holds the weights, which is named by their commit."""
    from huggingface_hub import try_to_load_from_cache

    found = [try_to_load_from_cache(repository, file) for file in files]
    commits = [Path(path).parent.name for path in found if isinstance(path, str)]
    return ModelIdentity(f"{repository}@{commits[0]}", library_of(*LIBRARIES)) if commits else None
