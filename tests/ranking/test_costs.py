"""What may be spent: candidates beyond it keep a row that says so, and are not run where that is known before."""

import time

import numpy as np
import pytest

import audition
from audition.cli.run import run
from audition.errors import InputError
from audition.ranking.costs import limits_of, seconds_of

DATA = (np.random.default_rng(0).normal(size=(60, 4)), np.arange(60) % 2)


def model(name, parameters, seconds=0.0, seen=None):
    def forward(rows):
        time.sleep(seconds * len(rows))
        if seen is not None:
            seen.append(len(rows))
        return rows + len(name)

    return audition.CallableModel(name, forward, "rows", parameters=parameters)


def test_too_many_parameters_are_not_even_run():
    seen = []
    ranking = audition.rank(
        [model("small", 10), model("large", 10**6, seen=seen)], DATA, metrics="logme", budget="1k params"
    )
    assert [row.model for row in ranking.placed] == ["small"]
    assert ranking["large"].error == "beyond the budget: parameters: 1M, more than 1k."
    assert seen == []


def test_too_slow_is_found_when_it_has_run():
    ranking = audition.rank([model("fast", 1), model("slow", 1, 5e-3)], DATA, metrics="logme", budget=["2ms"])
    assert [row.model for row in ranking.placed] == ["fast"]
    assert "time a sample" in ranking["slow"].error


def test_nothing_that_is_no_budget():
    with pytest.raises(InputError, match="is no budget. Write it as 20M params"):
        audition.rank([model("small", 10)], DATA, budget="much")
    with pytest.raises(InputError, match="knows parameters, weights and time, not '2 GFLOPs'"):
        audition.rank([model("small", 10)], DATA, budget=["1k params", "2 GFLOPs"])


@pytest.mark.parametrize("budget", [600, 2.5, [600], ["10m", None], {"10m"}])
def test_a_budget_is_text(budget):
    with pytest.raises(InputError, match="'10m' for the whole run; got "):
        audition.rank([model("small", 10)], DATA, budget=budget)


def test_no_budget_is_none():
    assert limits_of(None) == () and seconds_of(None) is None
    assert len(audition.rank([model("small", 10)], DATA, metrics="logme", budget=None).placed) == 1


@pytest.mark.parametrize(("text", "run"), [("20s", "'0m 20s'"), ("90 s", "'1m 30s'"), ("120s", "'2m'")])
def test_so_long_a_sample_is_rather_a_run(text, run):
    with pytest.raises(
        InputError, match=f"'{text}' would be what one sample may take: .* {run}; if .* a sample'"
    ):
        limits_of(text)
    assert seconds_of(run.strip("'")) == limits_of(f"{text} a sample")[0].most


@pytest.mark.parametrize("text", ["20M", "20", "1.5 b", "7k"])
def test_a_count_of_nothing(text):
    with pytest.raises(InputError, match=f"'{text}' is no budget: of what"):
        limits_of(text)


def test_weights_are_four_bytes_a_parameter():
    ranking = audition.rank([model("small", 10), model("large", 2000)], DATA, metrics="logme", budget="4kB")
    assert ranking["large"].error == "beyond the budget: weights: 8 kB, more than 4 kB."


def test_the_consensus_shows_what_candidates_cost():
    ranking = audition.rank(
        [model("small", 10), model("large", 10**6)], DATA, metrics="logme", order="consensus"
    )
    assert "params" in str(ranking) and "a sample" in str(ranking)


def test_on_the_command_line(framework, capsys):
    framework("onnxruntime")
    framework("PIL")
    words = ["rank", "-m", "zoo:*mnist", "-d", "sklearn:digits", "--limit", "60", "--no-cache"]
    assert run([*words, "--budget", "84k params", "--max-latency", "10s"]) == 1
    assert "beyond the budget: parameters: 86.9k, more than 84k." in capsys.readouterr().out


def test_a_forecast_leaves_them_out_too():
    told = audition.forecast([model("small", 10), model("large", 10**6)], DATA, budget="1k params")
    assert [each.error is None for each in told.candidates] == [True, False]
    assert "beyond the budget" in str(told)
