"""The rate is chosen by short runs, the same in every run, and what diverges is left out."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch
from tuning.small import Small, ready, rows

from audition.errors import InputError, ModelError
from audition.tuning.rows.examples import Examples
from audition.tuning.rows.parts import Parts
from audition.tuning.runs.progress import TuningWatch
from audition.tuning.runs.rate import ADAMW, SGD, TABLES, choose_rate, ladder_of


def chosen(examples=None, **given):
    examples = examples or rows()
    own = {name: given.pop(name) for name in ("ladder", "penalty") if name in given}
    objective, settings = ready(examples, rate=None, **{"steps": 200, **given})
    return choose_rate(Small, examples, objective, settings, **own)


def test_the_best_of_the_ladder_is_chosen_and_all_are_shown():
    choice = chosen()
    assert [one.rate for one in choice.tried] == list(SGD)
    best = max(choice.tried, key=lambda one: (one.held_out, -one.held_out_loss))
    assert choice.rate == best.rate and best.held_out > choice.tried[0].held_out
    assert choice.steps == 33
    lines = str(choice).split("\n")
    assert len(lines) == 4 and [line.endswith(", chosen") for line in lines].count(True) == 1
    assert (
        lines[0]
        == f"rate 0.003: accuracy {choice.tried[0].held_out:.3f}, loss {choice.tried[0].held_out_loss:.3f}"
    )


def test_the_same_choice_in_every_run():
    before = torch.get_rng_state()
    first = chosen()
    torch.manual_seed(7)
    assert chosen() == first
    torch.set_rng_state(before)


def test_rates_that_diverge_are_dropped():
    choice = chosen(rows("regression"), ladder=(1e38, 0.01))
    assert choice.rate == 0.01
    assert str(choice).endswith("rate 1e+38: diverged")
    with pytest.raises(ModelError, match=r"Every rate from 1e\+37 on diverged"):
        chosen(rows("regression"), ladder=(1e38, 1e37))


def test_short_runs_are_no_longer_than_the_whole():
    assert chosen(steps=10).steps == 10
    assert chosen(steps=60).steps == 20


def test_every_run_can_be_watched():
    class Counting(TuningWatch):
        def step(self, loss):
            seen.append(1)

    seen, rates = [], []

    def watch_of(rate):
        rates.append(rate)
        return Counting()

    examples = rows()
    objective, settings = ready(examples, steps=30)
    choice = choose_rate(Small, examples, objective, settings, watch_of=watch_of)
    assert rates == [one.rate for one in choice.tried] and len(seen) == 4 * 20


def test_the_penalty_is_part_of_it():
    calls = []

    def penalty(network, features, outputs, numbers, view):
        calls.append(len(numbers))
        return outputs.sum() * 0

    choice = chosen(penalty=penalty, ladder=(0.01, 0.1))
    assert len(calls) == 2 * choice.steps


def test_ladders_suit_the_optimiser_and_the_network():
    from types import SimpleNamespace

    examples = rows()
    sgd, adamw = (ready(examples, optimiser=name)[1] for name in ("sgd", "adamw"))
    table = SimpleNamespace(body=torch.nn.Sequential(torch.nn.EmbeddingBag(5, 3), torch.nn.Flatten()))
    assert (ladder_of(Small(), sgd), ladder_of(Small(), adamw), ladder_of(table, adamw)) == (
        SGD,
        ADAMW,
        TABLES,
    )


def test_nothing_to_judge_by():
    whole = rows()
    everything, none = np.arange(60), np.arange(0)
    examples = Examples(whole.views, whole.targets, whole.task, Parts(everything, none, none))
    with pytest.raises(InputError, match="give the rate"):
        chosen(examples)


class Late:
    """A penalty that is no number from some step of each run at the highest rate on, behind its first look."""

    def __init__(self, after):
        self.after, self.seen = after, 0

    def __call__(self, network, features, outputs, numbers, view):
        self.seen += 1
        lost = self.seen > self.after
        return outputs.sum() * (float("nan") if lost else 0.0)


def test_a_rate_that_diverges_behind_its_first_look_is_dropped():
    """However good it looked before: the whole run would end there."""
    first = chosen(ladder=(0.003, 0.1))
    assert first.rate == 0.1
    again = chosen(ladder=(0.003, 0.1), penalty=Late(first.steps + 20))
    assert again.rate == 0.003
    assert [one.diverged for one in again.tried] == [False, True]


def test_rates_that_are_kept_are_not_tried_again():
    def keep(one):
        told.append(one)

    told = []
    examples = rows()
    objective, settings = ready(examples, rate=None, steps=120)
    whole = choose_rate(Small, examples, objective, settings, keep=keep)
    assert tuple(told) == whole.tried
    kept, told[:] = whole.tried[1:3], []
    again = choose_rate(Small, examples, objective, settings, kept=kept, keep=keep)
    assert again == whole and [one.rate for one in told] == [SGD[0], SGD[3]]
