"""What fine-tuning the built-in networks really gave, as recorded by the script that made them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Tuned:
    """Test accuracy (0..1) after fine-tuning: mean and standard deviation over seeds."""

    model: str
    layer: str
    target: str
    accuracy: float
    std: float
    seeds: int
    train_rows: int
    test_rows: int


def recorded_truth(target: str) -> dict[str, Tuned]:
    """What fine-tuning each network of the zoo gave on a target, by full model name."""
    return {row.model: row for row in _read("truth.csv") if row.target == target}


def recorded_layers(model: str, target: str) -> dict[str, Tuned]:
    """What fine-tuning a network up to each of its layers gave on a target, by layer."""
    return {row.layer: row for row in _read("layers.csv") if (row.model, row.target) == (model, target)}


def _read(name: str) -> list[Tuned]:
    text = (files("audition") / "zoo" / name).read_text(encoding="utf-8")
    return [_tuned(record) for record in csv.DictReader(text.splitlines())]


def _tuned(record: dict[str, str]) -> Tuned:
    return Tuned(
        model=f"zoo:{record['model']}",
        layer=record.get("layer", ""),
        target=record["target"],
        accuracy=float(record["accuracy"]),
        std=float(record["std"]),
        seeds=int(record["seeds"]),
        train_rows=int(record["train_rows"]),
        test_rows=int(record["test_rows"]),
    )
