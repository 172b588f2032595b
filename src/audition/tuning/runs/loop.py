"""Tuning: steps and looks, one after the other, until there is no more to learn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audition.errors import InputError
from audition.tuning.rows.examples import Examples
from audition.tuning.runs.checkpoint import Keeper
from audition.tuning.runs.curve import Curve, Look
from audition.tuning.runs.faults import DivergedError, NotFinite, diverged, interrupted
from audition.tuning.runs.fingerprint import fingerprint_of
from audition.tuning.runs.judging import judged
from audition.tuning.runs.objective import Objective
from audition.tuning.runs.passes import HeadPasses, Passes, WholePasses
from audition.tuning.runs.processes import Crew
from audition.tuning.runs.progress import TuningWatch
from audition.tuning.runs.room import Room
from audition.tuning.runs.schedule import LOOKS, Schedule
from audition.tuning.runs.settings import Settings
from audition.tuning.runs.state import State
from audition.tuning.runs.steps import Step, Steps, own_chance
from audition.tuning.runs.updates import Updates
from audition.tuning.teachers.penalties import Penalty

SILENT = TuningWatch()


@dataclass(frozen=True)
class Fitted:
    """How tuning went. held_out: the best score. stopped: why it came to its end, a sentence.

    diverged: whether that was a loss that is no number, after the look that was kept.
    """

    curve: Curve
    best_step: int
    held_out: float
    stopped: str
    diverged: bool = False


def fit(
    network: Any, examples: Examples, objective: Objective, settings: Settings, *,
    penalty: Penalty | None = None, folder: Path | None = None, resume: bool = False,
    watch: TuningWatch = SILENT, looks: int = LOOKS,
) -> Fitted:  # fmt: skip
    """Tunes a network, which ends in eval mode and in the state that was best on the held-out rows.

    settings: from `completed`, with a rate. penalty: what is added to the loss of a batch. folder: where
    checkpoints go, at looks and every 20 s; resume: goes on from the one there, as if nothing had been.
    looks: at the held-out rows, at least; there is one an epoch.
    Without held-out rows the last state counts as the best. The user's generators stay as they are.

    Raises DivergedError where the loss is no number before the first look, ModelError where not even one row
    fits into memory, InputError where a checkpoint cannot be written or is of another run, and
    KeyboardInterrupt with a sentence that says how to go on.
    """
    if settings.rate is None or settings.steps is None or settings.batch_size is None:
        raise InputError("These settings have no rate or no steps yet: complete them, and choose a rate.")
    with own_chance():
        fingerprint = {} if folder is None else fingerprint_of(network, examples, settings, penalty)
        run = _Run(network, examples, objective, settings, penalty, Keeper(folder, fingerprint), watch, looks)
        return run.all(resume)


class _Run:
    """A run: what stays the same throughout it, and its `state`."""

    def __init__(
        self, network: Any, examples: Examples, objective: Objective, settings: Settings,
        penalty: Penalty | None, keeper: Keeper, watch: TuningWatch, looks: int,
    ) -> None:  # fmt: skip
        self.network, self.examples, self.objective, self.keeper = network, examples, objective, keeper
        assert settings.batch_size is not None and settings.steps is not None and settings.rate is not None
        self.rate, self.patience = settings.rate, settings.patience
        crew, self.room = Crew(), Room(settings.batch_size)
        self.leads, self.watch = crew.leads, watch if crew.leads else SILENT
        rows = examples.parts.train
        a_step = min(settings.rows_an_update, len(rows))
        self.schedule = Schedule(settings.steps, settings.warm_up, len(rows), a_step, looks)
        self.looks = self.schedule.looks
        self.steps = Steps(rows, a_step, len(examples.views), settings.seed)
        self.passes: Passes
        if settings.head_only:
            head = crew.forward_of(network.head)
            self.passes = HeadPasses(network, head, examples, settings.precision, self.room)
        else:
            self.passes = WholePasses(network, crew.forward_of(network), examples, settings.precision)
        self.updates = Updates(network, self.passes, examples, objective, penalty, settings, crew, self.room)
        self.state = State(self.passes, self.updates, self.room, settings.average, objective.score_name)

    def all(self, resume: bool) -> Fitted:
        """From the beginning, or the checkpoint, to the end."""
        standing = self.keeper.begin(resume)
        if standing is not None:
            self.state.restore(standing)
        self.learned, self.diverged = self._is_learned(), False
        self.network.train()
        self.watch.begins(self.schedule.steps, self.state.step, self.objective.score_name)
        try:
            stopped = self._to_the_end()
        except KeyboardInterrupt:
            raise KeyboardInterrupt(self._interrupted()) from None
        finally:
            self.watch.close()
            self._leave()
        best = self.state.curve.best
        assert best is not None
        return Fitted(self.state.curve, best.step, best.held_out_score, stopped, self.diverged)

    def _to_the_end(self) -> str:
        total = self.schedule.steps
        try:
            for step in self.steps.of(self.state.step + 1, total):
                if self.learned:
                    break
                self._make(step)
        except NotFinite:
            return self._diverged()
        self._keep()
        curve = self.state.curve
        if self.state.step == total:
            return f"All {total} steps were made."
        return f"Stopped after step {self.state.step} of {total}: the last {curve.since_best} looks were no better."

    def _is_learned(self) -> bool:
        """Whether as many looks as patience bears have shown no better state."""
        return self.patience is not None and self.state.curve.since_best >= self.patience

    def _make(self, step: Step) -> None:
        losses = self.updates.gradients(step)
        self.state.whole = False
        rate = self.rate * self.schedule.share(step.number)
        self.updates.commit(rate)
        self.state.stepped(losses)
        self.watch.step(losses.loss)
        look = step.number in self.looks
        if look:
            self._look(rate)
        self.state.whole = True
        if self.leads and self.keeper.due(look):
            self._keep()

    def _look(self, rate: float) -> None:
        """Judges the weights, and keeps them where they are the best so far."""
        state = self.state
        with state.averaged():
            held_out = judged(self.network, self.passes, self.examples, self.objective, self.room)
            means, epoch = state.means(), self.schedule.epoch(state.step)
            look = Look(state.step, epoch, rate, means.loss, means.penalty, *held_out, state.seconds)
            state.curve = Curve((*state.curve.rows, look), state.curve.score_name)
            if state.curve.best is look:
                state.keep_best()
        self.learned = self._is_learned()
        self.watch.look(look, state.curve.best is look)

    def _keep(self) -> None:
        if self.leads:
            self.keeper.keep(self.state.standing())

    def _interrupted(self) -> str:
        """Keeps where the run stands, if it is not between two steps; what to say."""
        if self.state.whole and self.state.step:
            self._keep()
        return interrupted(self.state.step, self.schedule.steps, self.keeper.kept)

    def _diverged(self) -> str:
        """What to say of it; raises DivergedError where no state was ever looked at."""
        self.diverged = True
        said = diverged(self.state.step + self.state.whole, self.rate)
        best = self.state.curve.best
        if best is None:
            raise DivergedError(f"{said}.")
        return f"{said}. The state after step {best.step} is kept."

    def _leave(self) -> None:
        """Puts the best state into the network, and leaves it ready to be used."""
        if self.state.best:
            self.passes.trained.load_state_dict(self.state.best)
        self.network.zero_grad(set_to_none=True)
        self.network.eval()
