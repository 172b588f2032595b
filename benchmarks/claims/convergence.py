"""How many rounds the fixed point of LogME takes, and how far from the true maximum it ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audition.metrics.logme import FLOOR, ROUNDS, Modes, fit_evidence, modes_of
from audition.sample import as_sample
from benchmarks.claims.claim import LOGME, Claim, of_rule
from benchmarks.claims.networks import DATA, networks, seen

TOLERANCE, MOST = 1e-3, 1000
WIDE = 40  # rows kept of each set, for more columns than rows


@dataclass(frozen=True)
class Rounds:
    """Of every class of every network and target: rounds until α/β stands still, and evidence missed (nats a row)."""

    rounds: list[int]
    missed: list[float]


def run() -> tuple[Claim, ...]:
    return (
        _claim("more rows than columns", _all(None), "the zoo's networks on four targets"),
        _claim("fewer rows than columns", _all(WIDE), f"the same networks and targets, {WIDE} rows of each"),
    )


def _claim(what: str, found: Rounds, where: str) -> Claim:
    """Confirmed where 99 % of the fits end within TOLERANCE of the maximum, in part where half of them do."""
    rounds, missed = np.array(found.rounds), np.array(found.missed)
    late = float((rounds > ROUNDS).mean())
    middle, most = np.quantile(missed, 0.5), np.quantile(missed, 0.99)
    measured = (
        f"{len(rounds)} fits ({where}): α/β moves by less than a thousandth after {np.median(rounds):.0f} "
        f"rounds (median; 95 % within {np.quantile(rounds, 0.95):.0f}), and {100 * late:.0f} % are not done "
        f"after the {ROUNDS} that the released code allows. Of the evidence they lose against the true "
        f"maximum {middle:.0e} nats a row (median), {most:.0e} (99 % lose less), {missed.max():.0e} (most)."
    )
    return Claim(
        LOGME,
        f"A few rounds of the fixed point for α and β reach the maximum of the evidence: {what}",
        measured,
        of_rule(bool(most < TOLERANCE), bool(middle < TOLERANCE)),
        "`python -m benchmarks.claims convergence`",
        {"median rounds": float(np.median(rounds)), "late": late, "lost": [float(middle), float(most)]},
    )


def _all(rows: int | None) -> Rounds:
    rounds: list[int] = []
    missed: list[float] = []
    for target in DATA:
        for network in networks():
            one = seen(network, target)
            kept = np.random.default_rng(0).permutation(len(one.labels))[:rows]
            modes = modes_of(as_sample(one.features[kept], one.labels[kept]).rotated.statistics)
            rounds += [rounds_of(modes, place) for place in range(len(modes.residuals))]
            missed += list(fit_evidence(modes, "exact").evidence - fit_evidence(modes, "jmlr").evidence)
    return Rounds(rounds, [value for value in missed if np.isfinite(value)])


def rounds_of(modes: Modes, target: int) -> int:
    """Rounds of the published iteration for one target, from α = β = 1; MOST where it does not end."""
    values, projections, ratio = modes.values, modes.projections[:, target], 1.0
    for done in range(1, MOST + 1):
        used = (values / (values + ratio)).sum()
        weight = (values * projections / (values + ratio) ** 2).sum()
        error = ((ratio / (values + ratio)) ** 2 * projections).sum() + modes.residuals[target]
        before, ratio = ratio, used / (weight + FLOOR) * (error + FLOOR) / (modes.rows - used)
        if abs(ratio - before) <= TOLERANCE * before:
            return done
    return MOST
