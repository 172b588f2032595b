"""One order from the measures and from what is known: asked for as an order, with reasons and odds."""

import re
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import audition
from audition.cli.run import run
from audition.errors import InputError
from audition.ranking.words import print_ranking
from audition.truth import read_truth

RNG = np.random.default_rng(0)
LABELS = np.arange(240) % 3
DATA = (
    np.concatenate([np.eye(3)[LABELS] + RNG.normal(size=(240, 3)), RNG.normal(size=(240, 3))], axis=1),
    LABELS,
)


def model(name, columns):
    return audition.CallableModel(name, lambda rows: rows[:, columns], "rows", parameters=7)


MODELS = [model("good", [0, 1, 2]), model("half", [0, 4, 5]), model("none", [3, 4, 5])]


def test_it_orders_says_why_and_how_sure():
    ranking = audition.rank(MODELS, DATA, metrics="logme,regularized_h_score", order="consensus")
    found = ranking.recommendation
    assert [row.model for row in ranking] == [row.model for row in found] == ["good", "half", "none"]
    assert sum(row.best for row in found) == pytest.approx(1)
    assert "Tune good first" in ranking.verdict
    assert "1st of 3 by logme" in str(ranking)
    assert ranking.best.parameters == 7


def test_candidates_that_failed_stay_last():
    broken = audition.CallableModel("broken", lambda rows: 1 // 0, "rows")
    ranking = audition.rank([broken, *MODELS], DATA, metrics="logme", order="consensus")
    assert ranking[3].error and len(ranking.recommendation) == 3


def test_past_results_count(tmp_path):
    past = tmp_path / "past.csv"
    lines = [
        f"{name},set{i},{accuracy}"
        for name, accuracy in (("good", 60), ("half", 70), ("none", 90))
        for i in range(6)
    ]
    past.write_text("model,dataset,accuracy\n" + "\n".join(lines), encoding="utf-8")
    plain = audition.rank(MODELS, DATA, metrics="logme", order="consensus").recommendation
    told = audition.rank(MODELS, DATA, metrics="logme", order="consensus", history=read_truth(past))
    assert told.recommendation["none"].mean > plain["none"].mean


def test_files_hold_it(tmp_path):
    ranking = audition.rank(MODELS, DATA, metrics="logme", order="consensus")
    ranking.save(tmp_path / "ranking.json")
    loaded = audition.Ranking.load(tmp_path / "ranking.json")
    assert loaded == ranking
    assert loaded.recommendation == ranking.recommendation


def test_layers_have_none():
    with pytest.raises(InputError, match="Nothing is known of layers beside their scores"):
        audition.rank_layers(MODELS[0], DATA, metrics="logme", order="consensus")


def test_history_wants_the_order_that_learns(capsys, tmp_path):
    words = ["rank", "-m", "zoo:cnn-mnist", "-d", "sklearn:digits", "--history", str(tmp_path / "past.csv")]
    assert run([*words, "--order", "logme"]) == 2
    assert "leave --order logme out" in capsys.readouterr().err


def test_notebooks_show_the_odds_and_what_candidates_cost():
    ranking = audition.rank(MODELS, DATA, metrics="logme", order="consensus")
    page = ranking._repr_html_()
    assert ">best</th>" in page and ">a sample</th>" in page and ">scoring</th>" not in page
    assert page.count(" %</td>") == len(ranking)
    assert ">scoring</th>" in audition.rank(MODELS, DATA, metrics="logme")._repr_html_()


def test_one_candidate_is_compared_with_none():
    text = str(audition.rank(MODELS[:1], DATA, metrics="logme", order="consensus"))
    assert "good is the only candidate." in text
    assert not any(words in text for words in ("in the middle", "%", "points", "a star", "7*"))


def test_stars_are_told_of_where_they_are_shown():
    def shown(width):
        console = Console(file=StringIO(), width=width, color_system=None)
        print_ranking(audition.rank(MODELS, DATA, metrics="logme,lfc", order="consensus"), console)
        return console.file.getvalue()

    wide, narrow = shown(160), shown(40)
    assert "7*" in wide and "; a star: none is expected to be better for less." in wide
    assert "params" not in narrow and "a star" not in narrow
    assert "of the differences." in narrow


def test_lines_end_without_blanks_and_one_minus_sign_is_used():
    console = Console(file=StringIO(), width=80, color_system=None)
    print_ranking(audition.rank(MODELS, DATA, metrics="logme,leep", order="logme"), console)
    lines = console.file.getvalue().split("\n")
    assert lines == [line.rstrip() for line in lines]
    assert not re.search(r"(?<!\w)-\d", console.file.getvalue())
