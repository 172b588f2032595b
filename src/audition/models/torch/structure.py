"""What a torch module is made of: its blocks in order of depth, and its head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from audition.errors import InputError, UnknownNameError

HEADS = ("fc", "classifier", "head", "heads")
PLAIN = 3  # a Sequential of so many plain layers (convolution, norm, activation) is one block


def head_of(module: Any, name: str, wanted: str | None = None) -> str | None:
    """The dotted name of the last layer with weights inside a child that is called as heads are; or None.

    Raises UnknownNameError where `wanted` names a module that is not there.
    """
    import torch

    modules = dict(module.named_modules())
    if wanted is not None:
        if wanted not in modules:
            raise UnknownNameError(f"module of {name}", wanted, modules)
        return wanted
    heads = [child for child, _ in module.named_children() if child in HEADS]
    kinds = (torch.nn.Linear, torch.nn.Conv2d)
    inside = [
        path for path, part in modules.items() if path.partition(".")[0] in heads and isinstance(part, kinds)
    ]
    return inside[-1] if inside else None


def blocks_of(
    module: Any, name: str, wanted: str | Sequence[str] | None = None, head: str | None = None
) -> tuple[str, ...]:
    """The dotted names of a module's blocks, in the order in which they were registered.

    wanted: names or patterns of submodules, where * stays within one name ("layer?.*" is each part of each
    layer); without any, the parts that hold weights, where every
    list of parts is opened. The head and what belongs to it are left out.
    """
    if wanted is None:
        return tuple(path for path in _parts(module) if not _belongs(path, head))
    patterns = [wanted] if isinstance(wanted, str) else list(wanted)
    paths = [path for path, _ in module.named_modules() if path]
    found = tuple(path for path in paths if any(_matches(path, pattern) for pattern in patterns))
    if not found:
        raise InputError(
            f"No module of {name} matches {', '.join(patterns)}; there are {', '.join(paths[:8])}."
        )
    return found


def _matches(path: str, pattern: str) -> bool:
    names, wanted = path.split("."), pattern.split(".")
    return len(names) == len(wanted) and all(map(fnmatchcase, names, wanted))


def _belongs(path: str, head: str | None) -> bool:
    return head is not None and path.partition(".")[0] == head.partition(".")[0]


def _parts(module: Any, prefix: str = "") -> Iterator[str]:
    for name, child in module.named_children():
        path = f"{prefix}{name}"
        if _is_list(child):
            yield from _parts(child, f"{path}.")
        elif any(True for _ in child.parameters()):
            yield path


def _is_list(module: Any) -> bool:
    """Whether a module only holds others in a row; one that is no more than a layer and its norm does not."""
    import torch

    if isinstance(module, torch.nn.ModuleList):
        return True
    if not isinstance(module, torch.nn.Sequential):
        return False
    return len(module) > PLAIN or any(any(True for _ in part.children()) for part in module)
