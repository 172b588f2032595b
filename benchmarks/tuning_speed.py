"""Tuning against a bare torch loop with the same recipe on the same data, and with the answers of teachers kept.

python -m benchmarks.tuning_speed [--one-thread] [--repeats N]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from math import cos, pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.assets import ABSENT, ASSETS
from benchmarks.machine import machine_line
from benchmarks.report import Row, Table, as_text, at_most
from benchmarks.settings import Settings
from benchmarks.timing import in_turns

TITLE = "Tuning"
WEIGHTS = ASSETS / "weights" / "mobilenetv2_100_tf_q.safetensors"
NETWORK = f"timm:mobilenetv2_100?checkpoint={WEIGHTS}&pad_type=same&mean=0.5&std=0.5"
SIZE, CLASSES, BATCH, EPOCHS, RATE = 96, 5, 16, 5, 0.003
TRAIN, HELD_OUT = 96, 24


@dataclass(frozen=True, eq=False)
class Scene:
    """Pictures uint8 [N, 3, 96, 96] with classes, the training rows before the others."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int64]
    train: int

    @property
    def steps(self) -> int:
        return EPOCHS * self.train // BATCH


def run(settings: Settings) -> Table:
    setting = (
        f"MobileNetV2, {TRAIN} pictures of {SIZE} pixels, {EPOCHS} epochs of batches of {BATCH}, a look each"
    )
    if reason := _lacking():
        return Table(TITLE, setting, (Row("not run", reason),))
    scene = scene_of(TRAIN // 2 if settings.quick else TRAIN, HELD_OUT)
    network = network_of(scene)
    from torch import channels_last, contiguous_format

    contenders = {
        "ours": partial(ours, network, scene),
        "B-Tuning": partial(ours, network, scene, penalty_of(network, scene)),
        "bare": partial(bare, scene, contiguous_format),
        "bare, channels last": partial(bare, scene, channels_last),
    }
    took = {name: timing.seconds for name, timing in in_turns(contenders, settings).items()}
    rows = (
        at_most("plain fine-tuning", took["ours"], "a bare torch loop", took["bare"], 1.05),
        at_most("the same", took["ours"], "the loop with channels last", took["bare, channels last"], 1.05),
        at_most("B-Tuning, cached teachers", took["B-Tuning"], "plain fine-tuning", took["ours"], 1.2),
    )
    return Table(TITLE, setting, rows)


def _lacking() -> str:
    """Why it cannot run, or nothing."""
    if not (ASSETS / "weights").is_dir():
        return ABSENT
    missing = [name for name in ("torch", "timm", "PIL") if find_spec(name) is None]
    return f"{', '.join(missing)} not installed: make bench EXTRAS=timm" if missing else ""


def scene_of(train: int, held_out: int) -> Scene:
    rng = np.random.default_rng(0)
    labels = np.arange(train + held_out) % CLASSES
    pixels = rng.integers(0, 256, (len(labels), 3, SIZE, SIZE), dtype=np.uint8)
    return Scene(pixels, labels.astype(np.int64), train)


def network_of(scene: Scene) -> Any:
    """Of which every run tunes a copy."""
    from audition.models import open_model
    from audition.tuning.networks.body import body_of
    from audition.tuning.networks.network import Head, Network

    body = body_of(open_model(NETWORK, device="cpu"), example=scene.pixels[:2])
    features = body(scene.pixels[: scene.train]).detach().numpy()
    return Network(body, Head.of(features, CLASSES, seed=0))


def ours(network: Any, scene: Scene, penalty: Any = None) -> float:
    """The best held-out score of a run of `fit`."""
    from copy import deepcopy

    from audition.tuning.rows.examples import Examples
    from audition.tuning.rows.parts import Parts
    from audition.tuning.runs.loop import fit
    from audition.tuning.runs.objective import objective_of
    from audition.tuning.runs.settings import Settings as HowToTune
    from audition.tuning.runs.settings import completed

    places = np.arange(len(scene.labels))
    parts = Parts(places[: scene.train], places[scene.train :], places[:0])
    examples = Examples((scene.pixels,), scene.labels, "classification", parts)
    wanted = HowToTune(rate=RATE, batch_size=BATCH, steps=scene.steps, patience=99)
    settings = completed(wanted, kind="image", task="classification", rows=scene.train, device="cpu")
    objective = objective_of(examples, settings)
    return fit(deepcopy(network), examples, objective, settings, penalty=penalty).held_out


def penalty_of(network: Any, scene: Scene) -> Any:
    """As three teachers would have left it: what they say of every picture is an array by then."""
    import torch

    from audition.tuning.teachers.penalties import BTuning

    generator = torch.Generator().manual_seed(1)
    weights = 0.01 * torch.randn(CLASSES, network.body.width, generator=generator)
    return BTuning(weights, torch.rand(1, len(scene.labels), CLASSES, generator=generator), tradeoff=1.0)


def bare(scene: Scene, layout: Any) -> float:
    """The same recipe as people write it; the best held-out accuracy."""
    import timm
    import torch
    from torch import nn

    torch.manual_seed(0)
    body = timm.create_model("mobilenetv2_100", pad_type="same", checkpoint_path=str(WEIGHTS))
    body.reset_classifier(0)
    head = nn.Linear(body.num_features, CLASSES)
    network = nn.Sequential(body, head).to(memory_format=layout).eval()  # batch norms are folded
    groups = [{"params": body.parameters(), "lr": RATE}, {"params": head.parameters(), "lr": 10 * RATE}]
    optimiser = torch.optim.SGD(groups, lr=RATE, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: (1 + cos(pi * step / scene.steps)) / 2
    )
    pixels, labels = torch.from_numpy(scene.pixels), torch.from_numpy(scene.labels)
    best, kept = 0.0, None
    for _ in range(EPOCHS):
        for rows in torch.randperm(scene.train).split(BATCH):
            loss = nn.functional.cross_entropy(network(_input(pixels[rows], layout)), labels[rows])
            if not torch.isfinite(loss):
                raise RuntimeError("diverged")
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        with torch.no_grad():
            said = torch.cat(
                [network(_input(rows, layout)) for rows in pixels[scene.train :].split(4 * BATCH)]
            )
        score = float((said.argmax(dim=1) == labels[scene.train :]).float().mean())
        if kept is None or score > best:
            best, kept = score, {name: value.clone() for name, value in network.state_dict().items()}
    return best


def _input(pixels: Any, layout: Any) -> Any:
    return ((pixels / 255 - 0.5) / 0.5).contiguous(memory_format=layout)


def _words() -> Iterator[str]:
    yield machine_line()
    repeats = int(sys.argv[sys.argv.index("--repeats") + 1]) if "--repeats" in sys.argv else 3
    yield as_text(run(Settings("--quick" in sys.argv, repeats, "--one-thread" in sys.argv)))


if __name__ == "__main__":
    for text in _words():
        print(text)
