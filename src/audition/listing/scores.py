"""What `audition score` and `audition extract` print."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audition.data.features import Features
from audition.labels import ClassLabels, MultiLabels, Targets
from audition.ranking.table import number, print_lines
from audition.sample import Sample
from audition.scoring import Scored


def print_scores(name: str, sample: Sample, scored: Scored, console: Console) -> None:
    """What was scored, a line a measure, and what the measures say of it."""
    console.print(Text(f"{name}: {_in_words(sample)}"))
    console.print()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for metric, value in scored.scores.items():
        table.add_row(Text(metric, style="bold"), number(value))
    print_lines(table, console)
    for note in [*alone(scored), *scored.notes]:
        console.print(Text(note, style="yellow"))


def alone(scored: Scored) -> list[str]:
    """What is said of measures of candidates where there is only one."""
    return [
        f"{name} compares candidates, so it exists in a ranking only; "
        f"its parts here: {', '.join(number(part) for part in parts)}"
        for name, parts in scored.parts.items()
    ]


def _in_words(sample: Sample) -> str:
    matrix, labels = sample.need_rows("score")
    rows, columns = matrix.shape
    what = ""
    if isinstance(labels, ClassLabels):
        what = f"{len(labels.classes)} classes"
    elif isinstance(labels, MultiLabels):
        what = f"{len(labels.names)} labels, any number a row"
    elif isinstance(labels, Targets):
        targets = labels.values.shape[1]
        what = "a regression target" if targets == 1 else f"{targets} regression targets"
    return f"{rows:,} rows of {columns:,} columns, {what}"


def scores_as_json(scores: Mapping[str, float | None]) -> str:
    """Scores as JSON; an infinite one as text, because JSON has none."""
    plain = {
        metric: str(value) if value is not None and abs(value) == float("inf") else value
        for metric, value in scores.items()
    }
    return json.dumps(plain, indent=2)


def print_features(features: Features, path: Path, console: Console) -> None:
    """What was written where."""
    layers = ", ".join(f"{layer} [{len(x)}, {x.shape[1]}]" for layer, x in features.layers.items())
    skipped = (
        f" {len(features.skipped):,} items that could not be read are left out." if features.skipped else ""
    )
    console.print(Text(f"{features.model} on {features.data}: {layers} written to {path}.{skipped}"))
