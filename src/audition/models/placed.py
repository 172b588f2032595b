"""The seam of models that compute on a device: what they give can stay there, and they can leave it for the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from audition.models.base import Outputs

NO_ROOM = "items ran on the CPU: one did not fit the GPU's memory"
WEIGHTS = "items ran on the CPU: the weights did not fit the GPU's memory"


@runtime_checkable
class Placed(Protocol):
    """A Model whose network is on a device, the CPU or another.

    displaced: what a ranking says of its items where the device that was wanted has no room for it; else None.
    """

    device: Any
    displaced: str | None

    def forward_there(self, batch: NDArray[Any], layers: Sequence[str] | None = None) -> Outputs:
        """As `forward`; the features are torch tensors float32 on the device, all else is numpy's."""

    def to_cpu(self, why: str) -> None:
        """From now on it computes on the CPU, for the reason that `displaced` is."""
