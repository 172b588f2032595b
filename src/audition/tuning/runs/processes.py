"""Several processes that train one network together, a GPU each, through accelerate; mostly there is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from audition.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


class Crew:
    """The processes that were launched together (`accelerate launch`, `torchrun`): each takes its share of rows.

    Raises MissingExtraError where there are several, but no accelerate.
    """

    def __init__(self) -> None:
        self._accelerator: Any = None
        if _launched() > 1:
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

    def told(self, values: list[Any]) -> list[Any]:
        """A list of the leading process, in all of them."""
        if self._accelerator is None:
            return values
        told: list[Any] = import_module("accelerate.utils").broadcast_object_list(values)
        return told


def leads() -> bool:
    """Whether this process is the one that writes and shows; where there is one alone, it is.

    Asked first of all, it also sees to it that each process takes a GPU of its own.
    """
    return Crew().leads


def check_alone(what: str) -> None:
    """Raises InputError where several processes were launched; what: the function that only one can carry out."""
    if (number := _launched()) > 1:
        raise InputError(
            f"{what} runs in one process, and {number} were launched: start it by itself; tune is for several."
        )


def together(run: Callable[[], T]) -> T:
    """What `run` gives in the leading process, which alone runs it: for what is looked up, written or removed once.

    All processes call this at the same place; none goes on before the leading one is done. What it raises there
    the others raise as an InputError of the same sentence. Where there is one process alone, it is `run()`.
    """
    crew = Crew()
    if crew.size == 1:
        return run()
    result, failure = None, None
    if crew.leads:
        try:
            result = run()
        except BaseException as error:  # an interrupt, too: the others wait
            failure = error
    given, said = crew.told([result, None if failure is None else str(failure) or type(failure).__name__])
    if failure is not None:
        raise failure
    if said is not None:
        raise InputError(said)
    found: T = given
    return found


def _launched() -> int:
    """How many processes were launched together."""
    return int(os.environ.get("WORLD_SIZE", "1"))
