"""What the benchmark of the recommendation found, each target learned from the others only."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan

from benchmarks.quality_page import prose, words
from benchmarks.quality_page.results import Results

OURS = "recommendation"
COEFFICIENTS = ("weighted_tau", "regret@1", "regret@2", "regret@3")
Line = Mapping[str, str]


def recommendation_lines(results: Results) -> list[str]:
    """A table for each group of pools, and the hybrid of two beside."""
    groups = dict.fromkeys(line["pools"] for line in results.judged)
    lines = ["## The recommendation", ""]
    if not groups:
        return [*lines, "Not judged yet: `python -m benchmarks.recommendation`.", ""]
    return [*lines, prose.RECOMMENDATION, "", *(line for group in groups for line in _group(results, group))]


def _group(results: Results, group: str) -> list[str]:
    found: dict[str, dict[str, Line]] = {}
    for line in results.judged:
        if line["pools"] == group:
            found.setdefault(line["order"], {})[line["coefficient"]] = line
    ordered = sorted(found, key=lambda order: -float(found[order]["weighted_tau"]["value"] or nan))
    rows = [_row(results, group, order, found[order]) for order in ordered]
    header = [
        "order",
        "targets",
        "τ_w",
        "90 %",
        "regret@1",
        "90 %",
        "regret@2",
        "regret@3",
        "recommendation less this",
    ]
    return [f"### On {group}", "", *words.table(header, rows), *_hybrids(results, group)]


def _row(results: Results, group: str, order: str, held: Mapping[str, Line]) -> list[str]:
    tau, regret = held["weighted_tau"], held["regret@1"]
    later = [words.number(_value(held[name]), 2) for name in COEFFICIENTS[2:]]
    return [
        order, tau["targets"], words.number(_value(tau)), _interval(tau), words.number(_value(regret), 2),
        _interval(regret), *later, _apart(results, group, order),
    ]  # fmt: skip


def _value(line: Line, name: str = "value") -> float:
    return float(line[name]) if line[name] else nan


def _interval(line: Line) -> str:
    bounds = _value(line, "low"), _value(line, "high")
    return words.NOTHING if bounds[0] != bounds[0] else words.interval(bounds)


def _apart(results: Results, group: str, order: str) -> str:
    lines = [
        line
        for line in results.apart
        if (line["pools"], line["than"], line["coefficient"]) == (group, order, COEFFICIENTS[0])
    ]
    if not lines:
        return words.NOTHING
    value = _value(lines[0])
    text = f"{'+' if value > 0 else ''}{words.number(value, 2)}"
    return f"**{text}**" if (lines[0]["decided"], lines[0]["over"]) == ("True", "data sets") else text


def _hybrids(results: Results, group: str) -> list[str]:
    """Points lost at budgets of two and three, against the static list's first and a probe's first."""
    rows = [
        [
            f"{line['budget']}, {line['probe']}", words.number(_value(line, "recommendation"), 2),
            words.number(_value(line, "hybrid"), 2), words.number(_value(line, "difference"), 2), _interval(line),
        ]
        for line in results.hybrids if line["pools"] == group
    ]  # fmt: skip
    header = ["budget, probe of the hybrid", "regret: recommendation", "hybrid", "difference", "90 %"]
    return words.table(header, rows) if rows else []
