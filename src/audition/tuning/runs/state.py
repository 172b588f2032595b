"""All of a run that changes from step to step, and the same as a checkpoint holds it."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor

from audition.tuning.runs.average import Average
from audition.tuning.runs.checkpoint import Standing
from audition.tuning.runs.curve import Curve
from audition.tuning.runs.passes import Passes
from audition.tuning.runs.room import Room
from audition.tuning.runs.updates import Losses, Updates


class State:
    """Where a run stands.

    step: of the last update. curve: all looks. best: the weights at the best of them, on the CPU. whole: False
    while an update is being made, when all this is between two steps.
    """

    def __init__(
        self, passes: Passes, updates: Updates, room: Room, decay: float | None, score_name: str
    ) -> None:
        self.trained, self._updates, self._room = passes.trained, updates, room
        self._average = Average(passes.trained, decay) if decay else None
        self.step, self.whole = 0, True
        self.curve = Curve((), score_name)
        self.best: dict[str, Tensor] = {}
        self._sums: tuple[float, float, int] = (0.0, 0.0, 0)
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start, without the time in which the run was broken off."""
        return time.monotonic() - self._began

    def stepped(self, losses: Losses) -> None:
        """Takes note of an update."""
        self.step += 1
        loss, penalty, count = self._sums
        self._sums = (loss + losses.loss, penalty + losses.penalty, count + 1)
        if self._average is not None:
            self._average.update(self.step)

    def means(self) -> Losses:
        """Loss and penalty over the steps since this was asked last."""
        loss, penalty, count = self._sums
        self._sums = (0.0, 0.0, 0)
        return Losses(loss / count, penalty / count)

    def averaged(self) -> AbstractContextManager[None]:
        """While it is open, the network has the weights that are judged."""
        return nullcontext() if self._average is None else self._average.in_place()

    def keep_best(self) -> None:
        """The weights as they are become the best; those that are averaged, while they are in place."""
        self.best = {
            name: value.detach().to("cpu", copy=True) for name, value in self.trained.state_dict().items()
        }

    def standing(self) -> Standing:
        """What `restore` takes."""
        tensors = {
            "weights": self.trained.state_dict(),
            "best": self.best,
            "optimiser": self._updates.state(),
        }
        if self._average is not None:
            tensors["average"] = self._average.weights
        numbers: dict[str, Any] = {
            "curve": self.curve.records(),
            "sums": self._sums,
            "rows": self._room.rows,
            "scaler": self._updates.scaler.state_dict(),
            "seconds": self.seconds,
        }
        return Standing(self.step, tensors, numbers)

    def restore(self, standing: Standing) -> None:
        """Puts all back as it was."""
        tensors, numbers = standing.tensors, standing.numbers
        self.trained.load_state_dict(tensors["weights"])
        self._updates.restore(tensors.get("optimiser", {}))
        self._updates.scaler.load_state_dict(numbers["scaler"])
        if self._average is not None:
            self._average.restore(tensors["average"])
        self.step, self.best = standing.step, dict(tensors.get("best", {}))
        self.curve = Curve.of(numbers["curve"], self.curve.score_name)
        loss, penalty, count = numbers["sums"]
        self._sums, self._room.rows = (loss, penalty, count), numbers["rows"]
        self._began = time.monotonic() - numbers["seconds"]
