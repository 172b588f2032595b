"""What an item costs the process that leads a run: to list it, to hold it, and to send it to workers."""

from __future__ import annotations

import pickle
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from random import Random

from audition.data.open import open_dataset
from audition.executors import Cut, Piece, Sent, Summed
from audition.extraction import PART_ROWS, decode
from audition.labels import as_labels
from benchmarks.scale.clock import note, processor
from benchmarks.scale.ledger import Measured

ITEMS, CLASSES = 20_000, 100


def driver() -> Iterator[Measured]:
    """A folder of pictures, of which none is opened."""
    with tempfile.TemporaryDirectory(prefix="audition-scale-") as folder:
        _fill(Path(folder))
        listed = processor(lambda: open_dataset(folder))
        tracemalloc.start()
        data = open_dataset(folder)
        held = tracemalloc.get_traced_memory()[0]
        decoded = decode(data, [])
        held_labels = tracemalloc.get_traced_memory()[0] - held
        tracemalloc.stop()
        read = processor(lambda: decode(data, []))
        packed = processor(lambda: sum(shard.count for shard in Cut(data).shards(0, PART_ROWS)))
        (shard,) = Cut(data).shards(0, PART_ROWS)
        unpacked = processor(lambda: list(shard.items()))
        summed = Summed(as_labels(list(decoded.labels), task=decoded.task))
        sent = pickle.dumps(Piece(Sent("zoo:one"), shard, ("last",), 256, summed=summed), protocol=5)
    for what, value, unit in (
        ("list", listed, "s"), ("hold", held, "B"), ("hold labels", held_labels, "B"), ("read labels", read, "s"),
        ("pack", packed, "s"), ("keep packed", len(bytes(shard.packed)), "B"), ("unpack", unpacked, "s"),
        ("send for one candidate", len(sent), "B"),
    ):  # fmt: skip
        yield Measured("driver", what, value, unit, ITEMS, 0, CLASSES, note=note() if unit == "s" else "")


def _fill(folder: Path) -> None:
    for place in range(CLASSES):
        (folder / f"class-{place:03}").mkdir()
    names = Random(0)  # that shrink little
    for place in range(ITEMS):
        (folder / f"class-{place % CLASSES:03}" / f"{names.getrandbits(64):016x}.png").touch()
