"""Where a network of torch is: on the device that is asked for, or on the CPU where that has no room for it."""

from __future__ import annotations

from typing import Any

from audition.models.base import Outputs
from audition.models.memory import memory_errors
from audition.models.placed import WEIGHTS
from audition.models.torch.library import best_device


class OnDevice:
    """What networks of torch share of the seam `Placed`: its first half, and how they get to a device.

    module: the torch.nn.Module. device: where it is. displaced: as there.
    """

    module: Any
    device: Any
    displaced: str | None = None

    def place(self, module: Any, dtype: Any = None) -> None:
        """Puts a module on the device that is asked for; on the CPU where its weights do not fit there."""
        self.module, self.device = module, best_device()
        try:
            with memory_errors():
                module.to(self.device, dtype)
        except MemoryError:
            if self.device.type == "cpu":
                raise
            self.to_cpu(WEIGHTS)
            module.to("cpu", dtype)

    def to_cpu(self, why: str) -> None:
        """From now on it computes on the CPU, for the reason that `displaced` is."""
        import torch

        self.module.to("cpu")
        self.device, self.displaced = torch.device("cpu"), why


def brought(outputs: Outputs) -> Outputs:
    """Outputs whose features are tensors, as arrays float32 on the CPU."""
    found: dict[str, Any] = dict(outputs.features)
    features = {layer: values.float().cpu().numpy() for layer, values in found.items()}
    return Outputs(features, outputs.source_probabilities, outputs.counted)
