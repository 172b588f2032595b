"""What stops a run, in one sentence each."""

from __future__ import annotations

from audition.errors import ModelError

TOO_LARGE = (
    "Training does not fit into memory, not even with one row at a time: tune the head alone, or take a smaller "
    "network or an earlier layer."
)


class DivergedError(ModelError):
    """The loss, or what the network gives, is no number any more, and no state has been looked at before."""


class NotFinite(Exception):  # no error of the user's: the loop says what becomes of it
    """The loss, or an output, is no number."""


def diverged(step: int, rate: float | None) -> str:
    """What to say where the loss is no number."""
    return f"The loss was no number in step {step}, with a rate of {rate or 0:g}: try a lower rate"


def interrupted(step: int, steps: int, kept: int | None) -> str:
    """What to say where the user stops a run; kept: the step of the checkpoint, None where there is none."""
    said = f"Stopped after step {step} of {steps}"
    if kept is None:
        return f"{said}; there is no checkpoint to go on from."
    return f"{said}; resume=True (--resume) goes on from step {kept}."


def disk_full(error: Exception, kept: int | None) -> str:
    """What to say where a checkpoint cannot be written."""
    before = "There is no earlier one" if kept is None else f"The one of step {kept} is whole"
    return f"{error} {before}: make room, then go on with resume=True (--resume)."
