"""Networks on targets, with what every measure and every baseline says of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

import numpy as np

from audition import evaluate
from audition.evaluation import Evaluation
from audition.evaluation.bootstrap import FEWEST
from audition.metrics.registry import parse_metric
from audition.truth import Truth
from benchmarks.quality_page.results import Result, Results

Column = Mapping[str, float]  # model -> number
Cells = dict[str, dict[str, float]]  # target -> model -> number

POINTS = 100.0  # truth in points
STATIC, RECOMMENDATION = "the static list", "the recommendation"
PARAMETERS, OPERATIONS, IMAGENET = "parameters", "operations", "ImageNet accuracy"
PROBES = ("knn_accuracy", "linear_probe")
HYBRIDS = {f"hybrid with {probe}": probe for probe in PROBES}
BUILT_IN = "static list"  # of `evaluate`, which knows of no related targets
BASELINES = (STATIC, PARAMETERS, OPERATIONS, IMAGENET, *HYBRIDS, RECOMMENDATION)
FAMILIES = (  # targets that are drawn from one collection
    ("flowers", "flowers_20"), ("eurosat", "eurosat_20"), ("cifar10", "cifar10_mosaics"),
    ("omniglot_alphabets", "omniglot_characters"),
)  # fmt: skip
K = (1, 2, 3)


def label(name: str) -> str:
    """A measure as code, a baseline in plain words."""
    return name if name in BASELINES else f"`{name}`"


@dataclass(frozen=True)
class Pool:
    """What a table is made of. scores: measure -> target -> model -> score; higher is better."""

    truth: Truth
    scores: Mapping[str, Cells]

    @cached_property
    def judged(self) -> Evaluation:
        """Every measure against the truth, regret in points at one, two and three that are tried."""
        return evaluate(self.scores, self.truth, k=K)

    @cached_property
    def values(self) -> Evaluation:
        """The same numbers, for tables that show no intervals: those are rough here, and made faster."""
        return (
            self.judged if "judged" in vars(self) else evaluate(self.scores, self.truth, k=K, resamples=100)
        )

    @property
    def measures(self) -> tuple[str, ...]:
        """Those that can be judged, baselines among them."""
        held = self.values
        return tuple(name for name in held if name != BUILT_IN and held[name]["weighted_tau"].by_dataset)

    @property
    def collections(self) -> int:
        """How many targets there are that have nothing in common, which is what a claim rests on."""
        apart: list[str] = []
        for target in self.values.datasets:
            if not any(related(target, other) for other in apart):
                apart.append(target)
        return len(apart)

    @property
    def few(self) -> bool:
        """Whether there are too few of them to say that one measure is better than another."""
        return self.collections < FEWEST

    def __bool__(self) -> bool:
        """Whether some target has three models."""
        return any(len(self.truth[target]) > 2 for target in self.truth)


Keep = Callable[[Result], bool]


def pool_of(results: Results, part: str, keep: Keep, targets: Sequence[str], seed: int = 0) -> Pool:
    """The results of a part that are kept, on some targets; scores by the training rows of a seed."""
    rows = [row for row in results.rows if row.part == part and row.target in targets and keep(row)]
    scores = _measures(results, rows, seed)
    for name in (PARAMETERS, OPERATIONS, IMAGENET):
        scores[name] = _facts(results, rows, name)
    scores[STATIC] = _static(results, part, rows)
    scores.update({name: _hybrid(scores, probe) for name, probe in HYBRIDS.items() if probe in scores})
    source = "zoo" if part == "zoo" else "finetuned"
    if part != "layers":
        scores[RECOMMENDATION] = {t: dict(results.recommended.get((source, t), {})) for t in targets}
    kept = {name: cells for name, cells in scores.items() if any(cells.values())}
    return Pool(Truth.of("the benchmark", _truth(rows)), kept)


def model_of(row: Result) -> str:
    """A network, or one of its layers."""
    return f"{row.network}/{row.layer}" if row.part == "layers" else row.network


def column_of(row: Result) -> str:
    """What is ranked together: the networks of a target, or the layers of one network on a target."""
    return f"{row.target} ({row.network})" if row.part == "layers" else row.target


def _truth(rows: Sequence[Result]) -> Cells:
    cells: Cells = {}
    for row in rows:
        cells.setdefault(column_of(row), {})[model_of(row)] = POINTS * row.score
    return cells


def _measures(results: Results, rows: Sequence[Result], seed: int) -> dict[str, Cells]:
    """What the book says of the rows, measures of candidates put together."""
    values: dict[str, dict[str, dict[str, tuple[float, ...]]]] = {}
    for row in rows:
        line = results.book.get(row.key._replace(seed=seed))
        for name, numbers in (line.scores if line else {}).items():
            if numbers:
                values.setdefault(name, {}).setdefault(column_of(row), {})[model_of(row)] = numbers
    return {
        name: {column: _one_number(name, found) for column, found in cells.items()}
        for name, cells in values.items()
    }


def _one_number(measure: str, values: Mapping[str, tuple[float, ...]]) -> dict[str, float]:
    pool = parse_metric(measure).measure.pool
    if pool is None or len(next(iter(values.values()))) == 1:
        return {model: numbers[0] for model, numbers in values.items()}
    return dict(zip(values, pool.combine(np.array(list(values.values()))).tolist(), strict=True))


def _facts(results: Results, rows: Sequence[Result], name: str) -> Cells:
    """One list for all targets, of the networks of which it is known."""
    heading = {PARAMETERS: "parameters", OPERATIONS: "mflops", IMAGENET: "imagenet_top1"}[name]
    cells: Cells = {}
    for row in rows:
        text = results.facts.get(row.network, {}).get(heading, "")
        if text and row.part != "layers":
            cells.setdefault(column_of(row), {})[model_of(row)] = float(text)
    return cells


def _static(results: Results, part: str, rows: Sequence[Result]) -> Cells:
    """Mean standardised result on all other targets of the part, of any task, but those of the same collection."""
    models = {model_of(row) for row in rows}
    known = [row for row in results.rows if row.part == part and model_of(row) in models]
    every = Truth.of("all", _truth(known))
    cells: Cells = {}
    for column in dict.fromkeys(map(column_of, rows)):
        others = [name for name in every if not related(column, name)]
        if others:
            cells[column] = every.only([column, *others]).static_list()[column]
    return cells


def related(one: str, other: str) -> bool:
    """Whether two targets are drawn from one collection."""
    first, second = (name.partition(" (")[0] for name in (one, other))
    return first == second or any({first, second} <= set(family) for family in FAMILIES)


def _hybrid(scores: Mapping[str, Cells], probe: str) -> Cells:
    """The first of the static list, the first of the probe, the second of the list, and so on."""
    return {
        target: interleaved(scores[STATIC][target], of_probe)
        for target, of_probe in scores[probe].items()
        if target in scores[STATIC]
    }


def interleaved(first: Column, second: Column) -> dict[str, float]:
    """An order that takes from two lists in turn, nothing twice: minus the place of each model in it."""
    lists = (sorted(scores, key=lambda model: (-scores[model], model)) for scores in (first, second))
    turns = (model for pair in zip_longest(*lists) for model in pair if model is not None)
    both = [model for model in dict.fromkeys(turns) if model in first and model in second]
    return {model: -float(place) for place, model in enumerate(both)}
