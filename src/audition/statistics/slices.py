"""XᵀX of float64 numbers by float32 products that round nothing: for devices where float64 is slow, or is not there."""

from __future__ import annotations

from typing import Any

Tensor = Any

BITS = 7  # of a slice: whole numbers up to 128, which float32, TF32 and bfloat16 all hold
SLICES = 7
CHUNK = 2**10  # rows that are summed in float32: 1024 · 128² is 2²⁴, up to which it holds every whole number
LONGEST = 2**14  # rows that are summed in int32: a level is no more than 7 · 2¹⁴ · 128², below 2³¹


def gram_in_slices(rows: Tensor, device: Any = None) -> Tensor:
    """XᵀX, float64 [D, D] where the rows X, float64 [n, D], are; multiplied on a device, in float32.

    A column, in the unit u that is the power of two above its largest number, is cut into `SLICES` slices: whole
    numbers up to 128 in units of 2⁻⁷, 2⁻¹⁵, ... 2⁻⁵⁵, and a rest below 2⁻⁵⁶. Sums of their products are whole numbers
    too small to be rounded: every device gives the same bits, in whatever order it sums, with TF32 or without.

    The error is what is left out: rests, and products of slices i + j > 8. Slice i is below 2⁸⁻⁸ⁱ and all that follows
    it below 2⁻⁸ⁱ, so that a row adds less than 8 · 2⁻⁵⁶ u_i u_j. As u_i ≤ 2 max|x_i| ≤ 2 ‖x_i‖, an entry is wrong by at
    most 4 · n 2⁻⁵³ ‖x_i‖ ‖x_j‖, four times what float64 promises of its own sums, and a score by as little as there.
    Plain float32 promises n 2⁻²⁴, which 16 rows would use up where scores are to keep 10⁻⁶.
    """
    parts = [_exact(part, device or rows.device) for part in rows.split(LONGEST)]
    return sum(parts[1:], start=parts[0])


def _exact(rows: Tensor, device: Any) -> Tensor:
    """Of at most `LONGEST` rows."""
    import torch

    largest = rows.abs().amax(dim=0).clamp(min=2.0**-500)  # a column of zeros has a unit, too
    unit = torch.exp2(largest.log2().floor() + 1)
    slices = [part.split(CHUNK) for part in _slices(rows / unit, device)]
    found = torch.zeros(rows.shape[1], rows.shape[1], dtype=torch.float64, device=rows.device)
    for level in range(SLICES - 1, -1, -1):  # the least first
        weight = 2.0 ** -((BITS + 1) * level + 2 * BITS)
        found.add_(_level(slices, level).to(rows.device).to(torch.float64), alpha=weight)
    return found.mul_(unit).mul_(unit[:, None])


def _slices(rows: Tensor, device: Any) -> list[Tensor]:
    """Of rows between −1 and 1: whole numbers, float32 on a device, each 2⁻⁸ of the one before."""
    import torch

    rest, found = rows * 2.0**BITS, []
    for _ in range(SLICES):
        whole = rest.round()
        found.append(whole.to(torch.float32).to(device))
        rest = (rest - whole) * 2.0 ** (BITS + 1)
    return found


def _level(slices: list[Any], level: int) -> Tensor:
    """Σ sliceᵢᵀ sliceⱼ over all i + j = level, counted from 0; int32 [D, D]."""
    import torch

    total: Tensor = 0
    for i in range(level // 2 + 1):
        for one, other in zip(slices[i], slices[level - i], strict=True):
            product = (one.T @ other).to(torch.int32)
            total = total + product
            if i < level - i:
                total += product.T
    return total
