"""Predictions as a table and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from audition.errors import InputError

pytest.importorskip("torch", reason="torch is not installed")

from audition.tuning.results.given import Given, given_with
from audition.tuning.results.predictions import Predictions
from audition.tuning.rows.answers import Answers

CLASSES = Answers("classification", ("ant", "=bee", "wasp, big"))
OUTPUTS = np.log([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])
FOUND = Predictions(CLASSES, ("a.png", "deep/b.png"), OUTPUTS)


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def printed(found: Predictions, **options: Any) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    found.print_on(console, **options)
    return console.export_text()


def test_classes_have_a_probability_each() -> None:
    assert rows(FOUND.csv()) == [
        ["item", "prediction", "probability of ant", "probability of =bee", "probability of wasp, big"],
        ["a.png", "=bee", "0.2", "0.5", "0.3"],
        ["deep/b.png", "ant", "0.6", "0.3", "0.1"],
    ]
    assert FOUND.labels.tolist() == ["=bee", "ant"]
    assert np.allclose(FOUND.probabilities, np.exp(OUTPUTS))


def test_the_top_ones_alone() -> None:
    assert rows(FOUND.csv(top=2)) == [
        ["item", "prediction", "probability", "prediction 2", "probability 2"],
        ["a.png", "=bee", "0.5", "wasp, big", "0.3"],
        ["deep/b.png", "ant", "0.6", "=bee", "0.3"],
    ]
    assert len(rows(FOUND.csv(top=9))[0]) == 7
    with pytest.raises(InputError, match="positive whole number"):
        FOUND.csv(top=0)


def test_several_labels() -> None:
    answers = Answers("multilabel", ("sea", "sky"))
    found = Predictions(answers, ("a", "b", "c"), np.array([[2.0, 1.0], [-1.0, 0.5], [-3.0, -3.0]]))
    assert [row[:2] for row in rows(found.csv())[1:]] == [["a", "sea; sky"], ["b", "sky"], ["c", ""]]
    assert rows(found.csv())[0][2:] == ["probability of sea", "probability of sky"]
    with pytest.raises(InputError, match="Only of classes"):
        found.csv(top=1)
    assert "sea; sky" in printed(found)


def test_numbers_in_their_units() -> None:
    one = Predictions(
        Answers("regression", ("age",), (40.0,), (10.0,)), ("a", "b"), np.array([[-5.0], [0.05]])
    )
    assert rows(one.csv()) == [["item", "prediction"], ["a", "-10"], ["b", "40.5"]]
    two = Answers("regression", ("w", "h"), (0.0, 1.0), (1.0, 1.0))
    assert rows(Predictions(two, ("a",), np.zeros((1, 2))).csv()) == [
        ["item", "prediction of w", "prediction of h"],
        ["a", "0", "1"],
    ]


def test_the_table_shows_the_likeliest_class() -> None:
    lines = [line.split() for line in printed(FOUND).splitlines()]
    assert lines == [
        ["item", "prediction", "probability"],
        ["a.png", "=bee", "0.5"],
        ["deep/b.png", "ant", "0.6"],
    ]
    odd = Predictions(CLASSES, ("[bold]x[/bold]",), OUTPUTS[:1])
    assert "[bold]x[/bold]" in printed(odd)


def test_a_file_is_never_overwritten(tmp_path: Any) -> None:
    FOUND.to_csv(tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == FOUND.csv()
    with pytest.raises(InputError, match="exists already"):
        FOUND.to_csv(tmp_path / "p.csv", top=1)
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == FOUND.csv()


def test_the_columns_of_a_table_stand_beside_the_items(tmp_path) -> None:
    path = tmp_path / "new.csv"
    path.write_text('id,text,prediction\n7,"one, two",x\n8,three,\n')
    names = ("new.csv, line 3",)
    given = given_with(str(path), names)
    assert given == Given(("id", "text", "prediction"), (("8", "three", ""),))
    found = Predictions(CLASSES, names, OUTPUTS[:1], ("new.csv, line 2",), given)
    header, row = rows(found.csv(top=1))
    assert header == ["item", "id", "text", "prediction (given)", "prediction", "probability"]
    assert row == ["new.csv, line 3", "8", "three", "", "=bee", "0.5"]
    assert given_with(tmp_path, names) == given  # the only table of a folder
    assert given_with(["new.csv"], names) == given_with(path, ("another",)) == Given()


def test_the_columns_of_a_table_at_an_address(framework: Any) -> None:
    framework("upath")
    memory = framework("fsspec").filesystem("memory")
    memory.pipe_file("/bucket/new.csv", b"id,text\n7,one\n8,three\n")
    try:
        for address in ("memory://bucket/new.csv", "memory://bucket"):
            given = given_with(address, ("new.csv, line 3",))
            assert given == Given(("id", "text"), (("8", "three"),))
    finally:
        memory.rm("/bucket", recursive=True)
