"""What is caught inside a torch module while it runs: the outputs of its blocks, and what its head sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from audition.errors import ModelError


@contextmanager
def taps(module: Any, layers: Sequence[str], pool: Callable[[Any, str], Any]) -> Iterator[dict[str, Any]]:
    """While it is open, each block's output is pooled as soon as it is there, and nothing else is kept."""
    found: dict[str, Any] = {}

    def tap(layer: str, _module: Any, _inputs: Any, output: Any) -> None:
        first = output[0] if isinstance(output, (tuple, list)) else output
        if hasattr(first, "ndim"):
            found[layer] = pool(first, layer)

    blocks: Mapping[str, Any] = dict(module.named_modules()) if layers else {}
    hooks = [blocks[name].register_forward_hook(partial(tap, name)) for name in layers if name in blocks]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


class HookedHead:
    """Runs a module whole; what its head sees is caught at the head's door."""

    def __init__(self, module: Any, name: str, head: str | None) -> None:
        self.module = module
        self.name = name
        self.head = None if head is None else dict(module.named_modules())[head]

    def __call__(self, images: Any) -> tuple[Any, Any]:
        if self.head is None:
            return self.module(images), None
        seen: list[Any] = []
        hook = self.head.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
        try:
            logits = self.module(images)
        finally:
            hook.remove()
        if not seen:
            raise ModelError(f"{self.name} never ran its head: name another, or head=None.")
        return seen[-1], logits if getattr(logits, "ndim", 0) == 2 else None
