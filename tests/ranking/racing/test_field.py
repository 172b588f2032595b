"""Who stays in a race where candidates are too dear, have no score to be ordered by, or change on their way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition import rank
from audition.models.base import ModelIdentity, Outputs
from audition.ranking import Ranking, Row
from audition.ranking.certainty import contest_among
from audition.uncertainty import Contest

ROWS, WIDTH = 600, 8
RNG = np.random.default_rng(0)
LABELS = np.arange(ROWS) % 3
NOISE = RNG.normal(size=(ROWS, 5, WIDTH))
DATA = (np.column_stack([np.arange(ROWS), np.eye(3, WIDTH)[LABELS]]), LABELS)
FIRST = 24  # rows of the first lap


class Network:
    """Features that tell the classes by `strength`, with or without a head, which may change after the first lap."""

    kind, layers = "rows", ("features",)
    preprocess = staticmethod(np.asarray)

    def __init__(self, name: str, strength: float, seed: int = 0, **options: Any) -> None:
        self.name, self.strength, self.seed, self.seen = name, strength, seed, 0
        self.slow, self.width, self.heads = 0.0, (WIDTH, WIDTH), (True, True)
        vars(self).update(options)

    def forward(self, batch: np.ndarray) -> Any:
        later = self.seen >= FIRST
        self.seen += len(batch)
        time.sleep(self.slow * len(batch))
        features = self.strength * batch[:, 1:] + NOISE[batch[:, 0].astype(int), self.seed]
        odds = np.exp(features)
        head = odds / odds.sum(axis=1, keepdims=True) if self.heads[later] else None
        return Outputs({"features": features[:, : self.width[later]]}, head)


def raced(*networks: Network, **options: Any) -> Ranking:
    return rank(list(networks), DATA, race=True, **options)


def test_one_that_costs_too_much_leaves_nobody_behind() -> None:
    """It is by far the best, and would have ended the race before the others were known."""
    ranking = raced(
        Network("slow", 4.0, 2, slow=0.002), Network("a", 1.0), Network("b", 1.0, 1), budget="1ms"
    )
    assert "beyond the budget: time a sample" in str(ranking["slow"].error)
    assert ranking["slow"].items is not None and ranking["slow"].items < ROWS
    assert ranking.race is not None
    assert any(lap.ran == 2 for lap in ranking.race.laps)
    assert {each.model for lap in ranking.race.laps for each in lap.dropped} <= {"a", "b"}
    assert max(row.items or ROWS for row in ranking.placed) > ranking["slow"].items


def test_one_without_the_score_that_orders_does_not_stop_the_race() -> None:
    networks = [Network(f"network {i}", 1.0 * i, i) for i in range(4)]
    networks[1].heads = (False, False)
    ranking = raced(*networks, metrics="logme,leep", order="leep")
    assert ranking.best.model == "network 3"
    assert ranking.race is not None and ranking.race.passes < 0.5
    assert "leep gave no score" in str(ranking["network 1"].error)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"width": (WIDTH, WIDTH - 1)}, "its output 'features' changes its width from 8 to 7"),
        ({"heads": (False, True)}, "source probabilities of some items alone"),
        ({"heads": (True, False)}, "source probabilities of some items alone"),
    ],
)
def test_one_that_changes_from_lap_to_lap_fails_alone(options: dict[str, Any], said: str) -> None:
    ranking = raced(Network("a", 1.0), Network("b", 1.0, 1), Network("changing", 1.0, 2, **options))
    assert said in str(ranking["changing"].error)
    assert len(ranking.placed) == 2


def test_what_rows_to_come_may_change_is_added_before_candidates_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Scores by ncti lie between -1 and 2, whatever its parts come to; these are larger by ten times."""
    seen: list[float] = []

    def spying(rows: Sequence[Row], metrics: Sequence[str], order: str) -> Contest | None:
        seen.extend(number for row in rows for number in row.resampled["ncti"].replicates)
        return contest_among(rows, metrics, order)

    monkeypatch.setattr("audition.ranking.racing.field.contest_among", spying)
    ranking = raced(*[Network(f"network {i}", 0.6 * i, i) for i in range(5)], metrics="ncti")
    assert ranking.best.model == "network 4"
    assert seen and -1 <= min(seen) and max(seen) <= 2


def test_more_rows_are_those_beyond_all_that_the_data_have(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def spying(rows: tuple[Row, ...], metrics: Any, order: str, items: int) -> tuple[tuple[Row, ...], int]:
        asked.append(items)
        return rows, 20 * items

    monkeypatch.setattr("audition.ranking.ranked.with_standings", spying)
    ranking = raced(*[Network(f"network {i}", 0.8 * i, i) for i in range(5)])
    (seen,) = asked
    assert seen == min(row.items or ROWS for row in ranking.rows[:2]) < ROWS
    assert ranking.more_rows == 20 * seen - (ROWS - seen)


def test_a_part_of_a_raced_ranking_still_says_how_many_rows_each_has_seen() -> None:
    ranking = raced(*[Network(f"network {i}", 0.8 * i, i) for i in range(5)])
    part = ranking.part(ranking.rows[-2:])
    assert all(row.items for row in part)
    assert " rows " in repr(part).splitlines()[3]


class Kept(Network):
    """One whose features can be kept."""

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(self.name)


def test_one_of_which_statistics_alone_are_kept_fails_alone(tmp_path: Path) -> None:
    """A model of the user's own cannot be opened again by its name."""
    rank([Kept("kept", 1.0)], DATA, cache=tmp_path)
    for shard in tmp_path.rglob("0000*.safetensors"):
        shard.unlink()
    networks = [Kept("kept", 1.0), Network("a", 1.0, 1), Network("b", 1.0, 2)]
    ranking = rank(networks, DATA, race=True, cache=tmp_path)
    assert "its features are gone from the cache" in str(ranking["kept"].error)
    assert len(ranking.placed) == 2


class Silent(Network):
    """One whose first rows are all alike."""

    def forward(self, batch: np.ndarray) -> Any:
        found = super().forward(batch).features["features"]
        return Outputs({"features": np.ones_like(found) if self.seen <= FIRST else found})


def test_one_that_says_nothing_on_a_part_of_the_rows_says_on_which() -> None:
    ranking = raced(Network("a", 1.0), Network("b", 2.0, 1), Silent("silent", 3.0, 2))
    assert ranking["silent"].error == (
        f"on {FIRST} of {ROWS} rows: all rows of its features are equal: they say nothing of the labels."
    )
    assert rank([Silent("silent", 3.0)], DATA).best.error is None
