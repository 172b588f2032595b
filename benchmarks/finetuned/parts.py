"""The three parts of the benchmark: whole networks on images, networks cut after a layer, encoders on texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from benchmarks.finetuned import images
from benchmarks.finetuned.layers import LAYER_TARGETS, LAYERED, cut
from benchmarks.finetuned.ledger import Cell
from benchmarks.finetuned.networks import NETWORKS
from benchmarks.finetuned.splits import Sizes
from benchmarks.finetuned.tasks import Labels
from benchmarks.finetuned.texts import ENCODERS, TEXT_TARGETS, text_labels, tokens
from benchmarks.finetuned.tuning import Recipe

LADDER = (0.003, 0.01, 0.03, 0.1)


@dataclass(frozen=True)
class Job:
    """All that a cell needs to be tuned: body() is fresh at every call; inputs [N, ...] are of all rows."""

    body: Callable[[], nn.Module]
    inputs: Tensor
    labels: Labels
    sizes: Sizes
    recipe: Recipe
    ladder: tuple[float, ...]


@dataclass(frozen=True)
class Part:
    """rounds: the cells, target by target, so that whatever is finished can be looked at."""

    name: str
    rounds: tuple[tuple[Cell, ...], ...]
    job: Callable[[Cell], Job]


def _whole(cell: Cell) -> Job:
    network, target = NETWORKS[cell.network], images.TARGETS[cell.target]
    body = network.body if cell.layer == "features" else lambda: cut(network, cell.layer)
    inputs = images.pixels(cell.target, network.size, network.grey)
    return Job(body, inputs, images.labels_of(cell.target), target.sizes, Recipe(target.steps), LADDER)


def _text(cell: Cell) -> Job:
    encoder, target = ENCODERS[cell.network], TEXT_TARGETS[cell.target]
    inputs, labels = tokens(cell.target, encoder.folder), text_labels(cell.target)
    return Job(encoder.open, inputs, labels, target.sizes, Recipe(target.steps, "adamw"), encoder.ladder)


PARTS = {
    part.name: part
    for part in (
        Part("images", tuple(tuple(Cell(t, n) for n in NETWORKS) for t in images.TARGETS), _whole),
        Part(
            "layers",
            tuple(
                tuple(Cell(target, network, layer) for network, layers in LAYERED.items() for layer in layers)
                for target in LAYER_TARGETS
            ),
            _whole,
        ),
        Part("text", tuple(tuple(Cell(t, n) for n in ENCODERS) for t in TEXT_TARGETS), _text),
    )
}
