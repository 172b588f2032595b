"""The rates that were tried are kept in a file that is whole at any time, and read for the same run only."""

import json
from math import nan

import pytest

pytest.importorskip("torch", reason="torch is not installed")

from audition.errors import InputError
from audition.tuning.runs.rate import Tried
from audition.tuning.runs.rates_kept import NAME, RatesKept, interrupted

RUN = {"settings": json.dumps({"epochs": 3}), "data": "d", "model": "m", "penalty": "p"}
GOOD, LOST = Tried(0.01, 0.1 + 0.2, 1 / 3), Tried(0.1, nan, nan)


def test_what_is_kept_comes_back_to_the_last_digit(tmp_path):
    kept = RatesKept(tmp_path / "new", RUN)
    assert kept.begin(resume=False) == ()
    assert (tmp_path / "new" / NAME).is_file()
    kept.keep(GOOD)
    kept.keep(LOST)
    first, second = RatesKept(tmp_path / "new", RUN).begin(resume=True)
    assert first == GOOD
    assert second.rate == 0.1 and second.diverged


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    kept = RatesKept(None, {})
    assert kept.begin(resume=False) == ()
    kept.keep(GOOD)
    assert kept.tried == (GOOD,) and not list(tmp_path.iterdir())


def test_what_is_there_is_not_overwritten_unasked(tmp_path):
    RatesKept(tmp_path, RUN).begin(resume=False)
    with pytest.raises(InputError, match=r"is there already: resume=True \(--resume\)"):
        RatesKept(tmp_path, RUN).begin(resume=False)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"settings": json.dumps({"epochs": 5})}, "was made with epochs=3, not 5"),
        ({"data": "e"}, "belongs to other data"),
    ],
)
def test_rates_of_another_run_are_refused(change, said, tmp_path):
    RatesKept(tmp_path, RUN).begin(resume=False)
    with pytest.raises(InputError, match=said):
        RatesKept(tmp_path, RUN | change).begin(resume=True)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 1, "of": 3, "tried": []}', '{"version": 1, "of": {}, "tried": []}', "[" * 10_000,
     json.dumps({"version": 1, "of": RUN, "tried": [[1]]}), json.dumps({"version": 2, "of": RUN, "tried": []}),
     json.dumps({"version": 1, "of": RUN | {"settings": "["}, "tried": []})],
)  # fmt: skip
def test_a_file_that_is_damaged(text, tmp_path):
    (tmp_path / NAME).write_text(text)
    with pytest.raises(InputError, match="is no whole list of rates: remove it to begin anew"):
        RatesKept(tmp_path, RUN).begin(resume=True)


def test_a_folder_that_takes_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        RatesKept(tmp_path / "file", RUN).begin(resume=False)


def test_an_interrupt_says_how_to_go_on():
    said = "Stopped while rates were tried, of which {} kept: resume=True (--resume) tries the others."
    assert [interrupted(1), interrupted(2)] == [said.format("1 is"), said.format("2 are")]
