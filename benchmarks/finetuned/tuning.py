"""Fine-tuning of a whole network: the same recipe for all, whatever they were trained on.

Batch norm stays in eval mode (many of the networks have it folded into their weights), gradients are clipped,
the new head learns at ten times the rate, the rate falls to zero along a cosine, and what counts is the
state that was best on held-out rows. The head sees features less their mean and over their overall spread (two
fixed numbers and a vector of the training rows), so that one grid of rates serves networks of any scale.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, isfinite, pi

import torch
from torch import Tensor, nn

from benchmarks.finetuned.splits import Split
from benchmarks.finetuned.tasks import Task

HEAD, MOMENTUM, CLIP, WARM_UP, LOOKS, BATCH = 10.0, 0.9, 1.0, 0.1, 5, 20
INFERENCE = 64


@dataclass(frozen=True)
class Recipe:
    """optimiser: "sgd" (images) or "adamw" (text)."""

    steps: int
    optimiser: str = "sgd"


@dataclass(frozen=True)
class Tuned:
    """Scores of the state that was best on the held-out rows; nan where all that was tried diverged."""

    test: float
    held_out: float
    held_out_loss: float
    step: int


class Standardised(nn.Module):
    """A body, and its features less their mean on some rows, over their spread there."""

    def __init__(self, body: nn.Module, some: Tensor) -> None:
        super().__init__()
        self.body = body
        features = torch.cat([_features(body, rows) for rows in some.split(INFERENCE)])
        self.register_buffer("centre", features.mean(dim=0))
        self.register_buffer("scale", features.sub(self.centre).square().mean().sqrt().clamp(min=1e-8))

    def forward(self, rows: Tensor) -> Tensor:
        return (self.body(rows) - self.centre) / self.scale


def tune(
    body: nn.Module, inputs: Tensor, labels: Tensor, split: Split, task: Task, rate: float, seed: int,
    recipe: Recipe,
) -> Tuned:  # fmt: skip
    """The body (changed by this) with a new head, tuned on the training rows; its score on the test rows."""
    torch.manual_seed(seed)
    body.eval()
    train, held_out, test = (torch.from_numpy(rows) for rows in (split.train, split.held_out, split.test))
    seen = Standardised(body, inputs[train])
    model = nn.Sequential(seen, nn.Linear(len(seen.centre), task.outputs))
    best, kept = Tuned(float("nan"), float("nan"), float("inf"), 0), None
    for step in _steps(model, inputs, labels, train, task, rate, recipe):
        outputs = predicted(model, inputs[held_out])
        if not outputs.isfinite().all():
            break
        look = task.score(outputs, labels[held_out]), float(task.loss(outputs, labels[held_out]))
        if kept is None or (look[0], -look[1]) > (best.held_out, -best.held_out_loss):
            best = Tuned(float("nan"), *look, step)
            kept = {name: value.clone() for name, value in model.state_dict().items()}
    if kept is None:
        return best
    model.load_state_dict(kept)
    score = task.score(predicted(model, inputs[test]), labels[test])
    return Tuned(score, best.held_out, best.held_out_loss, best.step)


def _steps(
    model: nn.Module, inputs: Tensor, labels: Tensor, train: Tensor, task: Task, rate: float, recipe: Recipe
) -> Iterator[int]:
    """Trains, and stops to be looked at `LOOKS` times, the last at the end; ends early where the loss does."""
    optimiser = _optimiser(model, rate, recipe)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _share(step, recipe.steps))
    looks = {round(recipe.steps * look / LOOKS) for look in range(1, LOOKS + 1)}
    for step, rows in enumerate(_batches(train, recipe.steps), start=1):
        loss = task.loss(model(inputs[rows]), labels[rows])
        if not isfinite(loss.item()):
            return
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimiser.step()
        schedule.step()
        if step in looks:
            yield step


def _optimiser(model: nn.Module, rate: float, recipe: Recipe) -> torch.optim.Optimizer:
    body = [weight for weight in model[0].parameters() if weight.requires_grad]
    groups = [{"params": body, "lr": rate}, {"params": model[1].parameters(), "lr": HEAD * rate}]
    if recipe.optimiser == "adamw":
        return torch.optim.AdamW(groups, weight_decay=0.01)
    return torch.optim.SGD(groups, momentum=MOMENTUM)


def _share(step: int, steps: int) -> float:
    """Of the rate, at a step: up along a line, then down along a cosine."""
    warm = max(1, round(WARM_UP * steps))
    return (step + 1) / warm if step < warm else (1 + cos(pi * (step - warm) / max(1, steps - warm))) / 2


def _batches(train: Tensor, steps: int) -> Iterator[Tensor]:
    """Every row before any comes again."""
    epochs = -(-steps * BATCH // len(train))
    order = torch.cat([train[torch.randperm(len(train))] for _ in range(epochs)])
    yield from order[: steps * BATCH].split(BATCH)


def predicted(model: nn.Module, inputs: Tensor) -> Tensor:
    return torch.cat([_features(model, rows) for rows in inputs.split(INFERENCE)])


@torch.no_grad()
def _features(model: nn.Module, rows: Tensor) -> Tensor:
    return model(rows)
