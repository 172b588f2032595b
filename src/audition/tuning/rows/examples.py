"""What a network is tuned on: preprocessed items through one or several views, and what is to be learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Matrix
from audition.tuning.rows.parts import Parts

Task = Literal["classification", "multilabel", "regression"]


@dataclass(frozen=True, eq=False)
class Examples:
    """Preprocessed items [N, ...] in every view, and their targets.

    views: an array or a RowFile a view, all of the same rows; the first is what held-out rows are judged by.
    targets: int64 [N] classes, float32 [N, K] of 0 and 1 for several labels, or float32 [N, K] standardised
    regression targets.
    """

    views: tuple[Matrix, ...]
    targets: NDArray[Any]
    task: Task
    parts: Parts

    def items(self, rows: NDArray[np.intp], view: int = 0) -> NDArray[Any]:
        """The items of some rows [n, ...] through a view."""
        batch: NDArray[Any] = self.views[view][rows]
        return batch
