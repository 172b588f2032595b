"""What a network gives, proved to be features, and where it goes when no cache takes it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Array, as_array
from audition.errors import ModelError
from audition.spool import RowFile, Spool

Float32 = NDArray[np.float32]
INFINITE = "holds NaN or infinite values"
SUM_TOLERANCE = 1e-2  # what the rows of bfloat16 heads may sum to beside 1


class Output:
    """One output of a network: checks each batch of it. what: its name, for messages."""

    def __init__(self, model: str, what: str) -> None:
        self._model = model
        self._what = what
        self._width: int | None = None

    def checked(self, length: int, values: Any) -> Float32:
        """A batch as float32 [length, D]; raises ModelError for another length or width, NaN and Inf."""
        if values is None:
            self._fail("is missing from its outputs")
        batch = as_array(values)
        self._check(length, batch, batch.dtype.kind in "biuf")
        with np.errstate(over="ignore"):  # too large for float32 is found as infinite below
            rows = batch.astype(np.float32)
        if not np.isfinite(rows).all():
            self._fail(INFINITE)
        return rows

    def left(self, length: int, values: Any) -> Any:
        """As `checked`, but what lies on another device than the CPU is left there: a tensor float32 [length, D]."""
        if not is_elsewhere(values):
            return self.checked(length, values)
        self._check(length, values, not values.is_complex())
        rows = values.detach().float()
        if not bool(rows.isfinite().all()):
            self._fail(INFINITE)
        return rows

    def _check(self, length: int, batch: Any, numbers: bool) -> None:
        if batch.ndim != 2 or len(batch) != length or batch.shape[1] == 0 or not numbers:
            self._fail(f"is {batch.dtype} {list(batch.shape)} where numbers [{length}, D] are needed")
        if self._width is not None and batch.shape[1] != self._width:
            self._fail(f"changes its width from {self._width} to {batch.shape[1]}")
        self._width = batch.shape[1]

    def _fail(self, why: str) -> None:
        raise ModelError(f"{self._model}: its output {self._what!r} {why}.")


class Head(Output):
    """The probabilities of a network's own head: rows that sum to 1, in all batches or in none."""

    _given: bool | None = None

    def probabilities(self, length: int, values: Any) -> Float32 | None:
        """A batch of them, summing to 1 exactly; None where the network has no head."""
        if self._given is None:
            self._given = values is not None
        if self._given != (values is not None):
            self._refuse()
        if values is None:
            return None
        rows = as_array(values)
        sums = rows.sum(axis=1, keepdims=True, dtype=np.float64) if rows.ndim == 2 else np.zeros((1, 1))
        if rows.size and (rows.min() < 0 or not np.abs(sums - 1).max() <= SUM_TOLERANCE):
            self._refuse()
        return self.checked(length, rows / sums)

    def _refuse(self) -> None:
        raise ModelError(f"{self._model}: its source probabilities must be rows that sum to 1.")


def is_elsewhere(values: Any) -> bool:
    """Whether values are a torch tensor, not a sparse one, on another device than the CPU."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(values, torch.Tensor):
        return False
    return bool(values.device.type != "cpu" and values.layout == torch.strided)


class Collected:
    """The rows of one run where no cache takes them: in memory, or in temporary files where they are many."""

    rows = 0  # none is there to begin with

    def __init__(self, layers: Sequence[str], total: int) -> None:
        self._spools = {layer: Spool(total) for layer in layers}
        self._head = Spool(total)

    def put(self, arrays: Mapping[str, Any], probabilities: Any = None) -> None:
        """The next rows of each layer, and the source probabilities where there are any."""
        for layer, rows in arrays.items():
            self._spools[layer].put(rows)
        if probabilities is not None:
            self._head.put(probabilities)

    def matrix(self, layer: str) -> Array | RowFile:
        """All rows of a layer that have come."""
        return self._spools[layer].rows()

    def probabilities(self) -> Array | RowFile | None:
        """The source probabilities, or None."""
        return self._head.rows() if self._head.filled else None

    def flush(self) -> None:
        """Nothing waits."""

    def finish(self, notes: Mapping[str, Any] | None = None) -> None:
        """Nothing is kept when all is done."""
