"""The operations of ONNX that move numbers about, in torch: shapes, places, types.

Settings that were attributes once and are inputs now are read from where they are. Tensors of whole numbers
(shapes, axes, places) stay on the CPU.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from audition.errors import ModelError

Inputs = Sequence[Any]
Attributes = Mapping[str, Any]
Operation = Callable[[Inputs, Attributes], Any]

TYPES = {
    1: torch.float32, 2: torch.uint8, 3: torch.int8, 6: torch.int32, 7: torch.int64, 9: torch.bool,
    10: torch.float16, 11: torch.float64,
}  # fmt: skip
"""ONNX's numbers of types."""


def unsupported(what: str) -> ModelError:
    """What to raise for an operation, or a form of one, that is not here."""
    return ModelError(f"The network has the ONNX operation {what}, which has no counterpart in torch here.")


def given(x: Inputs, place: int) -> Any:
    """An input that may be left out."""
    return x[place] if len(x) > place else None


def numbers(x: Inputs, place: int, a: Attributes, key: str) -> list[int] | None:
    """Whole numbers out of an input, or as older networks have them, out of an attribute."""
    value = given(x, place)
    found = a.get(key) if value is None else np.atleast_1d(value.tolist()).tolist()
    return None if found is None else [int(number) for number in found]


def _pad(x: Inputs, a: Attributes) -> Tensor:
    mode = a.get("mode", b"constant")
    if mode != b"constant" or given(x, 3) is not None:
        raise unsupported(f"Pad with mode={mode.decode()}" if mode != b"constant" else "Pad with axes")
    pads = numbers(x, 1, a, "pads") or []
    value = a.get("value", 0.0) if given(x, 2) is None else float(x[2])
    axes = len(pads) // 2
    sides = [number for axis in reversed(range(axes)) for number in (pads[axis], pads[axis + axes])]
    return functional.pad(x[0], sides, value=value) if any(sides) else x[0]


def _reshape(x: Inputs, a: Attributes) -> Tensor:
    sizes = numbers(x, 1, a, "shape") or []
    return x[0].reshape([x[0].shape[place] if size == 0 else size for place, size in enumerate(sizes)])


def _slice(x: Inputs, a: Attributes) -> Tensor:
    starts, ends = numbers(x, 1, a, "starts") or [], numbers(x, 2, a, "ends") or []
    axes = numbers(x, 3, a, "axes") or list(range(len(starts)))
    steps = numbers(x, 4, a, "steps") or [1] * len(starts)
    result = x[0]
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        result = _sliced(result, axis, slice(start, end if end > -(2**31) else None, step))
    return result


def _sliced(tensor: Tensor, axis: int, part: slice) -> Tensor:
    """One axis cut; torch has no slices backwards."""
    if part.step > 0:
        return tensor[(*[slice(None)] * (axis % tensor.ndim), part)]
    places = range(tensor.shape[axis])[part]
    return tensor.index_select(axis, torch.tensor(places, dtype=torch.int64, device=tensor.device))


def _squeeze(x: Inputs, a: Attributes) -> Tensor:
    axes = numbers(x, 1, a, "axes")
    return x[0].squeeze() if axes is None else x[0].squeeze(tuple(axes))


def _unsqueeze(x: Inputs, a: Attributes) -> Tensor:
    axes, result = numbers(x, 1, a, "axes") or [], x[0]
    for axis in sorted(axis % (x[0].ndim + len(axes)) for axis in axes):
        result = result.unsqueeze(axis)
    return result


def flatten(x: Inputs, a: Attributes) -> Tensor:
    """Two axes: what is before one, and the rest."""
    axis = a.get("axis", 1) % (x[0].ndim + 1)
    return x[0].reshape(math.prod(x[0].shape[:axis]), -1)


def _constant_of_shape(x: Inputs, a: Attributes) -> Tensor:
    return a.get("value", torch.zeros(1)).expand(x[0].tolist()).clone()


def _expand(x: Inputs, _a: Attributes) -> Tensor:
    """To the shape that both have together."""
    return x[0].expand(torch.broadcast_shapes(x[0].shape, tuple(x[1].tolist())))


def _gather(x: Inputs, a: Attributes) -> Tensor:
    """Places of one axis; those below 0 count from its end."""
    axis = a.get("axis", 0) % x[0].ndim
    return x[0][(*[slice(None)] * axis, x[1])]


def _split(x: Inputs, a: Attributes) -> Any:
    axis = a.get("axis", 0)
    sizes = numbers(x, 1, a, "split")
    if sizes is None and "num_outputs" not in a:
        raise unsupported("Split without sizes")
    return torch.split(x[0], sizes or -(-x[0].shape[axis] // a["num_outputs"]), dim=axis)


def _transpose(x: Inputs, a: Attributes) -> Tensor:
    return x[0].permute(a.get("perm", list(range(x[0].ndim))[::-1]))


MOVES: dict[str, Operation] = {
    "Cast": lambda x, a: x[0].to(TYPES[a["to"]]),
    "Concat": lambda x, a: torch.cat(list(x), dim=a["axis"]),
    "Constant": lambda x, a: a["value"],
    "ConstantOfShape": _constant_of_shape,
    "Dropout": lambda x, a: x[0],
    "Expand": _expand,
    "Flatten": flatten,
    "Gather": _gather,
    "Identity": lambda x, a: x[0],
    "Pad": _pad,
    "Reshape": _reshape,
    "Shape": lambda x, a: torch.tensor(x[0].shape)[a.get("start", 0) : a.get("end")],
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
