"""An ONNX network as a torch module whose weights can be tuned.

The graph is run node by node. What depends on nothing but constants is computed once; what depends on the
input's shape alone (padding that is worked out in the graph) once a shape.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from benchmarks.finetuned.onnx_ops import OPS

# Which inputs of an operation are weights, where they are constants of floating point.
LEARNED = {
    "Conv": (1, 2), "Gemm": (1, 2), "MatMul": (0, 1), "BatchNormalization": (1, 2), "PRelu": (1,),
    "LayerNormalization": (1, 2), "Add": (0, 1),
}  # fmt: skip


class OnnxNetwork(nn.Module):
    """forward: images [B, C, H, W] -> the named output of the graph; `outputs` gives several."""

    def __init__(self, path: Path, output: str = "features") -> None:
        super().__init__()
        graph = onnx.load(path).graph
        self.input, self.output = graph.input[0].name, output
        nodes = _needed([_Node(node) for node in graph.node], {output})
        constants = {tensor.name: _tensor(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
        self.nodes = _without_norms(_folded(nodes, constants, self.input), constants)
        self._varying = _varying(self.nodes, self.input)
        learned = _learned(self.nodes, constants)
        used = {name for node in self.nodes for name in node.inputs}
        self._constants = {name: t for name, t in constants.items() if name in used - learned}
        self._keys = {name: f"w{place}" for place, name in enumerate(sorted(learned))}
        for name, key in self._keys.items():
            self.register_parameter(key, nn.Parameter(constants[name].clone()))
        self._static: dict[tuple[int, ...], dict[str, Tensor]] = {}

    def forward(self, images: Tensor) -> Tensor:
        return self.outputs(images, (self.output,))[0]

    def outputs(self, images: Tensor, names: tuple[str, ...]) -> list[Tensor]:
        """Values of the graph, by name, among those that the output needs."""
        values = {**self._constants, self.input: images}
        values |= {name: getattr(self, key) for name, key in self._keys.items()}
        values |= self._static.setdefault(tuple(images.shape), {})
        for node in self.nodes:
            if node.outputs[0] not in values:
                node.run(values)
        self._static[tuple(images.shape)] |= {n: values[n] for n in self._of_shape() if n in values}
        return [values[name] for name in names]

    def scale_input(self, factor: float) -> OnnxNetwork:
        """The same network for an input that is smaller by a factor: its first convolution is larger by it."""
        weight = next(node.inputs[1] for node in self.nodes if node.kind == "Conv")
        with torch.no_grad():
            getattr(self, self._keys[weight]).mul_(factor)
        return self

    def _of_shape(self) -> set[str]:
        return {name for node in self.nodes for name in node.outputs} - self._varying


class _Node:
    def __init__(self, node: Any) -> None:
        self.kind = node.op_type
        self.inputs, self.outputs = list(node.input), list(node.output)
        self.attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        if self.kind == "Constant":
            self.attributes = {"value": _tensor(numpy_helper.to_array(self.attributes["value"]))}

    def run(self, values: dict[str, Tensor]) -> None:
        if self.kind not in OPS:
            raise NotImplementedError(f"ONNX operation {self.kind}")
        result = OPS[self.kind]([values[name] if name else None for name in self.inputs], self.attributes)
        values.update(zip(self.outputs, result if isinstance(result, (list, tuple)) else [result]))


def _tensor(array: Any) -> Tensor:
    return torch.from_numpy(np.array(array))


def _needed(nodes: list[_Node], wanted: set[str]) -> list[_Node]:
    """The nodes that lead to the wanted names, in order."""
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.outputs):
            wanted |= set(node.inputs)
            kept.append(node)
    return kept[::-1]


def _folded(nodes: list[_Node], constants: dict[str, Tensor], given: str) -> list[_Node]:
    """The nodes that are left when constants are computed (into `constants`)."""
    left = []
    for node in nodes:
        if all(not name or name in constants for name in node.inputs):
            node.run(constants)
        else:
            left.append(node)
    return left


def _without_norms(nodes: list[_Node], constants: dict[str, Tensor]) -> list[_Node]:
    """Batch norms become part of the convolutions before them, where nothing else sees those."""
    makers = {node.outputs[0]: node for node in nodes}
    seen = Counter(name for node in nodes for name in node.inputs)
    left = []
    for node in nodes:
        before = makers.get(node.inputs[0])
        if (
            node.kind == "BatchNormalization"
            and before
            and before.kind == "Conv"
            and seen[node.inputs[0]] == 1
        ):
            _fold_norm(before, node, constants)
        else:
            left.append(node)
    return left


def _fold_norm(convolution: _Node, norm: _Node, constants: dict[str, Tensor]) -> None:
    scale, shift, mean, variance = (constants[name] for name in norm.inputs[1:5])
    factor = scale / (variance + norm.attributes["epsilon"]).sqrt()
    weight, bias = f"{norm.outputs[0]}/weight", f"{norm.outputs[0]}/bias"
    old = constants[convolution.inputs[2]] if len(convolution.inputs) > 2 else torch.zeros_like(mean)
    constants[weight] = constants[convolution.inputs[1]] * factor.view(-1, 1, 1, 1)
    constants[bias] = (old - mean) * factor + shift
    convolution.inputs[1:] = [weight, bias]
    convolution.outputs = norm.outputs


def _varying(nodes: list[_Node], given: str) -> set[str]:
    """The names whose value depends on the pixels, and not on their shape alone."""
    names = {given}
    for node in nodes:
        if node.kind != "Shape" and names & set(node.inputs):
            names |= set(node.outputs)
    return names


def _learned(nodes: list[_Node], constants: dict[str, Tensor]) -> set[str]:
    places = [(node, place) for node in nodes for place in LEARNED.get(node.kind, ())]
    named = {node.inputs[place] for node, place in places if place < len(node.inputs)}
    return {n for n in named & set(constants) if constants[n].is_floating_point() and constants[n].ndim}
