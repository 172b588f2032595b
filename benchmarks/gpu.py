"""python -m benchmarks.gpu [--device cuda:0] [--quick]: a GPU against the CPU beside it.

The same scores from features that are summed on the GPU and from those brought to the CPU; then seconds a block of
rows in float64, in float32 slices and on the CPU. `--device cpu` tries the command where there is no GPU.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import audition
from audition.arrays import block_rows
from audition.labels import as_labels
from audition.models import TorchModel
from audition.models.pixels import frame
from audition.models.torch.library import opening_on
from audition.statistics import Builder, DeviceBuilder, Statistics
from audition.statistics.device import gram_in_float64, gram_on, home_of
from audition.statistics.slices import gram_in_slices
from benchmarks.machine import machine_line
from benchmarks.report import Row, Table, agreement, as_text, faster, summary
from benchmarks.settings import Settings
from benchmarks.timing import in_turns

NONE = "There is no GPU that torch can use here: python -m benchmarks.gpu compares one with the CPU."
COLUMNS = (256, 512, 1024, 2048, 4096)
CLASSES, PICTURES, PIXELS = 100, 4000, 64
MEASURES = ("logme", "regularized_h_score", "h_score", "lfc")


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--device", default=None, help="cuda:0, mps; by default the GPU that there is")
    parser.add_argument("--quick", action="store_true", help="every size a tenth: does it run, not how fast")
    options = parser.parse_args(words)
    settings, device = Settings(options.quick), device_of(options.device)
    print(f"{machine_line()}\n{name_of(device)}\n")
    tables = [scores(device, settings), blocks(device, settings)]
    for table in tables:
        print(as_text(table))
    print(summary(tables))


def device_of(wanted: str | None) -> Any:
    """The device to compare with the CPU; ends the command with a sentence where there is none."""
    import torch

    if wanted is None and torch.cuda.is_available():
        wanted = "cuda:0"
    elif wanted is None and torch.backends.mps.is_available():
        wanted = "mps"
    if wanted is None:
        raise SystemExit(NONE)
    return torch.device(wanted)


def name_of(device: Any) -> str:
    """What is compared, and how statistics are made there."""
    import torch

    name = torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)
    chosen = "float64" if gram_on(device) is gram_in_float64 else "float32 slices"
    return f"{name}, torch {torch.__version__}; statistics by {chosen}, float64 on {home_of(device)}"


def scores(device: Any, settings: Settings) -> Table:
    """Two passes on the device: features stay there, and features come to the CPU to be kept."""
    pictures = settings.sizes(PICTURES, 0, 0)[0]
    with opening_on(str(device)):
        model = TorchModel("network", network(), preprocess=frame((PIXELS, PIXELS), None))
    stays = ranked(model, pictures, None)
    with tempfile.TemporaryDirectory() as folder:
        comes = ranked(model, pictures, folder)
    rows = [
        agreement(name, stays[name], "brought to the CPU", comes[name]) for name in MEASURES if name in comes
    ]
    return Table(
        "Scores", f"{pictures} pictures of {PIXELS} pixels, features [N, 256] summed on {device}", tuple(rows)
    )


def network() -> Any:
    """Three convolutions that were never trained, 256 features."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    parts: list[Any] = []
    for before, after in ((3, 64), (64, 128), (128, 256)):
        parts += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU()]
    return nn.Sequential(*parts)


def ranked(model: Any, pictures: int, cache: str | None) -> dict[str, float]:
    """The scores of a network; without a cache its features stay where they are."""
    rng = np.random.default_rng(0)
    classes = np.arange(pictures) % 10
    data = rng.integers(0, 200, (pictures, PIXELS, PIXELS, 3), dtype=np.uint8)
    data += (classes * 5)[:, None, None, None].astype(np.uint8)
    ranking = audition.rank([model], (data, classes), metrics=MEASURES, cache=cache, resamples=0)
    found = {name: score for name, score in ranking.best.scores.items() if score is not None}
    return {name.partition("(")[0]: score for name, score in found.items()}


def blocks(device: Any, settings: Settings) -> Table:
    """One block of rows after the other, as they come out of a network."""
    rows: list[Row] = []
    for columns in COLUMNS:
        columns = settings.sizes(0, columns, 0)[1]
        features = np.random.default_rng(0).normal(size=(block_rows(columns), columns)).astype(np.float32)
        rows += block(device, features, settings)
    return Table("Blocks", f"rows float32 with {CLASSES} classes, those of the GPU on {device}", tuple(rows))


def block(device: Any, features: NDArray[np.float32], settings: Settings) -> list[Row]:
    """Seconds and agreement of one block of features."""
    import torch

    labels, tensor = as_labels(np.arange(len(features)) % CLASSES), torch.from_numpy(features).to(device)

    def on_cpu() -> Statistics:
        builder = Builder(features[0].astype(np.float64))
        builder.add(features, labels)
        return builder.result()

    def on_device(gram: Callable[[Any], Any]) -> Statistics:
        builder = DeviceBuilder(tensor[0], gram)
        builder.add(tensor, labels)
        return builder.result()  # which waits for the device

    found = in_turns(
        {
            "CPU": on_cpu,
            "float64": lambda: on_device(gram_in_float64),
            "slices": lambda: on_device(lambda rows: gram_in_slices(rows, device)),
        },
        settings,
    )
    size = f"{len(features)} x {features.shape[1]}"
    expected = found["CPU"].value.scatter
    spread = np.sqrt(np.diag(expected))
    rows = []
    for name in ("float64", "slices"):
        off = float((abs(found[name].value.scatter - expected) / np.outer(spread, spread)).max())
        timing = faster(f"{size}: {name}", found[name].seconds, "CPU", found["CPU"].seconds)
        wrong = Row(
            f"{size}: {name}, scatter", f"off by {off:.0e}", target="≤ 1e-12 of the norms", met=off <= 1e-12
        )
        rows += [timing, wrong]
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
