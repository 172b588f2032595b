"""The features of the built-in networks on the targets whose truth is recorded, and scores of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import audition
from audition.truth.zoo import recorded_truth
from benchmarks.quality import DATA as QUALITY_DATA

DATA = {name: data for name, data in QUALITY_DATA.items() if ":" in data or Path(data).is_dir()}


@dataclass(frozen=True, eq=False)
class Seen:
    """features: [N, D] of the last layer; layers: of all; probabilities: [N, S] of the head, or None."""

    features: NDArray[Any]
    layers: Mapping[str, NDArray[Any]]
    labels: NDArray[Any]
    probabilities: NDArray[Any] | None


@cache
def networks() -> tuple[str, ...]:
    """The names of the zoo, "zoo:cnn-cifar10" and so on."""
    return tuple(sorted(recorded_truth("digits")))


@cache
def seen(network: str, target: str) -> Seen:
    """What a network of the zoo makes of all rows of a target."""
    found = audition.extract(network, DATA[target])
    layers = {layer: np.asarray(x) for layer, x in found.layers.items()}
    head = found.source_probabilities
    return Seen(
        list(layers.values())[-1], layers, np.array(found.labels), None if head is None else np.asarray(head)
    )


@cache
def scores(metric: str) -> dict[str, dict[str, float]]:
    """dataset -> network -> score of the whole zoo; networks without a head are absent where it is needed."""
    return {target: _on(metric, target) for target in DATA}


def _on(metric: str, target: str) -> dict[str, float]:
    found = {}
    for network in networks():
        one = seen(network, target)
        if one.probabilities is not None or metric not in ("leep", "nce"):
            given = audition.score(
                one.features, one.labels, metrics=[metric], source_probabilities=one.probabilities
            )
            found[network] = given[metric]
    return found


@cache
def truth() -> dict[str, dict[str, float]]:
    """dataset -> network -> accuracy after fine-tuning, in points."""
    return {
        target: {name: 100 * of.accuracy for name, of in recorded_truth(target).items()} for target in DATA
    }


def seconds(metrics: Sequence[str], rounds: int = 3) -> dict[str, float]:
    """Processor seconds of each measure for all networks and targets, the best of a few rounds, taking turns."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for metric in metrics:
            began = time.process_time()
            for target in DATA:
                _on(metric, target)
            best[metric] = min(best.get(metric, np.inf), time.process_time() - began)
    return best
