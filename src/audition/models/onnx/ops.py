"""The operations of ONNX in torch: (inputs, attributes) -> output, or several; others have no counterpart."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from audition.models.onnx.moves import (
    MOVES,
    Attributes,
    Inputs,
    Operation,
    flatten,
    given,
    numbers,
    unsupported,
)
from audition.models.torch.onednn import pixels_taken, writes_too_far


def _conv(x: Inputs, a: Attributes) -> Tensor:
    image, pads = _spread(x[0], a, "Conv", 0.0)
    if x[1].ndim != 4:
        raise unsupported(f"Conv of {x[1].ndim - 2} dimensions")
    strides, dilations = a.get("strides", [1, 1]), a.get("dilations", [1, 1])
    if writes_too_far(x[1].shape[1], x[1].shape[2:], strides, any(pads)):
        image, strides = pixels_taken(image, strides), [1, 1]
    return functional.conv2d(image, x[1], given(x, 2), strides, pads, dilations, a.get("group", 1))


def _max_pool(x: Inputs, a: Attributes) -> Tensor:
    image, pads = _spread(x[0], a, "MaxPool", -torch.inf)
    size, ceil = a["kernel_shape"], bool(a.get("ceil_mode", 0))
    return functional.max_pool2d(
        image, size, a.get("strides", [1, 1]), pads, a.get("dilations", [1, 1]), ceil_mode=ceil
    )


def _average_pool(x: Inputs, a: Attributes) -> Tensor:
    counted = bool(a.get("count_include_pad", 0))
    top, left, bottom, right = _pads(a, "AveragePool")
    if (top, left) != (bottom, right):
        raise unsupported("AveragePool with padding on one side")
    return functional.avg_pool2d(
        x[0], a["kernel_shape"], a.get("strides", [1, 1]), [top, left], bool(a.get("ceil_mode", 0)), counted
    )


def _pads(a: Attributes, name: str) -> list[int]:
    """The padding of two dimensions: top, left, bottom, right."""
    way = a.get("auto_pad", b"NOTSET")
    if way not in (b"NOTSET", b"VALID"):
        raise unsupported(f"{name} with auto_pad={way.decode()}")
    pads: list[int] = list(a.get("pads", [0, 0, 0, 0]))
    if len(pads) != 4:
        raise unsupported(f"{name} of {len(pads) // 2} dimensions")
    return pads


def _spread(image: Tensor, a: Attributes, name: str, value: float) -> tuple[Tensor, list[int]]:
    """The image with what padding is on one side only put on, and the padding that is left to the operation."""
    top, left, bottom, right = _pads(a, name)
    if (top, left) == (bottom, right):
        return image, [top, left]
    return functional.pad(image, (left, right, top, bottom), value=value), [0, 0]


def _batch_norm(x: Inputs, a: Attributes) -> Tensor:
    return functional.batch_norm(x[0], x[3], x[4], x[1], x[2], eps=a.get("epsilon", 1e-5))


def _layer_norm(x: Inputs, a: Attributes) -> Tensor:
    return functional.layer_norm(x[0], x[1].shape, x[1], given(x, 2), a.get("epsilon", 1e-5))


def _gemm(x: Inputs, a: Attributes) -> Tensor:
    left = x[0].T if a.get("transA", 0) else x[0]
    right = x[1].T if a.get("transB", 0) else x[1]
    product = a.get("alpha", 1.0) * (left @ right)
    return product if given(x, 2) is None else product + a.get("beta", 1.0) * x[2]


def _clip(x: Inputs, a: Attributes) -> Tensor:
    low = a.get("min") if given(x, 1) is None else float(x[1])
    high = a.get("max") if given(x, 2) is None else float(x[2])
    return functional.relu6(x[0]) if (low, high) == (0.0, 6.0) else x[0].clamp(low, high)


def _reduce(operation: Callable[..., Tensor]) -> Operation:
    """A reduction over some axes, or all."""

    def reduced(x: Inputs, a: Attributes) -> Tensor:
        axes = numbers(x, 1, a, "axes")
        if not axes and a.get("noop_with_empty_axes", 0):
            return x[0]
        return operation(x[0], tuple(axes or range(x[0].ndim)), keepdim=bool(a.get("keepdims", 1)))

    return reduced


def _divide(x: Inputs, _a: Attributes) -> Tensor:
    """Of whole numbers, ONNX cuts towards zero."""
    return x[0] / x[1] if x[0].is_floating_point() else torch.div(x[0], x[1], rounding_mode="trunc")


def _softmax(x: Inputs, a: Attributes) -> Tensor:
    """Before version 13 over all axes from the given one on; the same for the last."""
    if a["version"] >= 13:
        return x[0].softmax(a.get("axis", -1))
    flat = flatten(x, {"axis": a.get("axis", 1)})
    return flat.softmax(-1).reshape(x[0].shape)


def _gelu(x: Inputs, a: Attributes) -> Tensor:
    return functional.gelu(x[0], approximate=a.get("approximate", b"none").decode())


OPS: dict[str, Operation] = MOVES | {
    "Abs": lambda x, a: x[0].abs(),
    "Add": lambda x, a: x[0] + x[1],
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Clip": _clip,
    "Conv": _conv,
    "Div": _divide,
    "Elu": lambda x, a: functional.elu(x[0], a.get("alpha", 1.0)),
    "Equal": lambda x, a: x[0] == x[1],
    "Erf": lambda x, a: torch.erf(x[0]),
    "Exp": lambda x, a: x[0].exp(),
    "Gelu": _gelu,
    "Gemm": _gemm,
    "GlobalAveragePool": lambda x, a: x[0].mean(dim=tuple(range(2, x[0].ndim)), keepdim=True),
    "GlobalMaxPool": lambda x, a: x[0].amax(dim=tuple(range(2, x[0].ndim)), keepdim=True),
    "HardSigmoid": lambda x, a: (a.get("alpha", 0.2) * x[0] + a.get("beta", 0.5)).clamp(0, 1),
    "HardSwish": lambda x, a: functional.hardswish(x[0]),
    "LayerNormalization": _layer_norm,
    "LeakyRelu": lambda x, a: functional.leaky_relu(x[0], a.get("alpha", 0.01)),
    "Log": lambda x, a: x[0].log(),
    "MatMul": lambda x, a: x[0] @ x[1],
    "MaxPool": _max_pool,
    "Mul": lambda x, a: x[0] * x[1],
    "Neg": lambda x, a: -x[0],
    "PRelu": lambda x, a: functional.relu(x[0]) - x[1] * functional.relu(-x[0]),
    "Pow": lambda x, a: x[0] ** x[1],
    "Reciprocal": lambda x, a: x[0].reciprocal(),
    "ReduceMax": _reduce(torch.amax),
    "ReduceMean": _reduce(torch.mean),
    "ReduceSum": _reduce(torch.sum),
    "Relu": lambda x, a: functional.relu(x[0]),
    "Sigmoid": lambda x, a: x[0].sigmoid(),
    "Softmax": _softmax,
    "Sqrt": lambda x, a: x[0].sqrt(),
    "Sub": lambda x, a: x[0] - x[1],
    "Sum": lambda x, a: sum(x[1:], start=x[0]),
    "Tanh": lambda x, a: x[0].tanh(),
    "Where": lambda x, a: torch.where(x[0], x[1], x[2]),
}
"""An operation's name -> what computes it."""
