"""What is caught inside a torch module while it runs: the outputs of its blocks, and what its head sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from audition.errors import ModelError


class Reached(Exception):
    """Raised inside a module when all that is wanted of it is there: what lies beyond is not computed."""


@dataclass(frozen=True, eq=False)
class Taps:
    """found: what a block gave, pooled, by its name. calls: how often each was run."""

    found: dict[str, Any] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def reached(self, layers: Sequence[str], calls: Mapping[str, int]) -> bool:
        """Whether each of these layers was run as often as it ever is."""
        return all(layer in calls and self.calls[layer] == calls[layer] for layer in layers)


@contextmanager
def taps(
    module: Any,
    layers: Sequence[str],
    pool: Callable[[Any, str], Any],
    calls: Mapping[str, int] | None = None,
) -> Iterator[Taps]:
    """While it is open, each block's output is pooled as soon as it is there, and nothing else is kept.

    calls: how often each block runs, where that is known: the module stops, and all inside this, behind the last.
    """
    taken = Taps()

    def tap(layer: str, _module: Any, _inputs: Any, output: Any) -> None:
        first = output[0] if isinstance(output, (tuple, list)) else output
        taken.calls[layer] += 1
        if hasattr(first, "ndim"):
            taken.found[layer] = pool(first, layer)
        if calls is not None and taken.reached(layers, calls):
            raise Reached

    blocks: Mapping[str, Any] = dict(module.named_modules()) if layers else {}
    hooks = [blocks[name].register_forward_hook(partial(tap, name)) for name in layers if name in blocks]
    try:
        yield taken
    except Reached:
        pass
    finally:
        for hook in hooks:
            hook.remove()


class HookedHead:
    """Runs a module whole; what its head sees is caught at the head's door."""

    def __init__(self, module: Any, name: str, head: str | None) -> None:
        self.module = module
        self.name = name
        self.head = None if head is None else dict(module.named_modules())[head]
        self._calls = 0

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
        self._calls = len(seen)
        return seen[-1], logits if getattr(logits, "ndim", 0) == 2 else None

    def seen(self, images: Any) -> Any:
        """What the head sees; from the second time on, the head itself is not run."""
        if self.head is None or not self._calls:
            return self(images)[0]
        found: list[Any] = []

        def caught(_module: Any, inputs: Any) -> None:
            found.append(inputs[0])
            if len(found) == self._calls:
                raise Reached

        hook = self.head.register_forward_pre_hook(caught)
        try:
            self.module(images)
        except Reached:
            pass
        finally:
            hook.remove()
        return found[-1]


def seen_by_head(run: Callable[[Any], tuple[Any, Any]], images: Any) -> Any:
    """The first of the two things that a run gives; alone, where it can do so."""
    alone = getattr(run, "seen", None)
    return run(images)[0] if alone is None else alone(images)
