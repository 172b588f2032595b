"""A race in words: who was left behind for good, and why nobody ran."""

from __future__ import annotations

from audition.ranking.racing.value import Dropped, Race, RaceLap
from audition.ranking.racing.words import told
from audition.ranking.standings import Row

NAMES: dict[str, str] = {}


def test_those_who_caught_up_are_not_said_to_be_left_behind() -> None:
    laps = (
        RaceLap(10, 3, (Dropped("stayed", 0.0), Dropped("caught up", 0.02))),
        RaceLap(20, 2),
    )
    rows = [Row("first", ""), Row("caught up", ""), Row("stayed", "", items=10)]
    said = " ".join(told(Race(laps, 3, 0.8), rows, 20, NAMES))
    assert "Left behind: stayed after 10 rows (first on all 20 in none of the resamples)." in said
    assert "caught up" not in said


def test_where_all_failed_the_time_is_not_to_blame() -> None:
    laps = (RaceLap(10, 0), RaceLap(20, 0))
    assert told(Race(laps, 2, 0.0), [], 20, NAMES) == ["The race ended before any model had run."]
    late = Race(laps, 2, 0.0, out_of_time=True)
    assert told(late, [], 20, NAMES) == ["The time was up before any model had run."]


def test_one_model_is_not_all_of_them() -> None:
    late = Race((RaceLap(20, 1),), 1, 1.0, out_of_time=True)
    said = told(late, [Row("alone", "")], 20, NAMES)
    assert said == [
        "Raced: the one model saw all 20 rows; then the time was up, with 100 % of all forward passes."
    ]


def test_one_lap_over_all_rows_is_no_race() -> None:
    assert told(Race((RaceLap(20, 3),), 3, 1.0), [Row("first", "")], 20, NAMES) == []


def test_scores_are_carried_on_only_where_others_ran_further() -> None:
    dropped = (Dropped("second", 0.0), Dropped("third", 0.0))
    rows = [Row(name, "", items=20) for name in ("first", "second", "third")]
    (_, left) = told(Race((RaceLap(10, 3), RaceLap(20, 3, dropped)), 3, 0.2), rows, 100, NAMES)
    assert left == "Left behind: second and third after 20 rows (first on all 100 in none of the resamples)."
    (_, left) = told(Race((RaceLap(20, 3, dropped), RaceLap(40, 1)), 3, 0.3), rows, 100, NAMES)
    assert left.endswith(" Their scores are carried on by the median change of those that ran further.")
