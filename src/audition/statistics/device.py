"""Builds statistics of rows that are torch tensors on a device: what grows with D² never leaves it before the end."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from audition.arrays import Float64
from audition.errors import InputError
from audition.labels import ClassLabels, Labels, MultiLabels, Targets
from audition.statistics.builder import lower_to_full
from audition.statistics.groups import ClassMoments, TargetMoments
from audition.statistics.moments import Moments
from audition.statistics.slices import gram_in_slices
from audition.statistics.value import Statistics

Tensor = Any
Gram = Callable[[Tensor], Tensor]
"""XᵀX of float64 rows [n, D], float64 [D, D]."""

# Compute capabilities of the chips that multiply float64 at half the speed of float32 or better (P100, V100, A100,
# H100, B200; MI200, MI300, MI350). All others take 32 to 64 times as long.
FAST = {(6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (9, 4), (9, 5)}


def gram_on(device: Any) -> Gram:
    """How XᵀX is computed for rows of a device: in its float64, or in float32 slices where that is slow or absent."""
    import torch

    if device.type == "cpu":
        return gram_in_float64
    if device.type == "cuda" and torch.cuda.get_device_capability(device) in FAST:
        return gram_in_float64
    return lambda rows: gram_in_slices(rows, device)


def gram_in_float64(rows: Tensor) -> Tensor:
    """XᵀX where the rows are."""
    return rows.T @ rows


@cache
def home_of(device: Any) -> Any:
    """Where float64 numbers of a device can be: there, or on the CPU where it has none (MPS, some of Intel's)."""
    import torch

    try:
        torch.zeros(1, dtype=torch.float64, device=device)
    except (TypeError, RuntimeError):
        return torch.device("cpu")
    return device


class DeviceBuilder:
    """As `Builder`, for rows [n, D] that are torch tensors; the labels are those of `audition.labels`, on the CPU.

    It computes what `Builder` does, in float64, so the two agree to rounding. Where memory runs out in `add`, what
    was added before is there still.
    first: the first row [D]. gram: how XᵀX is computed, by default what suits the device.
    """

    def __init__(self, first: Tensor, gram: Gram | None = None) -> None:
        import torch

        self._home = home_of(first.device)
        self._gram = gram or gram_on(first.device)
        self._origin = first.to(self._home).to(torch.float64)
        self._moments: Moments | None = None
        self._classes: _Classes | None = None
        self._targets: TargetMoments | None = None

    def add(self, block: Tensor, labels: Labels) -> None:
        """Adds a block of rows [n, D] and their labels, whose classes are the same ones in every block."""
        import torch

        if block.shape[1] != len(self._origin):
            raise InputError(f"A batch has {block.shape[1]} columns; those before had {len(self._origin)}.")
        centred = block.to(self._home).to(torch.float64) - self._origin
        mean = centred.mean(dim=0)
        centred.sub_(mean)
        own = self._moments_of(centred, mean)
        moments = own if self._moments is None else self._moments + own
        if isinstance(labels, ClassLabels):
            part = _classes_of(centred, mean, labels)
            self._classes = part if self._classes is None else self._classes + part
        else:
            self._targets = self._with_targets(_targets_of(centred, labels), mean, len(centred))
        self._moments = moments

    def _moments_of(self, centred: Tensor, mean: Tensor) -> Moments:
        norms = (centred * centred).sum(dim=1)
        return Moments(
            len(centred), mean, self._gram(centred), centred.T @ norms, float((norms * norms).sum())
        )

    def _with_targets(self, part: TargetMoments, mean: Tensor, rows: int) -> TargetMoments:
        if self._targets is None or self._moments is None:
            return part
        return self._targets.merged(part, _host(mean - self._moments.mean), self._moments.count, rows)

    def result(self) -> Statistics:
        """The statistics of all rows that were added, brought to the CPU; nothing can be added after it."""
        found = self._moments
        if found is None:
            return Statistics.empty()
        scatter = np.asfortranarray(_host(found.scatter))
        lower_to_full(scatter)
        moments = Moments(found.count, _host(found.mean), scatter, _host(found.cubic), found.quartic)
        groups = None if self._classes is None else self._classes.brought()
        return Statistics(moments, groups, self._targets).translated(_host(self._origin))


@dataclass(frozen=True, eq=False)
class _Classes:
    """As `ClassMoments`, on a device, of all classes: zeros where one has no row yet."""

    classes: tuple[Hashable, ...]
    counts: Tensor
    means: Tensor
    squares: Tensor

    def __add__(self, other: _Classes) -> _Classes:
        counts = self.counts + other.counts
        share = (other.counts / counts.clamp(min=1))[:, None]
        delta = other.means - self.means
        squares = self.squares + other.squares + self.counts[:, None] * share * delta**2
        return _Classes(self.classes, counts, self.means + delta * share, squares)

    def brought(self) -> ClassMoments:
        """Those classes that have rows, on the CPU."""
        counts = _host(self.counts).astype(np.int64)
        there = np.flatnonzero(counts)
        names = tuple(self.classes[place] for place in there)
        return ClassMoments(names, counts[there], _host(self.means)[there], _host(self.squares)[there])


def _classes_of(centred: Tensor, mean: Tensor, labels: ClassLabels) -> _Classes:
    """Of a block centred by its mean: sums of each class, then squares about its own mean."""
    import torch

    codes = torch.from_numpy(labels.codes).to(centred.device)
    empty = centred.new_zeros(len(labels.classes), centred.shape[1])
    counts = torch.bincount(codes, minlength=len(empty)).to(torch.float64)
    means = empty.index_add(0, codes, centred) / counts.clamp(min=1)[:, None]
    squares = empty.index_add(0, codes, (centred - means[codes]) ** 2)
    there = (counts > 0)[:, None]
    return _Classes(labels.classes, counts, torch.where(there, means + mean, empty), squares)


def _targets_of(centred: Tensor, labels: MultiLabels | Targets) -> TargetMoments:
    """Of a block centred by its mean; all but the products with the features are made on the CPU."""
    import torch

    mean = labels.values.mean(axis=0)
    spread = labels.values - mean
    cross = _host(centred.T @ torch.from_numpy(spread).to(centred.device))
    return TargetMoments(
        mean, spread.T @ spread, cross, labels.names if isinstance(labels, MultiLabels) else None
    )


def _host(values: Tensor) -> Float64:
    array: Float64 = values.cpu().numpy()
    return array
