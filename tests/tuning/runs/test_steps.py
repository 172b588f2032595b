"""Which rows come when: every one before any comes again, from any step on; rates and looks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch", reason="torch is not installed")

import torch

from audition.tuning.runs.schedule import Schedule
from audition.tuning.runs.steps import Steps, own_chance


@given(many=st.integers(1, 40), size=st.integers(1, 40), seed=st.integers(0, 5))
def test_every_row_comes_before_any_comes_again(many, size, seed):
    train = np.arange(100, 100 + many)
    steps = list(Steps(train, size, 3, seed).of(1, 12))
    assert all(len(step.rows) == size for step in steps)
    seen = np.concatenate([step.rows for step in steps])
    for start in range(0, len(seen) - many + 1, many):
        np.testing.assert_array_equal(np.sort(seen[start : start + many]), train)


@given(first=st.integers(1, 12), size=st.integers(1, 25))
def test_a_run_that_goes_on_has_the_same_steps(first, size):
    steps = Steps(np.arange(20), size, 4, 0)
    whole, rest = list(steps.of(1, 12)), list(steps.of(first, 12))
    for one, other in zip(whole[first - 1 :], rest, strict=True):
        assert (one.number, one.view, one.chance) == (other.number, other.view, other.chance)
        np.testing.assert_array_equal(one.rows, other.rows)


def test_seeds_views_and_chances_differ():
    steps = [list(Steps(np.arange(20), 5, 3, seed).of(1, 30)) for seed in (0, 1)]
    assert {step.view for step in steps[0]} == {0, 1, 2}
    assert len({step.chance for step in steps[0]}) == 30
    assert steps[0][0].rows.tolist() != steps[1][0].rows.tolist()


def test_the_users_generators_stay_as_they_are():
    before = torch.get_rng_state()
    with own_chance():
        torch.manual_seed(3)
        torch.rand(5)
    assert torch.equal(before, torch.get_rng_state())


@given(steps=st.integers(1, 300), warm_up=st.floats(0, 0.99))
def test_the_rate_rises_to_its_highest_and_falls(steps, warm_up):
    schedule = Schedule(steps, warm_up, 10, 5)
    shares = [schedule.share(step) for step in range(1, steps + 1)]
    top = shares.index(max(shares))
    assert max(shares) == 1 and min(shares) > 0
    assert shares[: top + 1] == sorted(shares[: top + 1])
    assert shares[top:] == sorted(shares[top:], reverse=True)


@given(steps=st.integers(1, 300), rows=st.integers(1, 500))
def test_there_is_a_look_every_epoch_five_at_least_and_one_at_the_end(steps, rows):
    looks = Schedule(steps, 0.1, rows, 8).looks
    assert max(looks) == steps and min(looks) >= 1
    assert len(looks) == min(steps, max(5, round(steps * 8 / rows)))
