"""What ran: versions, machine, command, and where the time went."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib import metadata

from audition.ranking.value import Ranking
from audition.version import __version__

LIBRARIES = (
    "numpy",
    "scipy",
    "scikit-learn",
    "torch",
    "timm",
    "transformers",
    "onnxruntime",
    "keras",
    "tensorflow",
)


@dataclass(frozen=True)
class Stage:
    """A part of the work and its seconds; 0 where what was kept from before was read."""

    what: str
    seconds: float


@dataclass(frozen=True)
class Ran:
    """ranked_by: the version that made the ranking. The machine and the libraries are those that wrote the
    report: the same where it was written by the run itself. command: what makes it again, "" where not known."""

    ranked_by: str
    reported_by: str
    python: str
    libraries: tuple[str, ...]
    machine: str
    command: str
    seed: int
    stages: tuple[Stage, ...]


def ran(ranking: Ranking, *, command: str = "", seed: int = 0) -> Ran:
    """What is known of how a ranking came about."""
    forward = {row.model: row.feature_seconds for row in ranking.rows}
    stages = (
        Stage("decoding", ranking.decoding_seconds),
        Stage("forward passes", sum(forward.values())),
        Stage("measures and intervals", sum(row.scoring_seconds for row in ranking.rows)),
    )
    return Ran(
        ranking.version,
        __version__,
        platform.python_version(),
        tuple(_libraries()),
        _machine(),
        command,
        seed,
        stages,
    )


def _libraries() -> list[str]:
    found = []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found


def _machine() -> str:
    cores = os.cpu_count() or 1
    return f"{platform.system()} {platform.machine()}, {cores} core{'s' * (cores != 1)}"
