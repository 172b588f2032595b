"""What a name would download, and how soon to say so, when it is not here and cannot be fetched."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from audition.data.reach import reachable
from audition.errors import ModelError

FILES = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.bin",
)
"""What repositories call their weights; an index stands for weights in several files."""

CHECKPOINT = "name a local file with checkpoint=FILE"
OFFLINE = "HF_HUB_OFFLINE"
YES = ("1", "ON", "YES", "TRUE")  # as huggingface_hub reads it


def out_of_reach(address: str) -> str | None:
    """Why nothing can be fetched from a web address now, or None where it may be tried."""
    if is_offline():
        return f"{OFFLINE} is set"
    return None if reachable(address) else f"{urlsplit(address).hostname} cannot be reached"


def is_offline() -> bool:
    """Whether HF_HUB_OFFLINE forbids downloads, those of other libraries, too."""
    constants = sys.modules.get("huggingface_hub.constants")
    if constants is not None:
        return bool(constants.HF_HUB_OFFLINE)
    return os.environ.get(OFFLINE, "").upper() in YES


def check_hub(
    name: str,
    repository: str,
    parameters: Callable[[], int | None],
    files: tuple[str, ...] = FILES,
    *,
    revision: str | None = None,
    instead: str = CHECKPOINT,
) -> None:
    """Raises ModelError where a repository's weights are neither in the cache nor to be had now.

    The hub's own client would try for most of a minute. parameters: how many weights there are, for the
    message; asked only for that. files: any of these holds them. instead: what else could be done.
    """
    from huggingface_hub import constants, try_to_load_from_cache

    held = (try_to_load_from_cache(repository, file, revision=revision) for file in files)
    if any(isinstance(path, str) for path in held):
        return
    if reason := out_of_reach(constants.ENDPOINT):
        number = parameters()
        size = (
            "of a size not known here" if number is None else f"about {number * 4 / 1e6:,.0f} MB in float32"
        )
        raise unfetched(name, f"{reason} and they are not in the cache ({repository}, {size})", instead)


def check_download(name: str, url: str, size: str, *, held: bool) -> None:
    """Raises ModelError where a file of weights is neither held nor to be had now; size as in "45 MB"."""
    reason = None if held else out_of_reach(url)
    if reason:
        raise unfetched(name, f"{reason} and they are not in the cache ({url}, {size})")


def torch_holds(url: str) -> bool:
    """Whether the file of a web address is in the cache of torch.hub, under the name that it gives there."""
    import torch

    return Path(torch.hub.get_dir(), "checkpoints", PurePosixPath(urlsplit(url).path).name).is_file()


def unfetched(name: str, reason: str, instead: str = CHECKPOINT) -> ModelError:
    """The error for weights that could not be fetched."""
    return ModelError(
        f"The weights of {name} could not be fetched: {reason}. Go on where there is a network, or {instead}."
    )
