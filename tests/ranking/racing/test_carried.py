"""Scores that are carried from few rows to more, and numbers that cannot be."""

from __future__ import annotations

import math

from audition.ranking.racing.carried import carried, common_change, numbers_of_row
from audition.ranking.standings import Row


def row(model: str, score: float) -> Row:
    return Row(model, "", scores={"logme": score})


def numbers(*rows: Row) -> dict[tuple[str, str], dict[str, object]]:
    return {(each.model, each.layer): numbers_of_row(each) for each in rows}  # type: ignore[dict-item]


def test_carried_by_the_median_change_of_the_others() -> None:
    before = numbers(row("a", 1.0), row("b", 2.0), row("c", 3.0))
    after = numbers(row("a", 1.1), row("b", 2.5), row("c", 3.2))
    change = common_change(before, after)  # type: ignore[arg-type]
    assert math.isclose(carried(row("d", 5.0), [change]).scores["logme"] or 0.0, 5.2)


def test_infinite_scores_move_nobody_and_stay() -> None:
    before = numbers(row("a", math.inf), row("b", 2.0))
    after = numbers(row("a", math.inf), row("b", 2.5))
    change = common_change(before, after)  # type: ignore[arg-type]
    assert carried(row("c", 1.0), [change]).scores["logme"] == 1.5
    assert carried(row("d", -math.inf), [change]).scores["logme"] == -math.inf
