"""The page on ranking quality: what it is made of, and that it claims no more than that can show."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality_page import asked, orders, scores, standings
from benchmarks.quality_page.apart import differences, slope
from benchmarks.quality_page.consensus import recommendation_lines
from benchmarks.quality_page.guidance import CASES, guidance_table, of_kind
from benchmarks.quality_page.page import page_of
from benchmarks.quality_page.pools import STATIC, Pool, interleaved, pool_of, related
from benchmarks.quality_page.results import Agreement, Results, load
from benchmarks.quality_page.scores import Key, Scored

NETWORKS = ("small", "middle", "large", "huge", "odd")
TARGETS = ("eurosat", "eurosat_20", "mnist", "antsbees", "textures10", "cifar10", "sign_digits", "flowers")
TRUTH_HEADER = (
    "target", "network", "layer", "metric", "score", "std", "seeds", "rate", "train_rows", "test_rows", "seen",
)  # fmt: skip


def _write(path: Path, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _folder(folder: Path, targets: Sequence[str] = TARGETS, whole: int = len(NETWORKS)) -> Path:
    """A truth in which `logme` is right, `lfc` is wrong, and `h_score` says nothing on one target."""
    rng = np.random.default_rng(0)
    truth: list[Sequence[object]] = [TRUTH_HEADER]
    book: scores.Book = {}
    for target in targets:
        for place, network in enumerate(NETWORKS):
            score = 0.5 + 0.05 * place + 0.02 * rng.normal()
            truth.append((target, network, "features", "accuracy", score, 0.01, 3, 0.01, 400, 500, 0))
            said = {"logme": (score,), "lfc": (-score,), "knn_accuracy": (rng.normal(),), "leep": ()}
            said["h_score"] = (9.0 if target == "mnist" else score,)
            for seed in range(3):
                book[Key("images", target, network, "features", seed)] = Scored(
                    (400, 10, 64), said, {"logme": 0.5}
                )
    _write(folder / "images_truth.csv", truth)
    lines = [("images", target, 0.9, 3, whole, len(NETWORKS)) for target in targets]
    _write(folder / "agreement.csv", [("part", "target", "tau_w", "seeds", "whole", "cells"), *lines])
    facts = [(network, "ImageNet-1k", 100 + place, 5, "") for place, network in enumerate(NETWORKS)]
    _write(
        folder / "networks.csv", [("network", "pretrained", "parameters", "mflops", "imagenet_top1"), *facts]
    )
    scores.write(book, ("logme", "lfc", "knn_accuracy", "leep", "h_score"), folder)
    return folder


def _results(folder: Path, **others: object) -> Results:
    return load(_folder(folder, **others), folder / "none")  # type: ignore[arg-type]


def _pool(results: Results) -> Pool:
    return pool_of(results, "images", of_kind("classification"), results.decided("images"))


def test_scores_come_back_as_they_were_written(tmp_path: Path) -> None:
    line = Scored((400, 10, 64), {"logme": (0.25,), "ncti": (1.0, 2.5, -3.0), "leep": ()}, {"logme": 0.5})
    book = {Key("images", "eurosat", "small", "features", 0): line}
    scores.write(book, ("logme", "lfc", "ncti", "leep"), tmp_path)
    assert scores.read(tmp_path) == book  # what was asked in vain stays apart from what was never asked
    assert scores.read(tmp_path / "absent") == {}


def test_every_measure_is_asked_with_and_without_ped() -> None:
    from audition.metrics.registry import MEASURES

    assert set(MEASURES) - set(asked.names()) == {"number_of_parameters"}
    assert {"logme+ped", "sfda+ped", "gbc+ped"} <= set(asked.names())
    few, many = ({str(m) for m in asked.metrics("classification", classes, 0)} for classes in (10, 101))
    assert few - many == {"nleep", "nleep+ped"}
    assert {str(m) for m in asked.metrics("regression", 0, 0)}.isdisjoint({"gbc", "logme+ped"})


def test_a_hybrid_takes_from_both_lists_in_turn() -> None:
    order = interleaved({"a": 3, "b": 2, "c": 1}, {"a": 1, "b": 2, "c": 3})
    assert sorted(order, key=order.__getitem__, reverse=True) == ["a", "c", "b"]
    same = interleaved({"a": 3, "b": 2, "c": 1}, {"a": 3, "b": 1, "c": 2})
    assert sorted(same, key=same.__getitem__, reverse=True) == ["a", "b", "c"]


def test_the_static_list_looks_at_no_related_target(tmp_path: Path) -> None:
    """A network that is best on both EuroSATs and worst elsewhere must not stand first there."""
    results = _results(tmp_path, targets=("eurosat", "eurosat_20", "mnist", "antsbees"))
    rows = [
        replace(row, score=0.99 if row.target.startswith("eurosat") else 0.0) if row.network == "odd" else row
        for row in results.rows
    ]
    static = _pool(replace(results, rows=tuple(rows))).scores[STATIC]
    assert min(static["eurosat"], key=static["eurosat"].__getitem__) == "odd"
    assert min(static["eurosat_20"], key=static["eurosat_20"].__getitem__) == "odd"
    assert static["mnist"]["odd"] > static["eurosat"]["odd"]
    assert related("eurosat (a network)", "eurosat_20 (another)") and not related("eurosat", "mnist")


def test_a_measure_without_an_order_on_a_target_is_never_the_best(tmp_path: Path) -> None:
    pool = _pool(_results(tmp_path))
    assert pool.judged["h_score"]["weighted_tau"].value == pytest.approx(1.0)
    assert standings.best(pool) == "logme"
    assert any("`h_score`, no order on 1" in line for line in standings.measures_table(pool, {}))


def test_related_targets_are_no_independent_ones(tmp_path: Path) -> None:
    pool = _pool(_results(tmp_path, targets=TARGETS[:6]))
    assert (len(pool.truth), pool.collections, pool.few) == (6, 5, True)
    assert "too few" in standings.verdict(pool) and standings.of_ped(pool) == ""
    assert not any("**" in line for line in standings.differences_table(pool))


def test_what_is_told_apart_is_bold_and_what_is_not_is_named(tmp_path: Path) -> None:
    pool = _pool(_results(tmp_path))
    line = next(line for line in standings.differences_table(pool) if line.startswith("| `lfc`"))
    assert "**−2.00**" in line
    assert "`h_score`" in standings.verdict(pool) and "`lfc`" not in standings.verdict(pool)


def test_pairs_by_how_far_apart_their_scores_are(tmp_path: Path) -> None:
    pairs = _pool(_results(tmp_path)).judged.judged["lfc"]["mnist"]
    of_score, of_truth = differences(pairs)
    assert (of_score > 0).all() and (of_truth < 0).all()  # the higher score always has the worse result
    assert slope(pairs) == pytest.approx(-pairs.truth.std())


def test_one_fixed_order_is_called_one() -> None:
    from audition.truth import Truth

    fixed = {"a": 3.0, "b": 2.0, "c": 1.0}
    assert orders.same_order(Truth.of("fixed", {"mnist": fixed, "cifar10": fixed})) == pytest.approx(1.0)
    turned = {"mnist": fixed, "cifar10": {"a": 1.0, "b": 2.0, "c": 3.0}}
    assert orders.same_order(Truth.of("turned", turned)) == pytest.approx(-1.0)


def test_a_target_that_is_hardly_begun_is_not_looked_at(tmp_path: Path) -> None:
    results = _results(tmp_path, whole=1)
    assert results.decided("images") == ()
    assert Agreement(0.9, 3, 2, 5).begun and not Agreement(0.5, 3, 5, 5).decided
    table = guidance_table(results)
    assert len(table) == len(CASES) + 3 and all("no target yet" in line for line in table[2:-1])


def test_the_page_says_in_its_first_lines_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.quality_page.orders.published_table", lambda: ["published", ""])
    (tmp_path / "part").mkdir()
    text = page_of(_results(tmp_path / "part", targets=TARGETS[:3], whole=3))
    assert "This page is partial" in text[:300] and "0 of 3 targets whole" in text[:600]
    assert "no answer yet" in text and "has the highest mean τ_w" not in text
    assert text == page_of(load(tmp_path / "part", tmp_path / "none"))


def test_the_recommendation_is_shown_where_it_was_judged(tmp_path: Path) -> None:
    results = _results(tmp_path)
    assert "Not judged yet" in "\n".join(recommendation_lines(results))
    right = [
        ("finetuned", row.target, row.network, row.score) for row in results.rows if row.part == "images"
    ]
    judged = [
        ("zoo", order, 8, kind, value, 0.1, 0.9)
        for order, value in (("lfc", -0.5), ("recommendation", 0.8))
        for kind in ("weighted_tau", "regret@1", "regret@2", "regret@3")
    ]
    home = tmp_path / "recommendation"
    home.mkdir()
    _write(home / "held.csv", [("source", "target", "model", "score"), *right])
    _write(
        home / "judged.csv", [("pools", "order", "targets", "coefficient", "value", "low", "high"), *judged]
    )
    apart = ("zoo", "lfc", "weighted_tau", 1.3, 0.9, 1.5, "data sets", True)
    header = ("pools", "than", "coefficient", "value", "low", "high", "over", "decided")
    _write(home / "differences.csv", [header, apart])
    with_it = load(tmp_path, home)
    assert _pool(with_it).values["the recommendation"]["weighted_tau"].value == pytest.approx(1.0)
    lines = recommendation_lines(with_it)
    assert [line.split(" | ")[0] for line in lines if "0.10 to" in line] == ["| recommendation", "| lfc"]
    assert any(line.endswith("**+1.30** |") for line in lines)
