"""What a keras network is made of: its steps, the points that all of it passes through, and its blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

GATES = ("Multiply",)  # a branch that only weighs the other, such as squeeze and excitation, makes no block
INERT = ("Dropout", "SpatialDropout2D", "Identity")
FEWEST = 3
MAPS = (3, 4)  # the number of axes of tokens and of maps
TOKENS = 3
_NUMBER = re.compile(r"_\d+$")


@dataclass(frozen=True, eq=False)
class Step:
    """One call of a layer. tensor: what it gives. inputs: the places of the steps that it takes from."""

    operation: Any
    tensor: Any
    inputs: tuple[int, ...]

    @property
    def name(self) -> str:
        """The layer's name."""
        return str(self.operation.name)

    @property
    def kind(self) -> str:
        """The layer's class."""
        return type(self.operation).__name__

    @property
    def has_weights(self) -> bool:
        """Whether it learns anything; a norm only rescales."""
        return bool(_weights(self.operation)) and "Normalization" not in self.kind

    @property
    def is_map(self) -> bool:
        """Whether it gives maps or tokens, not vectors."""
        return len(self.tensor.shape) in MAPS


def call_of(tensor: Any) -> tuple[Any, list[Any]]:
    """The layer that gives a tensor, and the tensors that it takes."""
    operation, call, _ = tensor._keras_history
    return operation, list(operation._inbound_nodes[call].input_tensors)


def steps_to(output: Any) -> list[Step]:
    """All that is computed on the way to a tensor, each step behind those that it takes from."""
    places: dict[tuple[int, int], int] = {}
    steps: list[Step] = []
    waiting = [output]
    while waiting:
        tensor = waiting[-1]
        operation, sources = call_of(tensor)
        missing = [source for source in sources if _key(source) not in places]
        if missing:
            waiting.extend(missing)
            continue
        waiting.pop()
        if _key(tensor) not in places:
            places[_key(tensor)] = len(steps)
            steps.append(Step(operation, tensor, tuple({places[_key(source)]: None for source in sources})))
    return steps


def _key(tensor: Any) -> tuple[int, int]:
    operation, call, _ = tensor._keras_history
    return id(operation), call


def blocks_of(output: Any, *, channels_last: bool = True) -> list[Step]:
    """The ends of the blocks on the way to a tensor, in order of depth.

    A block begins where the one tensor that all passes through is taken twice, and ends where the branches
    are one again, behind the activation that follows. What has hardly any such blocks is parted where the
    size of its maps changes.
    """
    steps = steps_to(output)
    ends = _ends(steps)
    return [steps[place] for place in (ends if len(ends) >= FEWEST else _stages(steps, channels_last))]


def _ends(steps: Sequence[Step]) -> list[int]:
    cuts = _cuts(steps)
    ends: dict[int, None] = {}
    learned = False  # whether anything was, since the last end
    for begin, end in pairwise(cuts):
        learned = learned or steps[begin].has_weights
        if steps[end].inputs == (begin,) or steps[end].kind in GATES:
            continue
        if learned and begin not in ends:
            ends[begin] = None
        ends[_behind_activation(steps, cuts, end, norms=False)] = None
        learned = False
    return [place for place in sorted(ends) if steps[place].is_map]


def _cuts(steps: Sequence[Step]) -> list[int]:
    """The steps whose output all later ones hang on, and on no earlier one's."""
    last_use = list(range(len(steps)))
    for place, step in enumerate(steps):
        for source in step.inputs:
            last_use[source] = place
    cuts, reach = [], 0
    for place, last in enumerate(last_use):
        if reach <= place:
            cuts.append(place)
        reach = max(reach, last)
    return cuts


def _behind_activation(steps: Sequence[Step], places: Sequence[int], end: int, *, norms: bool) -> int:
    """The last of what follows a step and only changes its values, among some places."""
    for place in places:
        step = steps[place]
        same = step.inputs == (end,) and step.tensor.shape == steps[end].tensor.shape
        learns = step.has_weights if norms else bool(_weights(step.operation))
        if same and not learns and step.kind not in INERT:
            end = place
    return end


def _weights(operation: Any) -> list[Any]:
    return list(getattr(operation, "weights", []))


def _stages(steps: Sequence[Step], channels_last: bool) -> list[int]:
    """The last step that learns or joins at each size of maps, and width of vectors, behind its activation."""
    last: dict[tuple[Any, ...], int] = {}
    for place, step in enumerate(steps):
        if step.has_weights or len(step.inputs) > 1:
            last[_positions(step.tensor, channels_last)] = place
    return sorted(
        {
            _behind_activation(steps, range(place + 1, len(steps)), place, norms=True)
            for place in last.values()
        }
    )


def _positions(tensor: Any, channels_last: bool) -> tuple[Any, ...]:
    """Where a map or tokens have values: the shape without items and channels; of vectors, their width."""
    shape = tuple(tensor.shape)
    if len(shape) not in MAPS:
        return shape
    return shape[2:] if len(shape) > TOKENS and not channels_last else shape[1:-1]


def steady_names(network: Any) -> dict[str, str]:
    """Names of layers as in a fresh process: keras numbers those that were given none on and on."""
    names: dict[str, str] = {}
    counted: Counter[str] = Counter()
    for layer in network.operations:
        plain = _NUMBER.sub("", layer.name)
        if plain.replace("_", "") == type(layer).__name__.lower():
            number = counted[plain]
            counted[plain] += 1
            names[layer.name] = f"{plain}_{number}" if number else plain
    return names
