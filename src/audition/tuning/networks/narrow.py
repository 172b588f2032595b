"""A network's convolutions without oneDNN's fault, which `models.torch.onednn` tells of."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from audition.models.torch.onednn import pixels_taken, writes_too_far


def take_pixels_first(module: nn.Module) -> None:
    """Changes such convolutions in a module; weights and names stay, and so does what is computed."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d) and _is_narrow(part):
            strides = tuple(part.stride)
            part.stride = (1, 1)
            part.register_forward_pre_hook(_Pixels(strides))


def _is_narrow(part: Any) -> bool:
    padded = part.padding not in (0, (0, 0), "valid")
    return writes_too_far(part.in_channels // part.groups, part.kernel_size, part.stride, padded)


class _Pixels:
    """Every so many rows and columns of what a part is given."""

    def __init__(self, strides: tuple[int, int]) -> None:
        self.strides = strides

    def __call__(self, _part: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (pixels_taken(given[0], self.strides), *given[1:])
