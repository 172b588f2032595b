"""How far a score is off, and how far for its rows alone, in spreads between networks; from the committed results.

LogME of real networks on real targets, each from three draws of the rows, beside what fine-tuning them gave
(`benchmarks/finetuned/results`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from audition.evaluation import weighted_tau
from benchmarks.finetuned.ledger import RESULTS

Float64 = NDArray[np.float64]
MEASURE = "logme"
SEEDS = 3
ENOUGH = 10  # networks
SHARP = 0.7  # agreement of the seeds of fine-tuning, below which a target judges nobody
DRAWS = 40
STEPS = 14


@dataclass(frozen=True)
class Seen:
    """A target. noise: √rows × the deviation of a score for its draw of rows, in spreads between networks.

    tau: agreement of the scores with fine-tuning; NaN where the seeds of fine-tuning do not agree with each other.
    """

    target: str
    rows: int
    networks: int
    noise: float
    tau: float


@dataclass(frozen=True)
class Noise:
    """What the simulation takes, medians over targets. rows: `Seen.noise`; tau: `Seen.tau`."""

    rows: float
    tau: float


def noise_of(seen: list[Seen]) -> Noise:
    """The medians over targets, each of those that know it."""
    return Noise(median(one.noise for one in seen), median(one.tau for one in seen if one.tau == one.tau))


def seen(folder: Path = RESULTS) -> list[Seen]:
    """All targets with enough networks."""
    decided = {row["target"] for row in _lines(folder / "agreement.csv") if float(row["tau_w"]) >= SHARP}
    truth = {
        (row["target"], row["network"]): float(row["score"])
        for part in ("images", "text")
        for row in _lines(folder / f"{part}_truth.csv")
        if row["layer"] == "features" or part == "text"
    }
    found = []
    for target, (rows, scores) in sorted(_scores(folder).items()):
        table = np.array(list(scores.values()))
        if len(table) >= ENOUGH:
            tuned = [(truth[target, name], each.mean()) for name, each in zip(scores, table, strict=True)
                     if (target, name) in truth]  # fmt: skip
            tau = (
                weighted_tau(*zip(*tuned, strict=True))
                if target in decided and len(tuned) >= ENOUGH
                else np.nan
            )
            found.append(Seen(target, rows, len(table), sqrt(rows) * noise_share(table), float(tau)))
    return found


def noise_share(scores: Float64) -> float:
    """The deviation of one draw over the spread between networks, of scores [networks, draws].

    What a draw does to all networks alike orders none of them, and is taken out.
    """
    networks, draws = scores.shape
    rest = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0) + scores.mean()
    variance = (rest**2).sum() / ((networks - 1) * (draws - 1))
    between = max(float(scores.mean(axis=1).var(ddof=1)) - variance / draws, 1e-12)
    return float(np.sqrt(variance / between))


def _scores(folder: Path) -> dict[str, tuple[int, dict[str, list[float]]]]:
    """target -> rows, network -> its scores from each draw."""
    found: dict[str, tuple[int, dict[str, list[float]]]] = {}
    for row in _lines(folder / "scores.csv"):
        if row["part"] in ("images", "text") and row[MEASURE]:
            _, networks = found.setdefault(row["target"], (int(row["rows"]), {}))
            networks.setdefault(row["network"], []).append(float(row[MEASURE]))
    return {
        target: (rows, {name: each for name, each in networks.items() if len(each) == SEEDS})
        for target, (rows, networks) in found.items()
    }


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def merits(accuracy: Float64) -> Float64:
    """Accuracies [M] as normal scores of their places, equal ones alike: spread 1, whatever their shape."""
    from scipy.stats import norm, rankdata

    found = norm.ppf((rankdata(accuracy) - 0.5) / len(accuracy))
    return np.asarray(found / found.std())


def error_for(accuracy: Float64, tau: float, rng: np.random.Generator) -> float:
    """The deviation of errors that leave scores = merits + errors an agreement of `tau`, in the mean of some draws."""
    merit = merits(accuracy)
    draws = rng.standard_normal((DRAWS, len(merit)))
    low, high = 0.0, 8.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        reached = np.mean([weighted_tau(accuracy.tolist(), (merit + middle * one).tolist()) for one in draws])
        low, high = (middle, high) if reached > tau else (low, middle)
    return (low + high) / 2
