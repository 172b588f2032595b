"""How often a 90 % interval covers on features of real networks: python -m benchmarks.coverage --real

All rows of a real data set are the population. Subsamples of a quarter of it are drawn from it again and
again, without replacement, each class by its share. What an interval should hold is the mean of the score
over all such subsamples. As they are drawn from few rows, without putting them back, their scores spread
√(1 − n/N) times as far as those of independent data sets do, and intervals are made as much narrower.

A population is a network of the zoo on the digits of scikit-learn and, where
`python -m benchmarks.finetuned features` has been run, those of other networks on photographs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import audition
from audition.arrays import Float64
from audition.labels import ClassLabels, as_labels
from audition.metrics.measure import Metric
from audition.metrics.registry import parse_metrics
from audition.sample import Sample
from audition.uncertainty import Resampled, Resamples, contest_of, interval, resamples_for, score_resampled
from audition.uncertainty import standings as standings_of
from audition.uncertainty.blocks import some_rows

LEVEL, SHARE = 0.9, 0.25
FEATURES = Path("build/finetuned/features/images")
DIGITS = "zoo:resnet-omniglot"
OTHERS = "eurosat", "textures10"
NETWORKS = "resnet20_cifar10", "zoo_resnet-omniglot", "mini_xception_fer_047", "mcunet_vww_80"
CLOSED = "logme,h_score,regularized_h_score,transrate,transrate:normalized,lfc,leep,nce,knn_accuracy"
CLOSED += ",normalized_interclass_distance,concept_variance"
AGAIN = "gbc,emms,sfda,parc,logme+ped"
"""Measures that are computed 18 times more: for these half as many subsamples are drawn."""
ORDERS = "logme", "transrate", "knn_accuracy", "logme,transrate"


@dataclass(frozen=True)
class Covered:
    """Of one measure on one population: the share of intervals that hold the mean score, and the mean
    standard error over the spread of the scores."""

    population: str
    metric: str
    covered: float
    ratio: float


def populations() -> Iterator[tuple[str, Sample]]:
    """A name and all rows of each."""
    found = audition.extract(DIGITS, "sklearn:digits", layers=None)
    (features,) = found.layers.values()
    sample = Sample(np.asarray(features), as_labels(list(found.labels)))
    yield f"digits, {DIGITS}", replace(sample, source_probabilities=found.source_probabilities)
    for data in OTHERS:
        yield from ((f"{data}, {network}", sample) for network, sample in _networks(data)[:1])


def _networks(data: str) -> list[tuple[str, Sample]]:
    """The features of a data set in each network, as far as they are there."""
    paths = {network: FEATURES / f"{data}--{network}--features.npz" for network in NETWORKS}
    return [(network, _read(path)) for network, path in paths.items() if path.exists()]


def _read(path: Path) -> Sample:
    with np.load(path, allow_pickle=False) as held:
        source = held["source"] if "source" in held.files else None
        return Sample(held["features"], as_labels(held["labels"]), source_probabilities=source)


def rows_of_subsample(labels: ClassLabels, number: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The rows of one subsample, each class by its share, ascending."""
    rng = np.random.default_rng([2, number])
    members = [np.flatnonzero(labels.codes == code) for code in range(len(labels.classes))]
    return np.sort(np.concatenate([rng.permutation(own)[: round(len(own) * SHARE)] for own in members]))


def narrowed(found: Resampled) -> Resampled:
    """The replicates as far apart as those of subsamples of a population that is four times as large."""
    assert found.replicates is not None, found.reason
    return replace(found, replicates=found.score + (found.replicates - found.score) * np.sqrt(1 - SHARE))


def study(name: str, population: Sample, metrics: Sequence[Metric], number: int) -> list[Covered]:
    """The coverage by metric over so many subsamples."""
    kept: dict[str, list[tuple[float, float, float, float]]] = {str(metric): [] for metric in metrics}
    for drawn in range(number):
        sample, resamples = _drawn(population, drawn)
        for metric, found in score_resampled(sample, metrics, resamples).items():
            of = interval(narrowed(found), LEVEL)
            assert of is not None
            kept[metric].append((found.score, of.low, of.high, of.error))
    return [_covered(name, metric, np.array(values)) for metric, values in kept.items()]


def _drawn(population: Sample, number: int) -> tuple[Sample, Resamples]:
    _, labels = population.need_rows("A subsample")
    assert isinstance(labels, ClassLabels)
    sample = some_rows(population, rows_of_subsample(labels, number))
    return sample, resamples_for(sample, seed=number)


def _covered(name: str, metric: str, values: Float64) -> Covered:
    scores, lows, highs, errors = values.T
    truth, spread = scores.mean(), scores.std(ddof=1)
    inside = float(np.mean((lows <= truth) & (truth <= highs)))
    return Covered(name, metric, inside, float(errors.mean() / spread) if spread else float("nan"))


def contenders(data: str, names: str, number: int) -> tuple[float, float]:
    """Of the networks on one data set: how often those that cannot be told from the first hold the one with
    the best mean, and how many they are on average."""
    pool, metrics = [sample for _, sample in _networks(data)], parse_metrics(names)
    points, inside = [], []
    for drawn in range(number):
        resamples = _drawn(pool[0], drawn)[1]
        each = [score_resampled(_drawn(one, drawn)[0], metrics, resamples) for one in pool]
        contest = contest_of([[narrowed(one[str(metric)]) for metric in metrics] for one in each])
        points.append(contest.points)
        inside.append([one.contender for one in standings_of(contest, LEVEL)])
    held = np.array(inside)
    best = int(np.mean(points, axis=0).argmax())
    return float(held[:, best].mean()), float(held.sum(axis=1).mean())


def print_real(sets: int, line: str, wanted: tuple[float, float]) -> None:
    """Both tables, a row each."""
    inside = total = 0
    for name, population in populations():
        for names, number in ((CLOSED, sets), (AGAIN, sets // 2)):
            metrics = [
                m
                for m in parse_metrics(names)
                if population.source_probabilities is not None or not m.measure.needs_head
            ]
            for found in study(name, population, metrics, max(number, 3)):
                row = found.population, found.metric, f"{found.covered:.3f}", f"{found.ratio:.2f}"
                print(line.format(*row), flush=True)
                total += 1
                inside += wanted[0] <= found.covered <= wanted[1]
    print(f"\n{inside} of {total} cover {wanted[0]:.0%} to {wanted[1]:.0%}.\n")
    for data in OTHERS:
        if len(_networks(data)) > 1:
            for names in ORDERS:
                held, size = contenders(data, names, max(sets // 2, 3))
                print(
                    line.format(
                        f"{data}, {len(_networks(data))} networks", names, f"{held:.3f}", f"{size:.1f}"
                    ),
                    flush=True,
                )
