"""How τ_w moves with the rows, with the pool of candidates, and with the noise of the truth itself."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median

import numpy as np

from audition.arrays import Float64
from audition.evaluation.coefficients import tau_w
from benchmarks.quality_page import words
from benchmarks.quality_page.asked import AGAIN
from benchmarks.quality_page.orders import SHOWN
from benchmarks.quality_page.pools import BASELINES, Keep, Pool, pool_of
from benchmarks.quality_page.results import Results
from benchmarks.quality_page.standings import TAU, best

DRAWS = 400
Taus = Float64  # [targets] or [draws, targets]


def rows_table(results: Results, part: str, keep: Keep, targets: Sequence[str], seeds: int = 3) -> list[str]:
    """Mean τ_w by the training rows of each seed, and how far it moves on one target."""
    pools = [pool_of(results, part, keep, targets, seed) for seed in range(seeds)]
    rows = []
    for name in AGAIN:
        taus = [_by_target(pool, name) for pool in pools]
        both = [target for target in taus[0] if all(target in of_seed for of_seed in taus)]
        if both:
            ranges = [max(t[x] for t in taus) - min(t[x] for t in taus) for x in both]
            means = [words.number(mean(t[x] for x in both)) for t in taus]
            rows.append([f"`{name}`", *means, words.number(mean(ranges)), words.number(max(ranges))])
    header = [
        "measure",
        *(f"rows of seed {seed}" for seed in range(seeds)),
        "mean range on a target",
        "largest",
    ]
    return words.table(header, rows)


def _by_target(pool: Pool, name: str) -> dict[str, float]:
    if not pool or name not in pool.measures:
        return {}
    return {target: tau for target, tau in pool.values[name][TAU].by_dataset.items() if tau == tau}


def pools_table(pool: Pool) -> list[str]:
    """Mean τ_w in random halves of the networks, the middle 90 %, and how often each measure is the best there."""
    taus = {name: pool.judged[name][TAU].value for name in SHOWN if name in pool.measures}
    names = [name for name, tau in taus.items() if tau == tau]
    halves = {name: half_taus(pool, name) for name in names}
    firsts = np.argmax(np.nan_to_num(np.array(list(halves.values())), nan=-2.0), axis=0)
    rows = []
    for place, (name, of_halves) in enumerate(halves.items()):
        low, high = np.nanquantile(of_halves, [0.05, 0.95])
        whole = words.number(taus[name])
        wins = f"{100 * np.mean(firsts == place):.0f} %"
        redrawn = words.interval(pool.judged[name][TAU].over_models)
        rows.append([name, whole, redrawn, words.interval((float(low), float(high))), wins])
    header = ["measure", "τ_w", "90 % over networks", "in halves of the networks", "best of these there"]
    return words.table(header, rows)


def half_taus(pool: Pool, name: str) -> Float64:
    """Mean τ_w over the targets in each of `DRAWS` halves of the networks, the same ones for every measure."""
    models = sorted({model for target in pool.truth for model in pool.truth[target]})
    rng = np.random.default_rng(0)
    order = rng.permuted(np.tile(np.arange(len(models)), (DRAWS, 1)), axis=1)
    counts = (order < len(models) // 2).astype(np.float64)
    taus = [
        tau_w(pairs.truth, pairs.scores, counts[:, [models.index(model) for model in pairs.models]])
        for pairs in pool.judged.judged[name].values()
    ]
    known = np.array(taus)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nansum(known, axis=0) / np.sum(~np.isnan(known), axis=0))


def ceiling_table(results: Results, parts: Sequence[str], keep: Keep) -> list[str]:
    """Of each target: how alike seeds of fine-tuning order the networks, and how alike the measures do."""
    rows = []
    for part in parts:
        for target in results.targets(part):
            found = results.agreement[part, target]
            pool = pool_of(results, part, keep, (target,))
            state = "" if found.decided else "undecided" if found.undecided else "begun"
            whole = f"{found.whole} of {found.cells}"
            seeds = [str(found.seeds), words.number(found.tau, 2)]
            rows.append([f"{part}: {target}", whole, *seeds, *_measures(pool), state])
    header = ["target", "whole", "seeds", "seeds agree to", "best measure", "median measure", ""]
    return words.table(header, rows)


def _measures(pool: Pool) -> list[str]:
    if not pool:
        return [words.NOTHING] * 2
    names = [name for name in pool.measures if name not in BASELINES]
    taus = [tau for name in names if (tau := pool.values[name][TAU].value) == tau]
    first = best(pool)
    highest = words.number(pool.values[first][TAU].value, 2) if first else words.NOTHING
    return [highest, words.number(median(taus), 2) if taus else words.NOTHING]


def ceiling(results: Results, part: str) -> str:
    """The mean over all targets of a part that are whole enough, decided or not."""
    taus = [results.agreement[part, target].tau for target in results.targets(part)]
    known = [tau for tau in taus if tau == tau]
    if not known:
        return ""
    over = f"{len(known)} targets, from {min(known):.2f} to {max(known):.2f}" if known[1:] else "1 target"
    agree = f"Two halves of the seeds of fine-tuning agree only to τ_w = {mean(known):.2f}"
    return f"**{agree}** ({part}; mean over {over})."
