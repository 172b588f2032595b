"""A race: the same first choice from fewer forward passes, nothing computed twice, and an answer at any time."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition import Cache, Ranking, forecast, rank, read_truth
from audition.data.base import Item
from audition.data.open import open_dataset
from audition.errors import InputError
from audition.extraction import decode
from audition.models import CallableModel
from audition.models.base import ModelIdentity, Outputs
from audition.ranking.candidates import Opening
from audition.ranking.racing.chances import TOGETHER
from audition.ranking.racing.field import Field
from audition.ranking.racing.laps import FEWEST, PART, lap_of_all, laps_of

ROWS, CLASSES, WIDTH = 1200, 3, 12
RNG = np.random.default_rng(0)
LABELS = np.arange(ROWS) % CLASSES
SIGNAL = np.eye(CLASSES, WIDTH)[LABELS]
SEEDS = 10
NOISE = RNG.normal(size=(ROWS, SEEDS, WIDTH))
DATA = (np.column_stack([np.arange(ROWS), SIGNAL + 0.1 * RNG.normal(size=(ROWS, WIDTH))]), LABELS)


class Network:
    """Features that tell the classes by `strength`; counts the rows that go through."""

    kind, layers = "rows", ("features",)
    preprocess = staticmethod(np.asarray)

    def __init__(self, name: str, strength: float, slow: float = 0.0) -> None:
        self.name, self.strength, self.slow = name, strength, slow
        self.seed = sum(map(ord, name)) % SEEDS
        self.rows: Counter[int] = Counter()

    def forward(self, batch: np.ndarray) -> Any:
        time.sleep(self.slow)
        self.rows.update(batch[:, 0].astype(int).tolist())
        return Outputs({"features": self.strength * batch[:, 1:] + NOISE[batch[:, 0].astype(int), self.seed]})


def networks(number: int = 8, **options: Any) -> list[Network]:
    return [Network(f"network {i}", 2.0 * i / number, **options) for i in range(number)]


def test_first_choice_of_the_full_ranking_with_fewer_passes_and_no_row_twice() -> None:
    field = networks()
    raced, full = rank(field, DATA, race=True), rank(networks(), DATA, race=False)
    assert raced.best.model == full.best.model == "network 7"
    assert raced.race is not None and full.race is None
    assert all(set(network.rows.values()) == {1} for network in field)
    passes = sum(network.rows.total() for network in field) / (len(field) * ROWS)
    assert raced.race.passes == pytest.approx(passes)
    assert passes < 0.3


def test_the_record_of_a_race_says_who_ran_how_far_and_with_which_chance() -> None:
    field = networks()
    ranking = rank(field, DATA, race=True)
    race = ranking.race
    assert race is not None
    dropped = {each.model: (lap.items, each.chance) for lap in race.laps for each in lap.dropped}
    assert sum(chance for _, chance in dropped.values()) <= TOGETHER * len(race.laps)
    for network in field:
        seen = network.rows.total()
        assert ranking[network.name].items == (None if seen == ROWS else seen)
        if network.name in dropped:
            assert dropped[network.name][0] == seen
    assert race.laps[0].ran == race.models == len(field)


def test_those_who_see_all_rows_have_the_scores_of_the_full_ranking() -> None:
    """Statistics of the laps are merged, so they agree to rounding."""
    close = [Network(f"close {i}", 1.0) for i in range(3)]
    raced, full = rank(close, DATA, race=True), rank(close, DATA, race=False)
    whole = [row for row in raced if row.items is None]
    assert len(whole) > 1
    for row in whole:
        assert dict(row.scores) == pytest.approx(dict(full[row.model].scores), rel=1e-9)


@pytest.mark.parametrize(
    "metrics, order", [("logme", None), ("logme,h_score", "mean place"), ("logme,ncti", "ncti")]
)
def test_any_order_can_be_raced_for(metrics: str, order: str | None) -> None:
    ranking = rank(networks(), DATA, metrics=metrics, order=order, race=True)
    assert ranking.best.model == "network 7"
    assert ranking.race is not None


def test_layers_of_several_models_run_together() -> None:
    def layered(strength: float) -> CallableModel:
        return CallableModel(
            f"strength {strength}",
            lambda batch: {
                "low": NOISE[batch[:, 0].astype(int), 0],
                "high": strength * batch[:, 1:] + NOISE[batch[:, 0].astype(int), 1],
            },
            "rows",
            layers=["low", "high"],
        )

    ranking = rank([layered(s) for s in (0.2, 0.5, 3.0)], DATA, layers="all", race=True)
    full = rank([layered(s) for s in (0.2, 0.5, 3.0)], DATA, layers="all", race=False)
    assert (ranking.best.model, ranking.best.layer) == (full.best.model, full.best.layer)
    assert len(ranking) == 6


def test_usual_from_twenty_networks_on() -> None:
    many, few = networks(20), networks(19)
    assert rank(many, DATA).race is not None
    assert rank(few, DATA).race is None
    assert rank(many, DATA, resamples=0).race is None


def test_without_resamples_nobody_can_be_dropped() -> None:
    with pytest.raises(InputError, match="leave resamples=0 out"):
        rank(networks(3), DATA, race=True, resamples=0)


@pytest.mark.parametrize("ask", [rank, forecast])
def test_that_is_said_before_any_model_is_opened(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Opening, "open", lambda self, name: pytest.fail(f"{name} is opened, or downloaded"))
    with pytest.raises(InputError, match="leave resamples=0 out"):
        ask("zoo:cnn-mnist", DATA, race=True, resamples=0)


def test_one_that_fails_in_a_late_lap_keeps_its_row() -> None:
    class Late(Network):
        def forward(self, batch: np.ndarray) -> Any:
            if self.rows.total() > FEWEST:
                raise ValueError("no more")
            return super().forward(batch)

    ranking = rank([*networks(3), Network("close 1", 2.0), Late("close 2", 2.0)], DATA, race=True)
    assert "no more" in str(ranking["close 2"].error)
    assert ranking.best.model == "close 1"


class Known(Network):
    """One whose features can be kept."""

    @property
    def identity(self) -> ModelIdentity:
        return ModelIdentity(f"{self.name} {self.strength}")


def known() -> list[Known]:
    return [Known(f"network {i}", i / 2) for i in range(4)]


@pytest.mark.parametrize("race", [True, False], ids=["by a race", "of all rows"])
def test_what_is_kept_is_not_run_again(tmp_path: Path, race: bool) -> None:
    first = rank(known(), DATA, race=race, cache=tmp_path)
    again = known()
    second = rank(again, DATA, race=True, cache=Cache(tmp_path))
    assert sum(network.rows.total() for network in again) == 0
    assert [row.model for row in second] == [row.model for row in first]


def test_elsewhere_as_in_this_process() -> None:
    with ThreadPoolExecutor(2) as executor:
        elsewhere = rank(networks(5), DATA, race=True, executor=executor)
    here = rank(networks(5), DATA, race=True)
    assert [(row.model, dict(row.scores)) for row in elsewhere] == [
        (row.model, dict(row.scores)) for row in here
    ]
    assert elsewhere.race == here.race


def test_when_the_time_is_up_the_answer_is_the_best_so_far() -> None:
    field = networks(6, slow=0.05)
    began = time.monotonic()
    ranking = rank(field, DATA, budget="0.01m", batch_size=8)
    assert time.monotonic() - began < 20
    assert ranking.race is not None and ranking.race.out_of_time
    assert "the time was up" in repr(ranking)
    assert sum(network.rows.total() for network in field) < 6 * ROWS
    unrun = [network.name for network in field if not network.rows]
    assert all("time was up before it ran" in str(ranking[name].error) for name in unrun)


def test_opening_counts_and_nothing_is_opened_when_the_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    def slowly(self: Opening, name: str) -> Any:
        opened.append(name)
        time.sleep(0.4)
        return networks(1)[0]

    monkeypatch.setattr(Opening, "open", slowly)
    names = ["zoo:cnn-mnist", "zoo:resnet-mnist", "zoo:vit-mnist", "zoo:resnet-random"]
    ranking = rank(names, DATA, budget="0.01m")
    assert opened == names[:2]  # at 0 s and 0.4 s of 0.6 s
    assert all(ranking[name].error == "the time was up before it ran." for name in names[2:])
    with pytest.raises(InputError, match="time was up before a model was open"):
        rank(names, DATA, budget="0.000001m")


def test_a_time_that_is_long_enough_takes_no_part() -> None:
    with_time = rank(networks(5), DATA, budget="1h", race=False)
    without = rank(networks(5), DATA, race=False)
    assert [row.model for row in with_time] == [row.model for row in without]
    assert with_time.race is not None and not with_time.race.out_of_time and with_time.race.passes == 1


@pytest.mark.parametrize("budget", [["10m", "1h"], "0m", "20M"])
def test_budgets_that_are_none(budget: Any) -> None:
    with pytest.raises(InputError, match="two times|no time to spend|no budget"):
        rank(networks(2), DATA, budget=budget)


class Damaged:
    """Rows of which some cannot be read."""

    name, kind, task = "damaged", "rows", "classification"

    def __init__(self, bad: set[int]) -> None:
        self.bad = bad

    def __len__(self) -> int:
        return ROWS

    def items(self) -> Any:
        return (Item(f"row {i}", int(LABELS[i]), lambda i=i: self._row(i)) for i in range(ROWS))

    def _row(self, i: int) -> np.ndarray:
        if i in self.bad:
            raise InputError(f"row {i} is damaged.")
        return np.asarray(DATA[0][i])


def test_items_that_cannot_be_read_stop_it_or_are_left_out() -> None:
    with pytest.raises(InputError, match="is damaged"):
        rank(networks(3), Damaged(set(range(7, ROWS))), race=True)
    ranking = rank(networks(3), Damaged({7, 700}), race=True, skip_bad=True)
    assert ranking.items == ROWS - 2
    assert set(ranking.skipped) == {"row 7", "row 700"}


def test_saved_and_read_again(tmp_path: Any) -> None:
    ranking = rank(networks(4), DATA, race=True)
    ranking.save(tmp_path / "ranking.json")
    again = Ranking.load(tmp_path / "ranking.json")
    assert again.race == ranking.race
    assert [row.items for row in again] == [row.items for row in ranking]
    assert json.loads(ranking.to_json())["race"]["models"] == 4
    assert repr(again) == repr(ranking)


def test_the_words_name_laps_and_those_left_behind() -> None:
    text = repr(rank(networks(8), DATA, race=True))
    assert "Raced: all 8 models saw 75 of 1,200 rows" in text
    assert "Left behind:" in text
    assert " rows " in text.splitlines()[3]


def test_laps_double_and_hold_every_class_by_its_share() -> None:
    data = open_dataset(DATA)
    whole = decode(data, [])
    laps = laps_of(data, whole)
    assert [len(lap.ending) for lap in laps] == [38, ROWS // PART, 150, 300, 600, ROWS]
    assert sorted(np.concatenate([lap.rows for lap in laps]).tolist()) == list(range(ROWS))
    for lap in laps:
        counts = np.bincount(LABELS[lap.ending], minlength=CLASSES)
        assert counts.max() - counts.min() <= 1
        assert [item.label for item in lap.data.items()] == LABELS[lap.rows].tolist()
    assert len(lap_of_all(data, whole).rows) == ROWS


@pytest.mark.parametrize("rows, classes", [(50, 2), (70, 2), (250, 100)])
def test_few_rows_are_one_lap(rows: int, classes: int) -> None:
    data = open_dataset((np.ones((rows, 2)), np.arange(rows) % classes))
    assert len(laps_of(data, decode(data, []))) == 1


def test_no_lap_holds_one_class_alone() -> None:
    labels = np.array(["a"] * 1990 + ["b"] * 10)
    data = open_dataset((np.ones((2000, 2)), labels))
    for lap in laps_of(data, decode(data, [])):
        assert len(set(labels[lap.rows])) == 2


def test_where_the_time_may_end_those_come_first_of_whom_most_is_known(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    lines = [f"network {i},set {k},{50 + 5 * i + k}" for i in range(4) for k in range(6)]
    history.write_text("model,dataset,accuracy\n" + "\n".join(lines) + "\n")
    order: list[str] = []

    class Telling(Network):
        def forward(self, batch: np.ndarray) -> Any:
            order.append(self.name)
            return super().forward(batch)

    rank([Telling(f"network {i}", 1.0) for i in range(4)], DATA, history=read_truth(history), budget="1h")
    assert list(dict.fromkeys(order)) == ["network 3", "network 2", "network 1", "network 0"]


def test_those_left_behind_have_no_interval_and_a_frame_says_what_they_saw(framework: Any) -> None:
    framework("pandas")
    ranking = rank(networks(), DATA, metrics="logme", race=True)
    most = max(row.items or ROWS for row in ranking)
    behind = [row for row in ranking if (row.items or ROWS) < most]
    assert behind and all(not row.intervals for row in behind)
    assert all("logme" in row.intervals for row in ranking if row not in behind)
    frame = ranking.to_frame()
    assert list(frame["rows"]) == [row.items or ROWS for row in ranking]
    assert frame["logme_low"].isna().sum() == len(behind)


def test_a_frame_says_nothing_of_the_rows_of_one_that_never_ran(framework: Any) -> None:
    framework("pandas")

    class Broken(Network):
        def forward(self, batch: np.ndarray) -> Any:
            raise ValueError("broken")

    frame = rank([*networks(3), Broken("broken", 1.0)], DATA, race=True).to_frame().set_index("model")
    assert np.isnan(frame.loc["broken", "rows"]) and frame.loc["network 2", "rows"] > 0


def test_when_the_time_is_up_nobody_asks_any_more_who_may_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """With thousands of candidates that takes seconds, for nothing."""
    monkeypatch.setattr(Field, "chances", lambda self, laps: pytest.fail("asked"))
    ranking = rank(networks(3, slow=0.3), DATA, budget="0.01m", batch_size=8)
    assert ranking.race is not None and ranking.race.out_of_time
