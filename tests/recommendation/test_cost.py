"""What candidates cost, and what may be spent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audition.errors import InputError
from audition.recommendation import Cost, Limit, beyond, pareto_front, parse_limit
from audition.recommendation.cost import amount, known_kinds


@pytest.mark.parametrize(
    ("text", "what", "most"),
    [
        ("20M params", "parameters", 20e6),
        ("20m parameters", "parameters", 20e6),
        ("1.5B params", "parameters", 1.5e9),
        ("800 params", "parameters", 800),
        ("5ms", "seconds", 0.005),
        ("0.2 s", "seconds", 0.2),
        ("100MB", "disk", 1e8),
        ("64 MiB", "disk", 2**26),
        ("4 GFLOPs", "flops", 4e9),
        ("300M flops", "flops", 3e8),
    ],
)
def test_budgets_are_read(text, what, most):
    assert parse_limit(text) == Limit(what, pytest.approx(most))


@pytest.mark.parametrize("text", ["", "much", "20", "20M", "-5ms", "5 apples", "5 ms params", "20 MB params"])
def test_what_is_no_budget_is_said_with_an_example(text):
    with pytest.raises(InputError, match="is no budget.*20M params"):
        parse_limit(text)


def test_what_is_beyond_a_limit_is_told_why():
    limits = [parse_limit("20M params"), parse_limit("5ms")]
    assert beyond(Cost(parameters=25.6e6), limits) == "parameters: 25.6M, more than 20M"
    assert beyond(Cost(parameters=3e6, seconds=0.0072), limits) == "time a sample: 7.2 ms, more than 5 ms"
    assert beyond(Cost(parameters=20e6, seconds=0.005), limits) is None
    assert beyond(Cost(), limits) is None, "what is not known is not held against a candidate"
    assert str(limits[0]) == "parameters at most 20M"


def test_amounts_in_words():
    assert [amount("seconds", value) for value in (2.0, 0.0123, 4e-5)] == ["2 s", "12.3 ms", "0.04 ms"]
    assert [amount("disk", value) for value in (9.78e7, 512)] == ["97.8 MB", "512 B"]
    assert [amount("parameters", value) for value in (25557032, 83842, 12)] == ["25.6M", "83.8k", "12"]


def test_the_front_by_hand():
    assert pareto_front([3, 2, 2, 1], [10, 5, 5, 5]) == (True, True, True, False)
    assert pareto_front([3, 2], [None, 5]) == (False, True)
    with pytest.raises(InputError, match="2 qualities but 1 costs"):
        pareto_front([1, 2], [1])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12))
def test_whoever_is_not_on_the_front_is_beaten_by_one_that_is(pairs):
    front = pareto_front(*zip(*pairs, strict=True))
    assert any(front)
    for (quality, cost), on in zip(pairs, front, strict=True):
        beaten = any(
            q >= quality and c <= cost and (q, c) != (quality, cost)
            for (q, c), best in zip(pairs, front, strict=True)
            if best
        )
        assert on != beaten


def test_kinds_that_all_candidates_know():
    assert known_kinds([Cost(1, seconds=2.0), Cost(3)]) == ("parameters",)
    assert known_kinds([]) == ()
