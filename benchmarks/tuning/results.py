"""The results as the page reads them, and what can be said of them: means, and paired differences with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan, sqrt
from pathlib import Path

import numpy as np
from scipy.stats import t as student_t

from benchmarks.tuning import ledger
from benchmarks.tuning.contenders import PLAIN
from benchmarks.tuning.ledger import RESULTS, Run, Tried, Tuned
from benchmarks.tuning.reasons import Reason, reasons
from benchmarks.tuning.targets import TARGETS

CONFIDENCE = 0.9
FEW = {target.name: target.few for target in TARGETS}


@dataclass(frozen=True)
class Estimate:
    """A mean of `number` values, and where 90 % of such means lie (Student's t); no interval of a single value."""

    value: float
    low: float
    high: float
    number: int

    @property
    def decided(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0

    @property
    def width(self) -> float:
        """From the mean to either end; NaN of a single value."""
        return self.high - self.value


def estimate(values: Iterable[float]) -> Estimate:
    """The mean of values that are drawn alike.

    >>> [round(number, 3) for number in (estimate([1, 2, 3]).low, estimate([1, 2, 3]).high)]
    [0.314, 3.686]
    """
    known = np.array(list(values), dtype=np.float64)
    if not len(known):
        return Estimate(nan, nan, nan, 0)
    mean = float(known.mean())
    if len(known) == 1:
        return Estimate(mean, nan, nan, 1)
    width = float(student_t.ppf((1 + CONFIDENCE) / 2, len(known) - 1) * known.std(ddof=1) / sqrt(len(known)))
    return Estimate(mean, mean - width, mean + width, len(known))


@dataclass(frozen=True, eq=False)
class Results:
    """All that has been run."""

    runs: tuple[Run, ...]
    tried: tuple[Tried, ...]
    searched: tuple[Tuned, ...]
    reasons: tuple[Reason, ...]

    @cached_property
    def by_cell(self) -> dict[tuple[str, str, str], dict[int, Run]]:
        """Runs by student, target and contender, then by seed."""
        found: dict[tuple[str, str, str], dict[int, Run]] = {}
        for run in self.runs:
            found.setdefault((run.student, run.target, run.contender), {})[run.seed] = run
        return found

    @property
    def students(self) -> list[str]:
        """Those that any run is of, in the order that they were run in."""
        return list(dict.fromkeys(run.student for run in self.runs))

    def targets(self, student: str, *, few: bool | None = None) -> list[str]:
        """Those that a student was tuned for; few: with few rows a class, with more, or both (None)."""
        names = dict.fromkeys(run.target for run in self.runs if run.student == student)
        return [name for name in names if few is None or FEW.get(name, False) is few]

    def accuracies(self, student: str, target: str, contender: str) -> Estimate:
        """In points, over seeds."""
        return estimate(100 * run.accuracy for run in self._seeds(student, target, contender).values())

    def gain(self, student: str, target: str, contender: str, than: str = PLAIN) -> Estimate:
        """Points more than another, over the seeds that both have."""
        return estimate(self.gains(student, target, contender, than).values())

    def gains(self, student: str, target: str, contender: str, than: str = PLAIN) -> dict[int, float]:
        """The same, by seed."""
        ours, theirs = self._seeds(student, target, contender), self._seeds(student, target, than)
        return {
            seed: 100 * (ours[seed].accuracy - theirs[seed].accuracy)
            for seed in sorted(set(ours) & set(theirs))
        }

    def mean_gain(self, student: str, targets: Sequence[str], contender: str, than: str = PLAIN) -> Estimate:
        """Points more than another in the mean over targets; the wider of its intervals over targets and seeds."""
        gains = [self.gains(student, target, contender, than) for target in targets]
        known = [gain for gain in gains if gain]
        over_targets = estimate(np.mean(list(gain.values())) for gain in known)
        seeds = set.intersection(*map(set, known)) if known else set()
        over_seeds = estimate(np.mean([gain[seed] for gain in known]) for seed in seeds)
        width = max(over_targets.width, over_seeds.width)
        return replace(over_targets, low=over_targets.value - width, high=over_targets.value + width)

    def ratios(self, student: str, contender: str, of: Callable[[Run], float]) -> list[float]:
        """How many times as much of something as plain fine-tuning, a value a target and seed."""
        pairs = [
            (self._seeds(student, target, contender), self._seeds(student, target, PLAIN))
            for target in self.targets(student)
        ]
        return [
            of(ours[seed]) / of(plain[seed])
            for ours, plain in pairs
            for seed in sorted(set(ours) & set(plain))
        ]

    def _seeds(self, student: str, target: str, contender: str) -> dict[int, Run]:
        return self.by_cell.get((student, target, contender), {})


def load(folder: Path = RESULTS) -> Results:
    """From the files in a folder; what is not there is empty."""
    return Results(
        tuple(ledger.runs(folder).read()), tuple(ledger.rates(folder).read()), tuple(ledger.search(folder).read()),
        tuple(reasons(folder).read()),
    )  # fmt: skip
