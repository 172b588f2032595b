"""Whose features a torch module gives: its weights, what it is built of, and how pictures go in and maps come out."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from typing import Any

from audition.models.base import ModelIdentity, library_of

LIBRARIES = {
    "torch": "torch",
    "timm": "timm",
    "torchvision": "torchvision",
    "open_clip": "open-clip-torch",
    "transformers": "transformers",
}
"""Packages whose version stands for the code of their modules -> what they are installed as."""

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def identity_of_module(module: Any, preprocess: Any, settings: Iterable[Any]) -> ModelIdentity | None:
    """What decides the features of a module; None where nothing tells its preprocess from another.

    settings: what else does, each told by its `repr`.
    """
    before = told_by(preprocess)
    if before is None:
        return None
    total = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        array = tensor.detach().cpu().contiguous()
        total.update(f"{name} {tuple(array.shape)} {array.dtype}".encode())
        total.update(_bytes_of(array))
    built = _ADDRESS.sub("", repr(module))  # activations and strides, which weights do not tell
    for text in (built, *_own_code(module), before, *map(repr, settings)):
        total.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return ModelIdentity(total.hexdigest(), library_of("torch", *_libraries(module)))


def told_by(preprocess: Any) -> str | None:
    """A text that only this preprocess has, in every process: a dataclass by its values, a function by its code."""
    if is_dataclass(preprocess):
        text = repr(preprocess)
        return None if _ADDRESS.search(text) else text
    plain = inspect.isfunction(preprocess) and preprocess.__closure__ is None
    return _source(preprocess) if plain else None


def _packages(module: Any) -> dict[type, str]:
    return {kind: kind.__module__.partition(".")[0] for kind in map(type, module.modules())}


def _libraries(module: Any) -> list[str]:
    found = {LIBRARIES[package] for package in _packages(module).values() if package in LIBRARIES}
    return sorted(found - {"torch"})


def _own_code(module: Any) -> Iterator[str]:
    """The code of the modules that are the user's own."""
    for kind, package in _packages(module).items():
        if package not in LIBRARIES:
            yield _source(kind) or f"{kind.__qualname__} {kind.forward.__code__.co_code.hex()}"  # type: ignore[attr-defined]


def _source(thing: Any) -> str | None:
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):  # typed at a prompt
        return None


def _bytes_of(tensor: Any) -> bytes:
    """The bytes of a tensor of any dtype, bfloat16 included."""
    import torch

    flat = tensor.reshape(-1)
    return bytes(memoryview(flat.view(torch.uint8).numpy())) if flat.numel() else b""
