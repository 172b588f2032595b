"""Several processes that train one network together, a GPU each, through accelerate; mostly there is one."""

from __future__ import annotations

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from audition.errors import MissingExtraError


class Crew:
    """The processes that were launched together (`accelerate launch`, `torchrun`): each takes its share of rows.

    Raises MissingExtraError where there are several, but no accelerate.
    """

    def __init__(self) -> None:
        self._accelerator: Any = None
        if int(os.environ.get("WORLD_SIZE", "1")) > 1:
            if find_spec("accelerate") is None:
                raise MissingExtraError("accelerate", "accelerate")
            accelerate: Any = import_module("accelerate")
            self._accelerator = accelerate.Accelerator(mixed_precision="no")

    @property
    def size(self) -> int:
        """How many there are."""
        return 1 if self._accelerator is None else int(self._accelerator.num_processes)

    @property
    def leads(self) -> bool:
        """Whether this is the one that writes and shows."""
        return self._accelerator is None or bool(self._accelerator.is_main_process)

    def forward_of(self, network: Any) -> Any:
        """What to call in place of the network, so that gradients are the mean of all processes."""
        return network if self._accelerator is None else self._accelerator.prepare_model(network)

    def own(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows of a batch that are this process's."""
        if self._accelerator is None:
            return rows
        return rows[self._accelerator.process_index :: self._accelerator.num_processes]

    def mean(self, values: Tensor) -> Tensor:
        """Of all processes."""
        return values if self._accelerator is None else self._accelerator.reduce(values, "mean")
