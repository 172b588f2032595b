"""Racing on real networks and their layers, as `python -m benchmarks.racing` found it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from benchmarks.racing.repeats import Repeat
from benchmarks.scale import words

TEXT = """The zoo's networks and those of the sample assets, with all of their layers: {pairs} candidates on
three sets of pictures, raced by the usual order of layers (the mean place by LogME and the
regularised H-Score). Each repeat takes the rows in another order, so that other rows make the first
laps. In {same} of {races} races the first choice is that of the full ranking, with {passes:.0f} %
of its forward passes on average. With two rows a class in the first lap, many classes of few rows
set the price."""


def section(repeats: Sequence[Repeat]) -> list[str]:
    """A table, a line a target, and what it says."""
    targets = list(dict.fromkeys(each.target for each in repeats))
    rows = [_row([each for each in repeats if each.target == target]) for target in targets]
    told = words.said(
        TEXT,
        pairs=max(each.pairs for each in repeats),
        same=sum(each.same for each in repeats),
        races=len(repeats),
        passes=100 * mean(each.passes for each in repeats),
    )
    table = ["| data | rows | races | same first choice | passes |", "|---|---:|---:|---:|---:|", *rows]
    return [told, "", *table, ""]


def _row(repeats: Sequence[Repeat]) -> str:
    first, same = repeats[0], mean(each.same for each in repeats)
    passes = mean(each.passes for each in repeats)
    return f"| {first.target} | {first.rows:,} | {len(repeats)} | {100 * same:.0f} % | {100 * passes:.0f} % |"
