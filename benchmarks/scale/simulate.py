"""Racing, lists, random search and halving over a published table of fine-tuning, with made-up scores.

There are no features in the table, so a score is made: the model's merit, an error that no number of rows takes away
(as large as leaves the agreement with fine-tuning that LogME has on our own targets), and one that falls with the root
of the rows (as large as LogME's is there).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

import numpy as np

from audition.truth import Truth, load_truth
from benchmarks.scale.calibrate import Noise, error_for, merits, noise_of, seen
from benchmarks.scale.ledger import RESULTS, write
from benchmarks.scale.policies import Choice, Float64, Places, best_of, halving, race, rungs
from benchmarks.timing import say

TABLE = "huggingface_finetunes"
FILE, TARGETS = RESULTS / "policies.csv", RESULTS / "targets.csv"
FIRST, ROWS = 32, 2048
LEAST = 0.01  # probability to be the best, below which a race drops a candidate
OTHERS = (0.0001, 0.001, 0.05)
LISTED = 50  # of the list's first, for a race among them
REPEATS = 100
NUMBERS = tuple(2**power for power in range(9))
FULL = "all"
MISLED = "race, misled"  # by intervals that are half as wide as they should be
TAUS = (0.5, 0.9)  # beside the measured one, for the race alone


@dataclass(frozen=True)
class Outcome:
    """Means over repeats on one data set. knob: what the policy was given; share: of the passes of all on all rows.

    regret: points of accuracy lost; same: how often the choice is that of all models on all rows; tau: agreement of
    scores with truth that was aimed at; error: the deviation of the error that stays, where that of merits is 1.
    """

    tau: float
    error: float
    dataset: str
    models: int
    policy: str
    knob: int
    share: float
    regret: float
    same: float


@dataclass(frozen=True, eq=False)
class World:
    """Scores of M models on any number of rows up to `ROWS`, nested: more rows hold the ones before.

    final: without the noise of rows, [M]. noise: √rows × its deviation. walk: rows -> the sum of the noise so far.
    """

    final: Float64
    noise: float
    walk: Mapping[int, Float64]

    @classmethod
    def drawn(cls, merit: Float64, error: float, noise: float, rng: np.random.Generator) -> World:
        """One draw of the errors of scores and of the rows. noise: in spreads between scores."""
        final = merit + error * rng.standard_normal(len(merit))
        total, before, walk = np.zeros(len(merit)), 0, {}
        for rows in rungs(FIRST, ROWS):
            total = total + sqrt(rows - before) * rng.standard_normal(len(merit))
            walk[rows], before = total, rows
        return cls(final, noise * sqrt(1 + error**2), walk)

    def look(self, who: Places, rows: int) -> Float64:
        """Scores of some models on the first rows."""
        return np.asarray(self.final[who] + self.noise * self.walk[rows][who] / rows)

    def error(self, rows: int) -> float:
        """The deviation of a score for its rows, which intervals know."""
        return self.noise / sqrt(rows)


def simulate(repeats: int = REPEATS) -> None:
    """All data sets at the measured agreement and at two others; writes results/policies.csv and targets.csv."""
    table, targets = load_truth(TABLE), seen()
    write(targets, TARGETS)
    noise = noise_of(targets)
    say(f"√rows × noise {noise.rows:.3g}, agreement {noise.tau:.3g}")
    found: list[Outcome] = []
    for tau in (noise.tau, *TAUS):
        for place, dataset in enumerate(table):
            say(f"  {dataset}, τ_w {tau:.2f}")
            made = outcomes(
                table, dataset, Noise(noise.rows, tau), repeats, np.random.default_rng([place, 9])
            )
            found += [one for one in made if tau == noise.tau or one.policy in (FULL, "race")]
    write(found, FILE)


def outcomes(
    table: Truth, dataset: str, noise: Noise, repeats: int, rng: np.random.Generator
) -> list[Outcome]:
    """What every policy gives on one data set; the list learns from the others."""
    accuracy = np.array(list(table[dataset].values()))
    merit, error = merits(accuracy), error_for(accuracy, noise.tau, rng)
    known = static_order(table, dataset)
    choices: dict[tuple[str, int], list[Choice]] = defaultdict(list)
    for _ in range(repeats):
        world = World.drawn(merit, error, noise.rows, rng)
        for policy, knob, choice in tried(world, known, rng):
            choices[policy, knob].append(choice)
    best = [one.chosen for one in choices[FULL, len(merit)]]
    lost = accuracy.max() - accuracy
    return [
        Outcome(
            noise.tau, error, dataset, len(merit), policy, knob,
            fmean(one.passes for one in made) / (len(merit) * ROWS),
            fmean(lost[one.chosen] for one in made),
            fmean(one.chosen == other for one, other in zip(made, best, strict=True)),
        )
        for (policy, knob), made in choices.items()
    ]  # fmt: skip


def tried(world: World, listed: Places, rng: np.random.Generator) -> Iterator[tuple[str, int, Choice]]:
    """(policy, knob, choice) of every policy in one draw of the world."""
    everyone = np.arange(len(world.final))
    shuffled = rng.permutation(everyone)
    steps = rungs(FIRST, ROWS)
    yield FULL, len(everyone), best_of(world.look, everyone, ROWS)
    raced = {
        "race": race(world.look, everyone, steps, world.error, LEAST),
        "list, then race": race(world.look, listed[:LISTED], steps, world.error, LEAST),
        "halving": halving(world.look, everyone, steps),
        MISLED: race(world.look, everyone, steps, lambda rows: world.error(rows) / 2, LEAST),
    } | {f"race, {least:g}": race(world.look, everyone, steps, world.error, least) for least in OTHERS}
    for policy, choices in raced.items():
        for rows, choice in zip(steps, choices, strict=True):
            yield policy, rows, choice
    for number in NUMBERS:  # all of them, where there are no more
        yield "list", number, best_of(world.look, listed[:number], ROWS)
        yield "random", number, best_of(world.look, shuffled[:number], ROWS)


def static_order(table: Truth, dataset: str) -> Places:
    """The models of a data set by what they gave on all others; those that nothing is known of at the end."""
    known = table.static_list()[dataset]
    names = list(table[dataset])
    return np.argsort([-known.get(name, -np.inf) for name in names], kind="stable")
