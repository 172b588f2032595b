"""A look at the held-out rows: the loss and the score of the network as it stands."""

from __future__ import annotations

from functools import partial
from math import isfinite

import torch
from torch import Tensor, nn

from audition.tuning.rows.examples import Examples
from audition.tuning.runs.faults import NotFinite
from audition.tuning.runs.objective import Objective
from audition.tuning.runs.passes import Passes, Rows, evaluated
from audition.tuning.runs.room import Room

WIDER = 4  # passes without a graph take less memory


def judged(
    network: nn.Module, passes: Passes, examples: Examples, objective: Objective, room: Room
) -> tuple[float, float]:
    """Loss and score of the held-out rows, through the first view; nan where there are none.

    Raises NotFinite where an output, or the loss, is no number.
    """
    rows = examples.parts.held_out
    if not len(rows):
        return float("nan"), float("nan")
    with evaluated(network):
        outputs = room.fitting(partial(_outputs, passes, rows))
    targets = examples.targets[rows]
    loss = float(objective.loss(outputs, torch.from_numpy(targets)))
    if not (outputs.isfinite().all() and isfinite(loss)):
        raise NotFinite
    return loss, objective.score(outputs.numpy(), targets)


def _outputs(passes: Passes, rows: Rows, size: int) -> Tensor:
    size *= WIDER
    return torch.cat([passes(rows[start : start + size], 0)[1].cpu() for start in range(0, len(rows), size)])
