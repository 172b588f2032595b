"""An ONNX network as a torch module whose weights can be trained, with the same features.

The graph is run node by node. What hangs on the input's shape alone (padding that is worked out in the graph)
is computed once a shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from audition.errors import InputError
from audition.models.onnx.network import OnnxModel
from audition.models.onnx.nodes import Graph, Node, read_graph
from audition.models.torch.module import TorchModel


def torch_of(model: OnnxModel) -> TorchModel:
    """A model of the same name, preprocess, layers and features; its features are another's to about 1e-6.

    Raises MissingExtraError without onnx, ModelError for an operation that has no counterpart in torch here.
    """
    if model.file is None:
        raise InputError(
            f"Where the file of {model.name} is was not said: give OnnxModel its file=... to train it."
        )
    wanted = [*model.layers, *([model.head] if model.head else [])]
    network = OnnxNetwork(read_graph(model.file, model.name, wanted), model.layers)
    return TorchModel(
        model.name,
        network,
        preprocess=model.preprocess,
        kind=model.kind,
        mean=model.mean,
        std=model.std,
        blocks=model.layers[:-1] or None,
        head=None,
        pool=model.pooling,
        run=_Run(network, model.layers[-1], model.head),
        last=model.layers[-1],
    )


@dataclass(frozen=True, eq=False)
class _Run:
    """What the head sees, and the logits, in one pass or alone."""

    network: OnnxNetwork
    last: str
    head: str | None

    def __call__(self, images: Any) -> tuple[Any, Any]:
        values = self.network(images)
        return values[self.last], values.get(self.head)

    def seen(self, images: Any) -> Any:
        return self.network(images, until=self.last)[self.last]


class OnnxNetwork(nn.Module):  # type: ignore[misc]
    """forward: images [n, C, H, W] -> all values of the graph by name, or those up to `until`.

    Weights are w0, w1 and so on, in the order in which the graph uses them. Each layer is a part of its own
    through which its value goes, so that it can be tapped as a block of any network is.
    """

    def __init__(self, graph: Graph, layers: Sequence[str]) -> None:
        super().__init__()
        self.given, self.nodes, self._varying = graph.given, graph.nodes, graph.varying()
        order = dict.fromkeys(name for node in graph.nodes for name in node.inputs if name in graph.learned)
        self._weights = {name: f"w{place}" for place, name in enumerate(order)}
        for name, key in self._weights.items():
            self.register_parameter(key, nn.Parameter(graph.constants[name].clone()))
        fixed = [name for name in graph.constants if name not in order]
        self._fixed = {name: f"c{place}" for place, name in enumerate(fixed)}
        self._whole: dict[str, Tensor] = {}  # shapes, axes, limits: needed where Python can read them
        for name, key in self._fixed.items():
            self._keep_fixed(name, key, graph.constants[name])
        for layer in layers:
            self._modules[layer] = nn.Identity()  # its name may hold a dot
        self._shape: tuple[int, ...] = ()
        self._of_shape: dict[str, Tensor] = {}

    def _keep_fixed(self, name: str, key: str, value: Tensor) -> None:
        if value.is_floating_point() and value.ndim:
            self.register_buffer(key, value.clone(), persistent=False)
        else:
            self._whole[name] = value

    def forward(self, images: Tensor, until: str | None = None) -> dict[str, Tensor]:
        """The values of the graph; those of weights that were taken away, and what hangs on them, are left out."""
        traced = (
            torch.compiler.is_compiling()
        )  # then what the pass before made of its shape goes into the graph
        if not traced and tuple(images.shape) != self._shape:
            self._shape, self._of_shape = tuple(images.shape), {}
        values = {**self._constants(), **self._of_shape, self.given: images}
        for node in self.nodes:
            if node.outputs[0] not in values and all(not name or name in values for name in node.inputs):
                self._run(node, values)
            if until in node.outputs:
                break
        return values

    def _constants(self) -> dict[str, Tensor]:
        held = {name: getattr(self, key) for name, key in self._weights.items()}
        held |= {name: getattr(self, key) for name, key in self._fixed.items() if name not in self._whole}
        return {name: tensor for name, tensor in held.items() if tensor is not None} | self._whole

    def _run(self, node: Node, values: dict[str, Tensor]) -> None:
        if not self._varying.isdisjoint(node.outputs):
            node.run(values)
            for name in node.outputs:
                if name in self._modules:
                    values[name] = self._modules[name](values[name])
            return
        with torch.inference_mode(False), torch.no_grad():  # what is kept may meet weights that are trained
            node.run(values)
        for name in node.outputs:
            if name in values:
                value = values[name]
                values[name] = value.to(values[self.given].device) if value.is_floating_point() else value
                self._of_shape[name] = values[name]
