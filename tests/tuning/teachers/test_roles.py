"""Who is tuned and who teaches: what a user may give, and what is refused at the door."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from torch import nn
from tuning.coloured import model

from audition.errors import InputError, UnknownNameError
from audition.ranking import Ranking
from audition.ranking.standings import Row
from audition.tuning.search.contenders import contenders_of
from audition.tuning.teachers.method import TRADEOFFS, Method, method_of
from audition.tuning.teachers.roles import best_rows, student_of, teachers_of_ranking


def ranking(*rows):
    placed = tuple(Row(name, layer, place) for place, (name, layer) in enumerate(rows, start=1))
    return Ranking(placed, ("logme",), "logme", "data", "classification", 60)


PLAIN = ranking(("first", "last"), ("second", "last"), ("third", "last"))
LAYERED = ranking(("first", "2"), ("second", "1"), ("third", "1"), ("second", "2"), ("first", "1"))


def test_the_first_is_tuned_and_the_next_teach():
    assert student_of(None, None, PLAIN) == ("first", None)
    assert student_of(None, None, LAYERED) == ("first", "2")
    assert teachers_of_ranking(2, "first", PLAIN) == ("second", "third")
    assert teachers_of_ranking(np.int64(1), "first", PLAIN) == ("second",)
    assert teachers_of_ranking(2, "second", LAYERED) == (("first", "2"), ("third", "1"))
    assert teachers_of_ranking(0, "first", None) == ()


def test_a_module_is_a_student_without_a_name():
    assert teachers_of_ranking(1, nn.Linear(2, 2), PLAIN) == ("first",)


@pytest.mark.parametrize("thing", ["zoo:cnn-mnist", model("one"), nn.Linear(2, 2), np.ones((3, 2))])
def test_one_teacher_is_a_list_of_one(thing):
    (found,) = teachers_of_ranking(thing, "first", None)
    assert found is thing


def test_several_teachers_are_as_they_were_given():
    assert teachers_of_ranking(["a", ("b", "layer")], "first", None) == ("a", ("b", "layer"))


@pytest.mark.parametrize("teachers", [True, -1, None, 1.5])
def test_what_can_be_no_teachers(teachers):
    with pytest.raises(InputError, match="'teachers' parameter must be"):
        teachers_of_ranking(teachers, "first", PLAIN)


def test_a_layered_ranking_orders_models_by_their_best_rows():
    assert [row.model for row in best_rows(LAYERED)] == ["first", "second", "third"]
    contenders = contenders_of(LAYERED, 0.9)
    assert [(row.model, row.layer) for row in contenders.chosen] == [
        ("first", "2"),
        ("second", "1"),
        ("third", "1"),
    ]


def test_each_method_has_a_tradeoff_of_its_own():
    assert {name: method_of(name, ["a"]).weight for name in TRADEOFFS} == {
        "b-tuning": 100.0,
        "distillation": 1.0,
    }
    assert method_of("distillation", ["a"], 7.0).weight == 7.0
    assert Method("b-tuning", ("a",)).weight == 100.0


@pytest.mark.parametrize(
    "given, said",
    [
        (("plain", [], 5.0), "fine-tuning has none: leave it out"),
        (("l2-sp", [], 5.0), r"\(L2-SP\) has none"),
        (("b-tuning", ["a"], -1), "'tradeoff' parameter of tune must be 0 or a positive"),
        (("b-tuning", ["a"], "much"), "'tradeoff' parameter of tune must be 0 or a positive"),
        (("b-tuning", ["a"], None, 0), "'temperature' parameter of tune must be a positive"),
    ],
)
def test_numbers_are_looked_at_at_the_door(given, said):
    with pytest.raises(InputError, match=said):
        method_of(*given)


def test_b_tuning_of_a_head_alone():
    with pytest.raises(InputError, match="head_only leaves as it is"):
        method_of(None, ["a"], head_only=True)
    assert method_of("distillation", ["a"], head_only=True).name == "distillation"
    with pytest.raises(UnknownNameError):
        method_of("magic", [])
