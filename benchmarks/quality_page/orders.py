"""Whether a pool has one order of quality for all targets, and who wins where it has, and where it has not."""

from __future__ import annotations

from itertools import combinations
from statistics import mean

from audition.evaluation import weighted_tau
from audition.truth import Truth, load_truth, shipped_tables
from benchmarks.quality_page import words
from benchmarks.quality_page.pools import RECOMMENDATION, STATIC, Keep, Pool, pool_of, related
from benchmarks.quality_page.results import Results
from benchmarks.quality_page.standings import TAU

SHOWN = (
    STATIC, "logme", "logme+ped", "regularized_h_score", "transrate", "gbc", "sfda+ped", "parc", "knn_accuracy",
    "linear_probe", RECOMMENDATION,
)  # fmt: skip
"""Chosen before any truth was there, so that no pool shows the one that happens to win in it."""


def imagenet(results: Results) -> Keep:
    """Networks of ImageNet alone, which differ in size."""
    return lambda row: results.facts[row.network]["pretrained"].startswith("ImageNet")


def named(start: str) -> Keep:
    """One architecture with the weights of several sources."""
    return lambda row: row.network.startswith(start)


def same_order(truth: Truth) -> float:
    """How alike two unrelated targets order the models they share: mean τ_w over pairs; 1 is one fixed order."""
    taus = [_alike(truth, *pair) for pair in combinations(truth, 2) if not related(*pair)]
    known = [tau for tau in taus if tau == tau]
    return mean(known) if known else float("nan")


def _alike(truth: Truth, one: str, other: str) -> float:
    first, second = truth[one], truth[other]
    both = [model for model in first if model in second]
    if len(both) < 3:
        return float("nan")
    return weighted_tau([first[model] for model in both], [second[model] for model in both])


def orders_table(results: Results, targets: tuple[str, ...]) -> list[str]:
    """Pools of the image networks by how fixed their order is, and τ_w of a choice of measures in each."""
    keeps: dict[str, Keep] = {
        "all networks": lambda row: True,
        "without what networks have seen": lambda row: not row.seen,
        "ImageNet, several sizes": imagenet(results),
        "MobileNetV2, several sources": named("mobilenetv2_"),
        "zoo ResNet, several sources": named("zoo_resnet-"),
    }
    pools = {name: pool_of(results, "images", _classes(keep), targets) for name, keep in keeps.items()}
    pools["zoo as recorded"] = pool_of(results, "zoo", _classes(lambda row: True), results.decided("zoo"))
    rows = [_row(name, pool) for name, pool in pools.items() if pool]
    return words.table(["pool", "networks", "targets", "same order", *SHOWN], rows)


def _classes(keep: Keep) -> Keep:
    return lambda row: row.kind == "classification" and keep(row)


def _row(name: str, pool: Pool) -> list[str]:
    judged = pool.values
    taus = [words.number(judged[m][TAU].value, 2) if m in pool.measures else words.NOTHING for m in SHOWN]
    size = [str(len(judged.models)), str(len(judged.datasets))]
    return [name, *size, words.number(same_order(pool.truth), 2), *taus]


def published_table() -> list[str]:
    """The shipped tables: how fixed their order is, and what the list that looks at no data gives."""
    from audition import evaluate

    rows = []
    for name in shipped_tables():
        truth = load_truth(name)
        judged = evaluate(truth)
        static = judged["static list"]
        beside = [f"`{m}` {words.number(judged[m][TAU].value)}" for m in judged if m != "static list"]
        rows.append([
            f"`{name}`", f"{len(truth.models)} × {len(truth)}", words.number(same_order(truth), 2),
            words.number(static[TAU].value), words.sure(static[TAU]),
            words.number(static["regret@1"].value, 2), ", ".join(beside) or words.NOTHING,
        ])  # fmt: skip
    header = ["table", "models × sets", "same order", "static list: τ_w", "90 %", "regret@1", "scores beside"]
    return words.table(header, rows)
