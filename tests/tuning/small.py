"""A network of a few hundred weights and data that it can learn: what the tests of the loop are about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from audition.tuning.rows.examples import Examples
from audition.tuning.rows.parts import divide
from audition.tuning.runs.objective import Objective, objective_of
from audition.tuning.runs.settings import Settings, completed


class OfArrays(nn.Sequential):
    """Modules one after the other, of a numpy array."""

    def forward(self, batch):
        return super().forward(torch.from_numpy(np.asarray(batch)))


class Small(nn.Module):
    """Rows [n, 8] -> features [n, 6] and outputs [n, K], with dropout in between."""

    def __init__(self, outputs: int = 3, *, seed: int = 0, dropout: float = 0.2, width: int = 6) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.body = OfArrays(nn.Linear(8, width), nn.Tanh(), nn.Dropout(dropout))
            self.head = nn.Linear(width, outputs)

    def forward(self, batch):
        features = self.body(batch)
        return features, self.head(features)


class Pictured(nn.Module):
    """The same for small pictures [n, 3, 8, 8] through a convolution and a batch norm."""

    def __init__(self, outputs: int = 2) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.body = OfArrays(
                nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
            )
            self.head = nn.Linear(4, outputs)
        self.to(memory_format=torch.channels_last)

    def forward(self, batch):
        features = self.body(batch)
        return features, self.head(features)


def rows(task: str = "classification", number: int = 60, views: int = 1) -> Examples:
    """Examples that a small network can learn, and noise that it cannot."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(number, 8)).astype(np.float32)
    signal = inputs @ rng.normal(size=(8, 3)).astype(np.float32)
    noisy = signal + rng.normal(scale=0.2, size=signal.shape)
    targets = {
        "classification": noisy.argmax(axis=1).astype(np.int64),
        "multilabel": (noisy > 0).astype(np.float32),
        "regression": ((noisy - noisy.mean(axis=0)) / noisy.std(axis=0)).astype(np.float32),
    }[task]
    seen = tuple(inputs + np.float32(0.1 * view) for view in range(views))
    return Examples(seen, targets, task, divide(targets, task, held_out=0.25))  # type: ignore[arg-type]


def pictures(number: int = 24) -> Examples:
    rng = np.random.default_rng(1)
    targets = np.arange(number) % 2
    inputs = rng.normal(size=(number, 3, 8, 8)).astype(np.float32) + targets[:, None, None, None].astype(
        np.float32
    )
    return Examples((inputs,), targets, "classification", divide(targets, "classification", held_out=0.25))


def ready(examples: Examples, **given) -> tuple[Objective, Settings]:
    """An objective, and settings for a short run."""
    settings = Settings(**{"rate": 0.05, "steps": 40, "batch_size": 8, "optimiser": "sgd", **given})
    rows = len(examples.parts.train)
    settings = completed(settings, kind="rows", task=examples.task, rows=rows, device="cpu")
    return objective_of(examples, settings), settings


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    """Bit for bit."""
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def timeless(curve):
    """A curve without its seconds."""
    return [replace(row, seconds=0.0) for row in curve]
