"""The three parts of the benchmark: whole networks on images, networks cut after a layer, encoders on texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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


# Others of their families stand for these, so they wait until all targets have those.
LATER = {
    "deeplab_mnetedgetpu_cityscapes", "deeplab_mnv2_050_pascal", "squeezenet1_0", "mobilenetv1_075_192",
    "mobilenetv2_tf", "big_xception_fer_066", "mini_xception_fer_047", "mini_xception_fer_060", "minilm_4",
    "paraphrase_2",
}  # fmt: skip


def _rounds(targets: Iterable[str], networks: Iterable[str]) -> tuple[tuple[Cell, ...], ...]:
    targets, networks = tuple(targets), tuple(networks)
    first = [network for network in networks if network not in LATER]
    last = [network for network in networks if network in LATER]
    return tuple(tuple(Cell(target, name) for name in names) for names in (first, last) for target in targets)


def _layer_rounds() -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        tuple(Cell(target, network, layer) for network, layers in LAYERED.items() for layer in layers)
        for target in LAYER_TARGETS
    )


PARTS = {
    part.name: part
    for part in (
        Part("images", _rounds(images.TARGETS, NETWORKS), _whole),
        Part("layers", _layer_rounds(), _whole),
        Part("text", _rounds(TEXT_TARGETS, ENCODERS), _text),
    )
}
