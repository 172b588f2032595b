"""A way around a fault of oneDNN, torch's library for CPUs, in the gradients of some convolutions.

Where a 1 x 1 convolution takes steps of more than one pixel, and its fewer than 16 input channels come last, the
gradient of its kernel is written past the end of its memory (github.com/uxlfoundation/oneDNN/issues/6035): wrong
numbers, or a crash. Leaving out the pixels first and then taking steps of one is the same function.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

BLOCK = 16  # channels that oneDNN takes at once


def take_pixels_first(module: nn.Module) -> None:
    """Changes such convolutions in a module; weights and names stay, and so does what is computed."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d) and _is_narrow(part):
            strides = tuple(part.stride)
            part.stride = (1, 1)
            part.register_forward_pre_hook(_Pixels(strides))


def _is_narrow(part: Any) -> bool:
    jumps = max(part.stride) > 1 and part.in_channels // part.groups < BLOCK
    return jumps and tuple(part.kernel_size) == (1, 1) and part.padding in (0, (0, 0), "valid")


class _Pixels:
    """Every so many rows and columns of what a part is given."""

    def __init__(self, strides: tuple[int, int]) -> None:
        self.strides = strides

    def __call__(self, _part: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        down, across = self.strides
        return (given[0][..., ::down, ::across], *given[1:])
