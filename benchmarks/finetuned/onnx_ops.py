"""The ONNX operations that the sample networks use, in torch: (inputs, attributes) -> output or outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

Inputs = list[Any]
Attributes = dict[str, Any]
TYPES = {
    1: torch.float32,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
}


def _conv(x: Inputs, a: Attributes) -> Tensor:
    _check_pads_given(a)
    image, pads = _spread(x[0], a.get("pads", [0, 0, 0, 0]), 0.0)
    bias = x[2] if len(x) > 2 else None
    return F.conv2d(image, x[1], bias, a["strides"], pads, a["dilations"], a["group"])


def _max_pool(x: Inputs, a: Attributes) -> Tensor:
    _check_pads_given(a)
    image, pads = _spread(x[0], a.get("pads", [0, 0, 0, 0]), float("-inf"))
    return F.max_pool2d(image, a["kernel_shape"], a["strides"], pads, ceil_mode=bool(a.get("ceil_mode", 0)))


def _average_pool(x: Inputs, a: Attributes) -> Tensor:
    _check_pads_given(a)
    if any(a.get("pads", [0])):
        raise NotImplementedError("AveragePool with pads")
    return F.avg_pool2d(x[0], a["kernel_shape"], a["strides"])


def _check_pads_given(a: Attributes) -> None:
    if a.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise NotImplementedError(f"auto_pad {a['auto_pad']!r}")


def _spread(image: Tensor, pads: list[int], value: float) -> tuple[Tensor, list[int]]:
    """The image with what padding is on one side only put on, and the padding that is left to the operation."""
    top, left, bottom, right = pads
    if (top, left) == (bottom, right):
        return image, [top, left]
    return F.pad(image, (left, right, top, bottom), value=value), [0, 0]


def _pad(x: Inputs, a: Attributes) -> Tensor:
    if a.get("mode", b"constant") != b"constant":
        raise NotImplementedError(f"Pad with mode {a['mode']!r}")
    pads, value = x[1].tolist(), 0.0 if len(x) < 3 or x[2] is None else float(x[2])
    axes = len(pads) // 2
    sides = [n for axis in reversed(range(axes)) for n in (pads[axis], pads[axis + axes])]
    return F.pad(x[0], sides, value=value) if any(sides) else x[0]


def _batch_norm(x: Inputs, a: Attributes) -> Tensor:
    return F.batch_norm(x[0], x[3], x[4], x[1], x[2], training=False, eps=a["epsilon"])


def _gemm(x: Inputs, a: Attributes) -> Tensor:
    left = x[0].T if a.get("transA", 0) else x[0]
    right = x[1].T if a.get("transB", 0) else x[1]
    product = a.get("alpha", 1.0) * (left @ right)
    return product + a.get("beta", 1.0) * x[2] if len(x) > 2 else product


def _reshape(x: Inputs, a: Attributes) -> Tensor:
    sizes = x[1].tolist()
    return x[0].reshape([x[0].shape[i] if size == 0 else size for i, size in enumerate(sizes)])


def _slice(x: Inputs, a: Attributes) -> Tensor:
    starts, ends = x[1].tolist(), x[2].tolist()
    axes = x[3].tolist() if len(x) > 3 and x[3] is not None else list(range(len(starts)))
    steps = x[4].tolist() if len(x) > 4 and x[4] is not None else [1] * len(starts)
    result = x[0]
    for start, end, axis, step in zip(starts, ends, axes, steps):
        places = torch.arange(result.shape[axis])[start:end] if step > 0 else None
        if places is None:  # torch has no slices backwards
            places = torch.tensor(range(result.shape[axis])[slice(start, end, step)], dtype=torch.int64)
            result = result.index_select(axis, places)
        else:
            result = result.narrow(axis, int(places[0]), len(places)) if len(places) else result[:0]
            result = result if step == 1 else result[_every(step, axis)]
    return result


def _every(step: int, axis: int) -> tuple[slice, ...]:
    return (*[slice(None)] * axis, slice(None, None, step))


def _clip(x: Inputs, a: Attributes) -> Tensor:
    low, high = (float(x[i]) if len(x) > i and x[i] is not None else None for i in (1, 2))
    return F.relu6(x[0]) if (low, high) == (0.0, 6.0) else x[0].clamp(low, high)


def _mean(x: Inputs, a: Attributes) -> Tensor:
    return x[0].mean(dim=tuple(a["axes"]), keepdim=bool(a.get("keepdims", 1)))


def _squeeze(x: Inputs, a: Attributes) -> Tensor:
    axes = x[1].tolist() if len(x) > 1 else [i for i, size in enumerate(x[0].shape) if size == 1]
    return x[0].squeeze(tuple(axes))


def _unsqueeze(x: Inputs, a: Attributes) -> Tensor:
    result = x[0]
    for axis in sorted(x[1].tolist()):
        result = result.unsqueeze(axis)
    return result


def _flatten(x: Inputs, a: Attributes) -> Tensor:
    if a.get("axis", 1) != 1:
        raise NotImplementedError("Flatten with an axis other than 1")
    return x[0].flatten(1)


def _layer_norm(x: Inputs, a: Attributes) -> Tensor:
    bias = x[2] if len(x) > 2 else None
    return F.layer_norm(x[0], x[1].shape, x[1], bias, a["epsilon"])


def _constant_of_shape(x: Inputs, a: Attributes) -> Tensor:
    from onnx import numpy_helper

    value = torch.tensor(numpy_helper.to_array(a["value"])) if "value" in a else torch.zeros(1)
    return value.expand(x[0].tolist() or []).clone()


def _expand(x: Inputs, a: Attributes) -> Tensor:
    """To the shape that both have together."""
    return x[0].expand(torch.broadcast_shapes(x[0].shape, tuple(x[1].tolist())))


def _divide(x: Inputs, a: Attributes) -> Tensor:
    """Of whole numbers, ONNX cuts towards zero."""
    if x[0].is_floating_point():
        return x[0] / x[1]
    return torch.div(x[0], x[1], rounding_mode="trunc")


OPS: dict[str, Callable[[Inputs, Attributes], Any]] = {
    "Add": lambda x, a: x[0] + x[1],
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Cast": lambda x, a: x[0].to(TYPES[a["to"]]),
    "Clip": _clip,
    "Concat": lambda x, a: torch.cat(x, dim=a["axis"]),
    "Constant": lambda x, a: a["value"],
    "ConstantOfShape": _constant_of_shape,
    "Conv": _conv,
    "Div": _divide,
    "Equal": lambda x, a: x[0] == x[1],
    "Erf": lambda x, a: torch.erf(x[0]),
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": lambda x, a: x[0][x[1]] if a.get("axis", 0) == 0 else x[0].index_select(a["axis"], x[1]),
    "Gemm": _gemm,
    "GlobalAveragePool": lambda x, a: x[0].mean(dim=tuple(range(2, x[0].ndim)), keepdim=True),
    "Identity": lambda x, a: x[0],
    "LayerNormalization": _layer_norm,
    "Log": lambda x, a: x[0].log(),
    "MatMul": lambda x, a: x[0] @ x[1],
    "MaxPool": _max_pool,
    "Mul": lambda x, a: x[0] * x[1],
    "Neg": lambda x, a: -x[0],
    "PRelu": lambda x, a: F.relu(x[0]) - x[1] * F.relu(-x[0]),
    "Pad": _pad,
    "ReduceMean": _mean,
    "Relu": lambda x, a: F.relu(x[0]),
    "Reshape": _reshape,
    "Shape": lambda x, a: torch.tensor(x[0].shape),
    "Slice": _slice,
    "Softmax": lambda x, a: x[0].softmax(dim=a.get("axis", -1)),
    "Split": lambda x, a: torch.split(x[0], x[1].tolist(), dim=a["axis"]),
    "Sqrt": lambda x, a: x[0].sqrt(),
    "Squeeze": _squeeze,
    "Sub": lambda x, a: x[0] - x[1],
    "Transpose": lambda x, a: x[0].permute(a["perm"]),
    "Unsqueeze": _unsqueeze,
    "Where": lambda x, a: torch.where(x[0], x[1], x[2]),
}
