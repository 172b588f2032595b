"""python -m benchmarks.recommendation [scores | learn | judge | pretrained ...] (docs/recommendation.md)"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import audition.recommendation
from audition.evaluation.bootstrap import of_mean
from benchmarks.recommendation.calibration import coverage, regrets, reliability
from benchmarks.recommendation.judge import (
    ALONE,
    FEW,
    FULL,
    PRIOR,
    Held,
    hold_out,
    hold_out_of_its_own,
    hybrid,
    judged,
    regret,
)
from benchmarks.recommendation.learn import learn
from benchmarks.recommendation.pools import (
    FEWEST,
    TLLIB,
    TUNED,
    ZOO,
    Pool,
    of_runs,
    of_zoo,
    published,
    read,
    write,
)
from benchmarks.recommendation.pretrained import write_pretrained

RESULTS = Path(__file__).with_name("results")
RUNS = Path(__file__).parents[1] / "finetuned" / "results"
FILE = Path(audition.recommendation.__file__).with_name("learned.json")
PRETRAINED = "pretrained"  # once for a new torchvision
STEPS = ("scores", "learn", "judge")
PROBES = ("linear_probe", "knn_accuracy")
BUDGETS = (2, 3)
COEFFICIENTS = ("weighted_tau", "regret@1", "regret@2", "regret@3")


def main(words: Sequence[str] | None = None) -> None:
    """Scores of all pools, the file they teach, and how the recommendation does on each held out."""
    options = _parser().parse_args(words)
    steps = options.what or STEPS
    if unknown := set(steps) - {*STEPS, PRETRAINED}:
        raise SystemExit(f"There is no step {min(unknown)!r}: {', '.join((*STEPS, PRETRAINED))}.")
    if PRETRAINED in steps:
        write_pretrained(FILE.with_name("pretrained.csv"))
    if "scores" in steps:
        write(scored(options.again, options.fewest), RESULTS / "pools.csv")
    pools = read(RESULTS / "pools.csv")
    if "learn" in steps:
        FILE.write_text(learn(pools).to_json(), encoding="utf-8")
    if "judge" in steps:
        judge(pools)


def scored(again: bool, fewest: int) -> list[Pool]:
    """Every pool; scores that were made before are taken as they are, unless all are to be made again."""
    file = RESULTS / "pools.csv"
    before = [] if again or not file.exists() else read(file)
    zoo = [pool for pool in before if pool.source == ZOO]
    tuned = [pool for pool in before if pool.source == TUNED]
    return [*published(), *(zoo or of_zoo()), *of_runs(RUNS, tuned, fewest)]


def judge(pools: Sequence[Pool]) -> None:
    """Prints and writes judged.csv, differences.csv, hybrid.csv and calibration.csv, by source and of all."""
    held = [hold_out(pools, pool) for pool in pools]
    sources = dict.fromkeys(pool.source for pool in pools)
    groups = {source: [one for one in held if one.pool.source == source] for source in sources}
    tables: dict[str, list[Sequence[object]]] = {
        "judged": [("pools", "order", "targets", "coefficient", "value", "low", "high")],
        "differences": [("pools", "than", "coefficient", "value", "low", "high", "over", "decided")],
        "hybrid": [("pools", "probe", "budget", "recommendation", "hybrid", "difference", "low", "high")],
        "calibration": [("pools", "order", "what", "candidates", "said", "found")],
    }
    for name, part in {**groups, "all": held}.items():
        tables["judged"] += _judged(name, part)
        tables["differences"] += _differences(name, part)
        tables["hybrid"] += _hybrid(name, part, pools)
        tables["calibration"] += _calibration(name, part)
    for name, part in _of_its_own().items():
        tables["judged"] += _judged(name, part)
        tables["differences"] += _differences(name, part)
    given = [(h.pool.source, h.pool.target, m, f"{s:.6g}") for h in held for m, s in h.scores(FULL).items()]
    tables["held"] = [("source", "target", "model", "score"), *given]
    for name, rows in tables.items():
        _write(RESULTS / f"{name}.csv", rows)


def _of_its_own() -> dict[str, list[Held]]:
    """The published table with scores, each set learned from its seven others alone; and with its fault as printed."""
    named = {f"{TLLIB} alone": published(), f"{TLLIB} alone, as printed": published(with_faults=True)}
    return {name: [hold_out_of_its_own(pools, pool) for pool in pools] for name, pools in named.items()}


def _judged(name: str, held: Sequence[Held]) -> list[Sequence[object]]:
    found = judged(held)
    print(f"\n{name}\n{found}")
    return [
        (name, order, len(estimate.by_dataset), kind, estimate.value, *(estimate.interval or ("", "")))
        for order in found
        for kind in COEFFICIENTS
        if (estimate := found[order][kind])
    ]


def _differences(name: str, held: Sequence[Held]) -> list[Sequence[object]]:
    found = judged(held)
    rows: list[Sequence[object]] = []
    for other in found:
        if other != FULL:
            for kind in ("weighted_tau", "regret@1"):
                d = found.compare(FULL, other, coefficient=kind)
                rows.append((name, other, kind, d.value, *(d.interval or ("", "")), d.over, d.decided))
                if kind == "weighted_tau":
                    print(d)
    return rows


def _hybrid(name: str, held: Sequence[Held], pools: Sequence[Pool]) -> list[Sequence[object]]:
    """Regret at a budget against the best of the static list and the best of a probe, both tuned."""
    rows: list[Sequence[object]] = []
    for probe in PROBES:
        part = [one for one in held if probe in one.pool.scores]
        for budget in BUDGETS if part else ():
            ours = [regret(one.pool, [row.model for row in one.found[FULL]][:budget]) for one in part]
            theirs = [regret(one.pool, hybrid(pools, one, probe)[:budget]) for one in part]
            rows.append(_paired(name, probe, budget, ours, theirs))
            print("hybrid:", *rows[-1])
    return rows


def _paired(
    name: str, probe: str, budget: int, ours: Sequence[float], theirs: Sequence[float]
) -> Sequence[object]:
    import numpy as np

    apart = np.subtract(ours, theirs)
    means = (float(np.mean(ours)), float(np.mean(theirs)), float(apart.mean()))
    return (name, probe, budget, *means, *(of_mean(apart, 1000, 0, 0.9) or ("", "")))


def _calibration(name: str, held: Sequence[Held]) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = []
    for form in (FULL, FEW, ALONE, PRIOR):
        if any(form in one.found for one in held):
            rows += [(name, form, f"best, {b}", n, p, share) for b, n, p, share in reliability(held, form)]
            rows.append((name, form, "within 90 %", "", 0.9, coverage(held, form)))
            rows.append((name, form, "regret of the first, points", "", *regrets(held, form)))
    for row in rows:
        print(*(f"{cell:.3f}" if isinstance(cell, float) else cell for cell in row), sep="  ")
    return rows


def _write(file: Path, rows: Sequence[Sequence[object]]) -> None:
    shown = [[f"{cell:.4f}" if isinstance(cell, float) else cell for cell in row] for row in rows]
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows(shown)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recommendation", description=__doc__)
    parser.add_argument(
        "what", nargs="*", metavar="step", help=f"of {', '.join(STEPS)} (all by default), {PRETRAINED}"
    )
    parser.add_argument("--again", action="store_true", help="make all scores again")
    parser.add_argument("--fewest", type=int, default=FEWEST, help=f"networks a target of {TUNED} needs")
    return parser


if __name__ == "__main__":
    main()
