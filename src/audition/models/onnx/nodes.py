"""The graph of an ONNX network as a list of steps in torch, with all that is constant computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from audition.errors import ModelError
from audition.models.onnx.ops import OPS
from audition.models.torch.library import import_library

EXTRA = "tune"
NORM = "BatchNormalization"

# Which inputs of an operation are weights, where they are constants of floating point.
LEARNED = {
    "Conv": (1, 2), "Gemm": (1, 2), "MatMul": (0, 1), NORM: (1, 2), "PRelu": (1,),
    "LayerNormalization": (1, 2), "Add": (0, 1),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Node:
    """One operation: the names of what it takes ("" for what is left out) and of what it gives."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def run(self, values: dict[str, Any]) -> None:
        """Puts what it gives beside what is there."""
        given = OPS[self.kind]([values[name] if name else None for name in self.inputs], self.attributes)
        results = given if isinstance(given, (list, tuple)) else [given]
        values.update(zip(self.outputs, results, strict=False))


@dataclass(frozen=True, eq=False)
class Graph:
    """given: the name of the input. nodes: in order. constants: by name. learned: which of them are weights."""

    given: str
    nodes: tuple[Node, ...]
    constants: Mapping[str, Tensor]
    learned: frozenset[str]

    def varying(self) -> frozenset[str]:
        """The names of what hangs on the pixels or on weights, and not on the input's shape alone."""
        names = {self.given, *self.learned}
        for node in self.nodes:
            if node.kind != "Shape" and names & set(node.inputs):
                names |= set(node.outputs)
        return frozenset(names)


def read_graph(source: bytes | Path, name: str, wanted: Collection[str]) -> Graph:
    """What of a network leads to the wanted outputs; batch norms become part of the convolutions before them.

    Raises MissingExtraError without onnx, ModelError for a file that is damaged and for an operation that has
    no counterpart in torch here.
    """
    onnx = import_library("onnx", EXTRA)
    model = _read(onnx, source, name)
    version = next((one.version for one in model.opset_import if one.domain in ("", "ai.onnx")), 1)
    constants = {one.name: _tensor(onnx.numpy_helper.to_array(one)) for one in model.graph.initializer}
    given = next(one.name for one in model.graph.input if one.name not in constants)
    nodes = _needed([_node(onnx, one, version) for one in model.graph.node], wanted)
    _check_known(nodes, name)
    with torch.inference_mode(False), torch.no_grad():
        nodes = _without_norms(_folded(nodes, constants), constants, wanted)
    used = {one for node in nodes for one in node.inputs} | set(wanted)
    constants = {one: tensor for one, tensor in constants.items() if one in used}
    return Graph(given, tuple(nodes), constants, _learned(nodes, constants))


def one_file(source: bytes | Path, name: str, path: Path) -> None:
    """Writes a network to one file, those beside it that hold its weights included; raises as `read_graph` does."""
    onnx = import_library("onnx", EXTRA)
    path.write_bytes(source if isinstance(source, bytes) else _read(onnx, source, name).SerializeToString())


def _read(onnx: Any, source: bytes | Path, name: str) -> Any:
    try:
        return onnx.load_from_string(source) if isinstance(source, bytes) else onnx.load(source)
    except Exception as error:  # of protobuf, of files beside it
        raise ModelError(f"{name} cannot be read: {error}") from error


def _node(onnx: Any, node: Any, version: int) -> Node:
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    value = attributes.get("value")
    if hasattr(value, "raw_data"):
        attributes["value"] = _tensor(onnx.numpy_helper.to_array(value))
    for key in ("value_float", "value_int", "value_floats", "value_ints"):
        if key in attributes:
            attributes["value"] = torch.tensor(attributes[key])
    kind = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}.{node.op_type}"
    return Node(kind, tuple(node.input), tuple(node.output), {**attributes, "version": version})


def _check_known(nodes: Iterable[Node], name: str) -> None:
    for node in nodes:
        if node.kind not in OPS:
            raise ModelError(
                f"{name} has the ONNX operation {node.kind}, which has no counterpart in torch here: it can be "
                "a teacher, and no student."
            )


def _tensor(array: Any) -> Tensor:
    return torch.from_numpy(np.array(array))


def _needed(nodes: Iterable[Node], wanted: Collection[str]) -> list[Node]:
    """The nodes that lead to the wanted names, in order."""
    names, kept = set(wanted), []
    for node in reversed(list(nodes)):
        if names & set(node.outputs):
            names |= set(node.inputs)
            kept.append(node)
    return kept[::-1]


def _folded(nodes: Iterable[Node], constants: dict[str, Tensor]) -> list[Node]:
    """The nodes that are left when what hangs on constants alone is computed, into `constants`."""
    left = []
    for node in nodes:
        if all(not name or name in constants for name in node.inputs):
            node.run(constants)
        else:
            left.append(node)
    return left


def _without_norms(
    nodes: Iterable[Node], constants: dict[str, Tensor], wanted: Collection[str]
) -> list[Node]:
    """Batch norms become part of the convolutions before them, where nothing else sees those."""
    left = list(nodes)
    seen = Counter([*wanted, *(name for node in left for name in node.inputs)])
    for norm in [node for node in left if node.kind == NORM]:
        before = next((node for node in left if norm.inputs[0] in node.outputs), None)
        if before is None or before.kind != "Conv" or seen[norm.inputs[0]] > 1:
            continue
        if all(name in constants for name in (*before.inputs[1:], *norm.inputs[1:])):
            left[left.index(before)] = _with_norm(before, norm, constants)
            left.remove(norm)
    return left


def _with_norm(convolution: Node, norm: Node, constants: dict[str, Tensor]) -> Node:
    scale, shift, mean, variance = (constants[name] for name in norm.inputs[1:5])
    factor = scale / (variance + norm.attributes.get("epsilon", 1e-5)).sqrt()
    weight, bias = f"{norm.outputs[0]}/weight", f"{norm.outputs[0]}/bias"
    old = constants[convolution.inputs[2]] if len(convolution.inputs) > 2 else torch.zeros_like(mean)
    constants[weight] = constants[convolution.inputs[1]] * factor.view(-1, 1, 1, 1)
    constants[bias] = (old - mean) * factor + shift
    inputs = (convolution.inputs[0], weight, bias)
    return replace(convolution, inputs=inputs, outputs=norm.outputs[:1])


def _learned(nodes: Iterable[Node], constants: Mapping[str, Tensor]) -> frozenset[str]:
    """The constants of floating point that stand where weights stand; single numbers are settings."""
    places = [(node, place) for node in nodes for place in LEARNED.get(node.kind, ())]
    named = {node.inputs[place] for node, place in places if place < len(node.inputs)} & set(constants)
    return frozenset(name for name in named if constants[name].is_floating_point() and constants[name].ndim)
