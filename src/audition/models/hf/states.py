"""Where in a network of transformers a hidden state arises, so that a pass can stop there."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from audition.models.torch.hooks import Reached


@dataclass(frozen=True)
class Place:
    """A part of a network, which of its calls (from 1 on), and which of the values that it gives then, or is given."""

    path: str
    call: int
    item: int
    given: bool


@dataclass(frozen=True, eq=False)
class Trace:
    """What every part of a network was given and gave in a pass, in that order."""

    seen: list[tuple[Place, Callable[[], Any]]]

    def place_of(self, state: Any) -> Place | None:
        """The outermost part that gave this very tensor, of several the last; else one that was given it; else None.

        A dropout inside a part gives back what it takes while nothing is trained; the part's own end does not.
        """
        places = [place for place, tensor in self.seen if tensor() is state]
        return min(reversed(places), key=lambda at: (at.given, at.path.count(".")), default=None)


@contextmanager
def traced(module: Any) -> Iterator[Trace]:
    """While it is open, what every part of a module is given and gives is written down, and not kept alive."""
    trace, begun, ended = Trace([]), Counter[str](), Counter[str]()

    def note(path: str, calls: Counter[str], given: bool, values: Any) -> None:
        calls[path] += 1
        for item, value in enumerate(_values(values)):
            if hasattr(value, "ndim"):
                trace.seen.append((Place(path, calls[path], item, given), weakref.ref(value)))

    def before(path: str, _part: Any, inputs: Any) -> None:
        note(path, begun, True, inputs)

    def behind(path: str, _part: Any, _inputs: Any, output: Any) -> None:
        note(path, ended, False, output)

    parts = [(path, part) for path, part in module.named_modules() if path]
    hooks = [part.register_forward_pre_hook(partial(before, path)) for path, part in parts]
    hooks += [part.register_forward_hook(partial(behind, path)) for path, part in parts]
    try:
        yield trace
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def stopping_at(module: Any, place: Place) -> Iterator[list[Any]]:
    """While it is open, a module runs as far as a place, and what arises there is put into the list."""
    found: list[Any] = []
    calls = 0

    def caught(_part: Any, *values: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == place.call:
            found.append(_values(values[-1])[place.item])
            raise Reached

    part = module.get_submodule(place.path)
    hook = (part.register_forward_pre_hook if place.given else part.register_forward_hook)(caught)
    try:
        yield found
    except Reached:
        pass
    finally:
        hook.remove()


def _values(output: Any) -> tuple[Any, ...]:
    return tuple(output) if isinstance(output, (tuple, list)) else (output,)
