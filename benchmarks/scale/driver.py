"""What an item costs the process that leads a run: to list it, to hold it, and to send it to workers."""

from __future__ import annotations

import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from audition.data.open import open_dataset
from audition.executors import Cut
from audition.extraction import PART_ROWS, decode
from benchmarks.scale.clock import note, processor
from benchmarks.scale.ledger import Measured

ITEMS, CLASSES = 20_000, 100


def driver() -> Iterator[Measured]:
    """A folder of pictures, of which none is opened."""
    with tempfile.TemporaryDirectory(prefix="audition-scale-") as folder:
        _fill(Path(folder))
        listed = processor(lambda: open_dataset(folder), 1)
        tracemalloc.start()
        data = open_dataset(folder)
        held = tracemalloc.get_traced_memory()[0]
        labels = decode(data, [])
        held_labels = tracemalloc.get_traced_memory()[0] - held
        tracemalloc.stop()
        del labels
        read = processor(lambda: decode(data, []), 1)
        sizes: list[int] = []
        packed = processor(lambda: sizes.extend(len(s.pickled) for s in Cut(data).shards(0, PART_ROWS)), 1)
    for what, value, unit in (
        ("list", listed, "s"), ("hold", held, "B"), ("hold labels", held_labels, "B"), ("read labels", read, "s"),
        ("pack for one candidate", packed, "s"), ("send for one candidate", sum(sizes), "B"),
    ):  # fmt: skip
        yield Measured("driver", what, value, unit, ITEMS, 0, CLASSES, note=note(1) if unit == "s" else "")


def _fill(folder: Path) -> None:
    for place in range(CLASSES):
        (folder / f"class-{place:03}").mkdir()
    for place in range(ITEMS):
        (folder / f"class-{place % CLASSES:03}" / f"picture-{place:08}.png").touch()
