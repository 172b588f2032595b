"""`audition rank --race` and `--budget 10m`: what is printed, and what is refused."""

from __future__ import annotations

import json

import pytest

from audition.cli import run

COMMAND = ["rank", "--models", "zoo:*-mnist", "--data", "sklearn:digits", "--no-cache", "--quiet"]


def test_a_race_says_how_far_each_model_ran(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMAND, "--race"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "Raced: all 3 models saw 452 of 1,797 rows" in shown
    assert "of all forward passes." in shown


def test_the_json_of_a_race_holds_every_chance(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMAND, "--race", "--json", "-"]) == 0
    race = json.loads(capsys.readouterr().out)["race"]
    assert race["models"] == 3 and 0 < race["passes"] < 1
    assert all(sum(each["chance"] for each in lap["dropped"]) <= 0.05 for lap in race["laps"])


def test_no_race_runs_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMAND, "--limit", "300", "--no-race"]) == 0
    assert "Raced" not in capsys.readouterr().out


def test_a_time_for_all_of_it_may_stand_beside_what_a_model_may_cost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run([*COMMAND, "--limit", "300", "--budget", "1h 30m", "85k params"]) == 1
    shown = capsys.readouterr().out
    assert "Raced" in shown and "beyond the budget: parameters" in shown


@pytest.mark.parametrize(
    "options, said",
    [
        (["--race", "--resamples", "0"], "leave --resamples out"),
        (["--budget", "0m"], "'0m' is no time to spend. Write it as 10m or 1h 30m."),
        (["--budget", "20s"], "for the whole run write minutes, '0m 20s'"),
        (["--budget", "10m", "2h"], "two times"),
        (["--budget", "20M"], "'20M' is no budget: of what? Write '20M params', or '80MB' of weights."),
        (["--max-latency", "80MB"], "'80MB' is no time that a sample may take: write it as 5ms."),
        (["--max-latency", "soon"], "'soon' is no time that a sample may take: write it as 5ms."),
    ],
)
def test_a_mistake_is_one_sentence(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMAND, *options]) == 2
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error
