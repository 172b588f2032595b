"""`audition compare`."""

import json

import pytest
from reporting.made import ranking

from audition.cli import run


@pytest.fixture
def two(tmp_path):
    ranking(5).save(tmp_path / "before.json")
    ranking(4, seed=1).save(tmp_path / "after.json")
    return [str(tmp_path / "before.json"), str(tmp_path / "after.json")]


def test_side_by_side(two, capsys):
    assert run(["compare", *two]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert out.startswith("4 candidates in both before and after")
    assert "Left: zoo:net-4." in out and "τ_w" in out


def test_json_alone(two, capsys):
    assert run(["compare", *two, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["left"] == ["zoo:net-4"] and len(found["pairs"]) == 4


def test_a_file_that_is_none(two, capsys):
    assert run(["compare", two[0], "none.json"]) == 2
    assert "There is no file 'none.json'" in capsys.readouterr().err
