"""`audition evaluate` and `audition truth`."""

import json

import pytest

from audition.cli import run
from audition.ranking.standings import Row
from audition.ranking.value import Ranking

SCORES = {"resnet34": 1.0, "resnet50": 2.0, "resnet101": 4.0, "resnet152": 3.0}


@pytest.fixture
def ranking(tmp_path):
    rows = tuple(Row(name, "features", i + 1, {"logme": s}) for i, (name, s) in enumerate(SCORES.items()))
    path = tmp_path / "ranking.json"
    Ranking(rows, ("logme",), "logme", "my-cars", "classification", 10).save(path)
    return str(path)


def said(capsys):
    return " ".join(capsys.readouterr().err.split())


def test_published_scores(capsys):
    assert run(["evaluate", "--truth", "published_scores_tllib"]) == 0
    out = capsys.readouterr().out
    assert "nce         0.687 0.588 to 0.774" in out and "static list agrees best" in out
    assert "The NCE scores on DTD repeat those of LogME." in out


def test_a_table_of_the_users_own_and_every_interval(tmp_path, capsys):
    lines = [f"cars,{model},{80 + score},{score}" for model, score in SCORES.items()]
    (tmp_path / "mine.csv").write_text("\n".join(["dataset,model,accuracy,logme", *lines]))
    assert run(["evaluate", str(tmp_path / "mine.csv"), "--details", "--k", "1", "2"]) == 0
    out = capsys.readouterr().out
    assert "4 models on cars of mine" in out and out.count("regret@2") == 2


def test_a_ranking_of_one_data_set(ranking, capsys):
    assert run(["evaluate", ranking, "-t", "supervised_cnn", "--dataset", "cars"]) == 0
    assert "4 models on cars of supervised_cnn" in capsys.readouterr().out
    assert run(["evaluate", ranking, "-t", "supervised_cnn"]) == 2
    assert "none is named 'my-cars'" in said(capsys)


def test_rankings_of_several_data_sets(ranking, capsys):
    words = ["evaluate", f"cars={ranking}", f"pets={ranking}", "--truth", "supervised_cnn"]
    assert run([*words, "--compare", "logme,static list"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "4 models on 2 data sets of supervised_cnn" in out and "logme is worse than static list by" in out


def test_json(tmp_path, capsys):
    words = ["evaluate", "--truth", "published_scores_tllib", "--seed", "3", "--confidence", "0.8", "--json"]
    assert run([*words, "-"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["seed"] == 3 and printed["confidence"] == 0.8 and printed["measures"]["nce"]["top-1"]
    assert run([*words, str(tmp_path / "judged.json")]) == 0
    assert json.loads((tmp_path / "judged.json").read_text()) == printed
    assert run([*words, str(tmp_path / "judged.json")]) == 2
    assert "exists already" in said(capsys)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Say what to judge"),
        (["-t", "supervised_cn"], "Did you mean 'supervised_cnn'"),
        (["-t", "supervised_cnn", "--dataset", "casr"], "Did you mean 'cars'"),
        (["none.csv"], "There is no file 'none.csv'"),
        (["none.json"], "Say by what truth"),
        (["none.json", "-t", "supervised_cnn"], "There is no file 'none.json'"),
        (["a.json", "b.json", "-t", "supervised_cnn"], "'a.json' names no data set"),
        (["x=a.json", "-t", "supervised_cnn"], "There is no file 'a.json'"),
        (["-t", "published_scores_tllib", "--compare", "nce"], "two measures with a comma"),
        (["-t", "published_scores_tllib", "--compare", "nce,logm"], "Did you mean 'logme'"),
        (["-t", "supervised_cnn", "--k", "0"], "1 or more"),
    ],
)
def test_mistakes(words, sentence, capsys):
    assert run(["evaluate", *words]) == 2
    assert sentence in said(capsys)


def test_one_data_set_given_twice(ranking, capsys):
    assert run(["evaluate", f"cars={ranking}", f"cars={ranking}", "-t", "supervised_cnn"]) == 2
    assert "'cars' is given twice" in said(capsys)


def test_the_tables_are_listed_and_shown(capsys):
    assert run(["truth"]) == 0
    out = capsys.readouterr().out
    assert "supervised_cnn" in out and "463" in out
    assert run(["truth", "supervised_cnn"]) == 0
    out = capsys.readouterr().out
    assert "ECCV 2022" in out and "densenet201" in out
    assert run(["truth", "supervised"]) == 2
    assert "Did you mean 'supervised_cnn'" in said(capsys)
