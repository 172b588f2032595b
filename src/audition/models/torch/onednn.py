"""A fault of oneDNN, torch's library for CPUs, in the gradients of some convolutions.

Where a 1 x 1 convolution takes steps of more than one pixel, and its fewer than 16 input channels come last, the
gradient of its kernel is written past the end of its memory (github.com/uxlfoundation/oneDNN/issues/6035): wrong
numbers, or a crash. Leaving out the pixels first and then taking steps of one is the same function.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

BLOCK = 16  # channels that oneDNN takes at once


def writes_too_far(channels: int, kernel: Sequence[int], strides: Sequence[int], padded: bool) -> bool:
    """Whether a convolution has the fault. channels: that each of its groups takes."""
    return channels < BLOCK and tuple(kernel) == (1, 1) and max(strides) > 1 and not padded


def pixels_taken(image: Any, strides: Sequence[int]) -> Any:
    """Every so many rows and columns of images [..., H, W]."""
    down, across = strides
    return image[..., ::down, ::across]
