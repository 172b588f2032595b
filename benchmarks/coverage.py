"""How often a 90 % interval covers: python -m benchmarks.coverage [--sets 200] [--unseen] [--real] [--quick] [--time]

Data sets of one kind are drawn again and again: classes of fixed sizes, Gaussian features whose spread falls
along the columns. The truth is the mean of the score over all of them. Beside the share of intervals that
hold it stands the mean standard error over the true spread of the score, which should be 1.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from audition.arrays import Float64
from audition.errors import AuditionWarning
from audition.labels import ClassLabels, Targets, as_labels
from audition.metrics.measure import Metric
from audition.metrics.registry import parse_metrics
from audition.sample import Sample
from audition.scoring import score_all
from audition.uncertainty import interval, resamples_for, score_resampled
from benchmarks.coverage_real import print_real
from benchmarks.data import features_with_classes
from benchmarks.settings import Settings
from benchmarks.timing import in_turns

LEVEL = 0.9
HEAD = 20  # classes of the head that stands in for a network's own
WANTED = 0.85, 0.95


@dataclass(frozen=True)
class Kind:
    """A kind of data set: N rows, D columns, C classes (0 is regression), rows in a group, and whether classes
    are of very different sizes."""

    rows: int
    columns: int
    classes: int
    together: int = 1
    uneven: bool = False

    def __str__(self) -> str:
        what = f"{self.classes} classes" if self.classes else "targets"
        more = f", groups of {self.together}" if self.together > 1 else ""
        return f"N {self.rows}, D {self.columns}, {what}{more}{', uneven' if self.uneven else ''}"


STATISTICS = "logme,logme:exact,h_score,regularized_h_score,lfc,leep,nce"
RATES = "transrate,transrate:appendix,transrate:normalized"
DISTANCES = "normalized_interclass_distance,concept_variance"
AGAIN = "gbc,gbc:diagonal,emms,sfda,parc,logme+ped,transrate+ped"
STUDIES: tuple[tuple[Kind, str], ...] = (
    (Kind(100, 8, 2), f"{STATISTICS},knn_accuracy,linear_probe"),
    (Kind(100, 64, 5), f"{STATISTICS},knn_accuracy,linear_probe"),
    (Kind(100, 256, 10), "logme,logme:exact,regularized_h_score,lfc,leep,nce,knn_accuracy,linear_probe"),
    (Kind(500, 32, 10), f"{STATISTICS},knn_accuracy,linear_probe"),
    (Kind(500, 256, 2), f"{STATISTICS},knn_accuracy"),
    (Kind(500, 256, 50), f"{STATISTICS},knn_accuracy"),
    (Kind(500, 32, 10, uneven=True), "logme,h_score,regularized_h_score,lfc,leep,nce,knn_accuracy"),
    (Kind(3000, 64, 50), "logme,h_score,regularized_h_score,lfc,leep,nce,knn_accuracy"),
    (Kind(3000, 256, 10), "logme,h_score,regularized_h_score,lfc,leep,nce"),
    (Kind(600, 32, 5, together=6), "logme,h_score,regularized_h_score,lfc,leep,nce,knn_accuracy"),
    (Kind(100, 64, 0), "logme,logme:exact,lfc"),
    (Kind(500, 32, 0), "logme,logme:exact,lfc"),
    *(
        (kind, f"{RATES},{DISTANCES},nleep:diag")
        for kind in (Kind(100, 8, 2), Kind(100, 64, 5), Kind(500, 32, 10))
    ),
    (Kind(100, 256, 5), f"{RATES},{DISTANCES}"),
    (Kind(500, 32, 10, uneven=True), f"{RATES},{DISTANCES}"),
    (Kind(600, 32, 5, together=6), f"{RATES},{DISTANCES}"),
    (Kind(100, 64, 0), "transrate,linear_probe"),
    (Kind(500, 32, 0), "transrate,linear_probe"),
    (Kind(100, 8, 2), f"{AGAIN},pactran,nleep"),
    (Kind(100, 64, 5), f"{AGAIN},pactran"),
    (Kind(500, 32, 10), AGAIN),
    (Kind(100, 8, 0), "emms,parc,sfda:binned"),
)

UNSEEN: tuple[tuple[Kind, str], ...] = tuple(
    (kind, f"{STATISTICS.replace(',logme:exact', '')},knn_accuracy,linear_probe")
    for kind in (Kind(100, 16, 4), Kind(300, 64, 6), Kind(800, 24, 15))
)
"""Kinds that nothing was chosen by."""


@dataclass(frozen=True)
class Found:
    """Of one measure: the share of intervals that hold the truth, and the mean standard error over the spread."""

    metric: str
    covered: float
    ratio: float


def study(kind: Kind, metrics: Sequence[Metric], sets: int, seed: int = 0) -> list[Found]:
    """The coverage by metric over so many data sets of a kind."""
    source = _Source(kind, seed)
    scores, lows, highs, errors = ({str(m): [] for m in metrics} for _ in range(4))
    for number in range(sets):
        sample = source.draw(np.random.default_rng([seed, 1, number]))
        resamples = resamples_for(sample, seed=number)
        for name, found in score_resampled(sample, metrics, resamples).items():
            of = interval(found, LEVEL)
            assert of is not None, found.reason
            scores[name].append(found.score)
            lows[name].append(of.low)
            highs[name].append(of.high)
            errors[name].append(of.error)
    return [_found(name, scores[name], lows[name], highs[name], errors[name]) for name in scores]


def _found(
    name: str, scores: list[float], lows: list[float], highs: list[float], errors: list[float]
) -> Found:
    truth = np.mean(scores)
    covered = float(np.mean((np.array(lows) <= truth) & (truth <= np.array(highs))))
    return Found(name, covered, float(np.mean(errors) / np.std(scores, ddof=1)))


class _Source:
    """Where data sets of one kind come from."""

    def __init__(self, kind: Kind, seed: int) -> None:
        rng = np.random.default_rng([seed, 2])
        self._kind = kind
        self._scale = np.exp(-np.linspace(0, 3, kind.columns))
        self._means = rng.standard_normal((max(kind.classes, 1), kind.columns)) * self._scale / 2
        self._head = 2 * rng.standard_normal((kind.columns, HEAD)) / np.sqrt(kind.columns)
        units = kind.rows // kind.together
        shares = 1 / np.arange(1, kind.classes + 1) if kind.uneven else np.ones(max(kind.classes, 1))
        self._codes = np.searchsorted(np.cumsum(shares) / shares.sum(), (np.arange(units) + 0.5) / units)
        self._slopes = rng.standard_normal(kind.columns) / np.sqrt(kind.columns)

    def draw(self, rng: np.random.Generator) -> Sample:
        kind = self._kind
        rows = self._gaussian(rng) + 0.5
        if not kind.classes:
            return Sample(
                rows, Targets((rows @ self._slopes + 0.5 * rng.standard_normal(kind.rows))[:, None])
            )
        codes = np.repeat(self._codes, kind.together)
        rows += self._means[codes]
        odds = np.exp(rows @ self._head)
        sample = Sample(rows, ClassLabels(codes, tuple(range(kind.classes))))
        together = np.arange(kind.rows) // kind.together if kind.together > 1 else None
        return replace(sample, groups=together, source_probabilities=odds / odds.sum(axis=1, keepdims=True))

    def _gaussian(self, rng: np.random.Generator) -> Float64:
        """Noise of each row, half of whose variance is its group's own."""
        kind = self._kind
        own = rng.standard_normal((kind.rows, kind.columns))
        if kind.together > 1:
            shared = rng.standard_normal((kind.rows // kind.together, kind.columns))
            own = (own + np.repeat(shared, kind.together, axis=0)) / np.sqrt(2)
        return own * self._scale


TIMED = (
    "logme,regularized_h_score",
    "logme",
    "regularized_h_score",
    "h_score",
    "lfc",
    "leep",
    "nce",
    "transrate",
)


def print_times(settings: Settings) -> None:
    """Scoring with 200 resamples against scoring alone, the best of a few rounds in turns."""
    rows, columns, classes = settings.sizes(10_000, 512, 100)
    features, codes = features_with_classes(rows, columns, classes)
    head = np.exp(np.random.default_rng(0).standard_normal((rows, 1000)))
    head /= head.sum(axis=1, keepdims=True)
    whole = Sample(features, as_labels(codes), source_probabilities=head)
    for names in TIMED:
        metrics = parse_metrics(names)
        draws = resamples_for(whole)
        times = in_turns(
            {  # a sample of its own each time: what it shares is made once
                "alone": partial(lambda metrics: score_all(replace(whole), metrics), metrics),
                "resampled": partial(lambda *given: score_resampled(replace(whole), *given), metrics, draws),
            },
            settings,
        )
        alone, resampled = times["alone"].seconds, times["resampled"].seconds
        print(
            f"{names}: {alone:.3g} s alone, {resampled:.3g} s with 200 resamples, {resampled / alone:.2f} x"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--sets", type=int, default=200, help="data sets of each kind (200)")
    parser.add_argument("--quick", action="store_true", help="ten data sets: does it run")
    parser.add_argument("--markdown", action="store_true", help="a table for docs/uncertainty.md")
    parser.add_argument("--unseen", action="store_true", help="three other kinds, by another seed")
    parser.add_argument("--time", action="store_true", help="what 200 resamples cost, and no coverage")
    parser.add_argument("--real", action="store_true", help="subsamples of real features, and no simulation")
    options = parser.parse_args()
    if options.time:
        return print_times(Settings(options.quick, repeats=5, one_thread=True))
    line = "| {} | {} | {} | {} |" if options.markdown else "{:<42} {:<22} {:>8} {:>6}"
    print(line.format("data", "measure", "covered", "ratio"))
    if options.markdown:
        print("| --- | --- | --- | --- |")
    warnings.simplefilter("ignore", AuditionWarning)
    if options.real:
        return print_real(10 if options.quick else options.sets, line, WANTED)
    inside = total = 0
    sets, seed = 10 if options.quick else options.sets, 7 if options.unseen else 0
    for kind, names in UNSEEN if options.unseen else STUDIES:
        for found in study(kind, parse_metrics(names), sets, seed):
            print(
                line.format(str(kind), found.metric, f"{found.covered:.3f}", f"{found.ratio:.2f}"), flush=True
            )
            total += 1
            inside += WANTED[0] <= found.covered <= WANTED[1]
    print(f"\n{inside} of {total} cover {WANTED[0]:.0%} to {WANTED[1]:.0%}.")


if __name__ == "__main__":
    main()
