"""What is told of tuning as it goes: nothing, or a bar with the loss and the held-out score."""

from __future__ import annotations

from typing import Any

from audition.tuning.runs.curve import Look


class TuningWatch:
    """Is told of every step of a run, and shows nothing."""

    def begins(self, steps: int, done: int, score_name: str) -> None:
        """A run of so many steps is about to go on behind those that are done."""

    def step(self, loss: float) -> None:
        """One more step has been made."""

    def look(self, look: Look, best: bool) -> None:
        """The held-out rows have been looked at; whether they were never better."""

    def close(self) -> None:
        """No more will come."""


class TuningBar(TuningWatch):
    """A bar over the steps of a run, on standard error. named: what stands before it."""

    def __init__(self, named: str = "tune") -> None:
        self._named = named
        self._bar: Any = None
        self._loss = self._score_name = self._score = ""

    def begins(self, steps: int, done: int, score_name: str) -> None:
        """Puts up the bar."""
        from tqdm.auto import tqdm

        self._score_name = score_name
        self._bar = tqdm(total=steps, initial=done, desc=self._named, unit="step")

    def step(self, loss: float) -> None:
        """Moves the bar, and shows the loss of the step."""
        self._loss = f"loss {loss:.3f}"
        self._bar.set_postfix_str(self._loss + self._score, refresh=False)
        self._bar.update()

    def look(self, look: Look, best: bool) -> None:
        """Shows the held-out score, with a star where it is the best so far."""
        self._score = f", held-out {self._score_name} {look.held_out_score:.3f}{' *' if best else ''}"
        self._bar.set_postfix_str(self._loss + self._score)

    def close(self) -> None:
        """Leaves the bar as it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def tuning_watch(progress: bool, named: str = "tune") -> TuningWatch:
    """A bar where it is wanted."""
    return TuningBar(named) if progress else TuningWatch()
