"""What measures see: the features of every network on every target, as the tuned networks saw them, untuned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import nn

from benchmarks.finetuned import images
from benchmarks.finetuned.ledger import Cell, stem
from benchmarks.finetuned.networks import NETWORKS
from benchmarks.finetuned.parts import PARTS, Part
from benchmarks.finetuned.splits import Split, split
from benchmarks.finetuned.tasks import Labels
from benchmarks.finetuned.tuning import predicted

FOLDER = Path("build") / "finetuned" / "features"


@dataclass(frozen=True)
class Seen:
    """features: [N, D]. source: [N, S], probabilities of the classes learned before, None without a head.

    labels: of the same rows (int [N], 0 and 1 [N, L], or float [N]); `split(seed)` says which were trained on.
    """

    features: NDArray[np.float32]
    source: NDArray[np.float32] | None
    labels: Labels
    cell: Cell
    part: str

    def split(self, seed: int) -> Split:
        """The rows that a run with this seed trained, held out and tested on."""
        return split(self.labels, PARTS[self.part].job(self.cell).sizes, seed)


def seen(part: Part, cell: Cell, folder: Path = FOLDER) -> Seen:
    """Features of all rows of a cell's target: from the folder, or computed and put there."""
    file = folder / part.name / f"{stem(cell)}.npz"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file.with_suffix(".part.npz"), **_computed(part, cell))
        file.with_suffix(".part.npz").rename(file)
    with np.load(file) as arrays:
        source = arrays.get("source")
        return Seen(arrays["features"], source, arrays["labels"], cell, part.name)


def write_all(parts: list[Part], folder: Path = FOLDER) -> None:
    """The features of all cells, target by target."""
    for part in parts:
        for cells in part.rounds:
            images.forget()
            for cell in cells:
                print(part.name, stem(cell), seen(part, cell, folder).features.shape, flush=True)


def _computed(part: Part, cell: Cell) -> dict[str, NDArray[np.float32] | Labels]:
    job = part.job(cell)
    arrays = {"features": predicted(job.body(), job.inputs).numpy(), "labels": job.labels}
    if (head := _source(cell)) is not None:
        arrays["source"] = predicted(head, job.inputs).softmax(dim=1).numpy()
    return arrays


def _source(cell: Cell) -> nn.Module | None:
    whole = cell.layer == "features" and cell.network in NETWORKS
    return NETWORKS[cell.network].source() if whole else None
