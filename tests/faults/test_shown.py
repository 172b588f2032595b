"""Names of HTML, Markdown, ANSI escapes and new lines: shown letter by letter wherever they are shown."""

from __future__ import annotations

import csv
import io
import json
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from faults import seeds
from faults.judge import check_sentence
from rich.console import Console

from audition.cache import Cache, FeatureKey
from audition.data import open_dataset
from audition.errors import AuditionWarning, InputError, MissingExtraError, UnknownNameError, printable
from audition.models import CallableModel
from audition.ranking import Ranking, rank
from audition.ranking.candidates_file import save_candidates
from audition.ranking.standings import Row
from audition.ranking.words import print_ranking

HOSTILE = (
    "<script>alert(1)</script>\x1b[31m\x1b]0;title\x07\r\n1  zoo:best|a`b`[x](javascript:y)[red]\u202e\x9b2J"
)
"""A name that would run in a page, colour a terminal, forge a row of a table, and turn text around."""

CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TAGS = re.compile(r"<script|<img|javascript:[^)]*\)\s*>", re.IGNORECASE)


def plain(text: str, *, rows: int | None = None) -> None:
    """On a terminal: nothing that moves a cursor or colours what follows, and no row more."""
    found = CONTROLS.search(text)
    assert found is None, f"{found[0]!r} in {text[max(0, found.start() - 40) : found.end() + 40]!r}"
    assert "\n1  zoo:best" not in text, "a name made a row of its own"


def escaped(html: str) -> None:
    """In a page: no element that a name brought along."""
    assert "<script>alert" not in html and "&lt;script&gt;" in html


def ranking(name: str = HOSTILE) -> Ranking:
    rows = (
        Row(name, name, 1, {"logme": 1.0}, {"logme": 1.0}, 1.0, 3, notes=(name,)),
        Row(name, "b", 2, {"logme": 0.5}, {"logme": 2.0}, 2.0, 3),
        Row(f"{name}2", "", error=f"it is {name}"),
    )
    return Ranking(rows, ("logme",), "logme", name, "classification", 4, (name,), 0.0, "0.1.0")


def test_a_terminal() -> None:
    """What is printed of a ranking, in full and narrow; colours are rich's own, and off here."""
    for width in (60, 300):
        file = io.StringIO()
        print_ranking(ranking(), Console(file=file, width=width, color_system=None, force_terminal=True))
        plain(file.getvalue())
    plain(repr(ranking()))
    plain(ranking().verdict)


def test_a_page_of_a_notebook() -> None:
    escaped(ranking()._repr_html_())
    plain(ranking()._repr_html_().replace("\n", ""))


def test_json(tmp_path: Path) -> None:
    """It comes back as it is shown, also where it was put into the file by hand."""
    text = ranking().to_json()
    plain(text)
    assert json.loads(text)["rows"][0]["model"] == printable(HOSTILE)
    ranking("\ud800").save(tmp_path / "r.json")
    assert Ranking.load(tmp_path / "r.json")["\ud800"].layer == "\\ud800"
    changed = text.replace(json.dumps(printable(HOSTILE))[1:-1], json.dumps(HOSTILE)[1:-1])
    (tmp_path / "s.json").write_text(changed)
    assert "\\u001b[31m" in changed
    assert Ranking.load(tmp_path / "s.json") == ranking()


def test_a_frame_and_its_csv(framework: Any) -> None:
    """Quoted, so that a line break is no row."""
    framework("pandas")
    text = ranking().to_frame().to_csv(index=False)
    assert [row["model"] for row in csv.DictReader(io.StringIO(text, newline=""))][:2] == [
        printable(HOSTILE)
    ] * 2


def test_a_file_of_candidates(tmp_path: Path) -> None:
    save_candidates(ranking(), tmp_path / "c.toml")
    plain((tmp_path / "c.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("end", [".html", ".md", ".txt", ".json"])
def test_a_report(tmp_path: Path, end: str) -> None:
    ranking().report(tmp_path / f"r{end}")
    text = (tmp_path / f"r{end}").read_text(encoding="utf-8")
    plain(text)
    if end == ".html":
        escaped(text)
    if end == ".md":
        assert "<script>" not in text


def test_classes_folders_and_models_from_the_data_to_the_table(tmp_path: Path, framework: Any) -> None:
    """A class folder and a file may be called so; the network, too."""
    framework("PIL")
    odd = HOSTILE.replace("/", "")
    for label in (odd, "dog"):
        (tmp_path / odd / label).mkdir(parents=True)
        for place in range(4):
            (tmp_path / odd / label / f"{place}{odd[:40]}.png").write_bytes(seeds.image("PNG"))
    (tmp_path / odd / "dog" / f"bad{odd}.png").write_bytes(b"no picture")
    data = open_dataset(tmp_path / odd)

    def forward(batch: Any) -> Any:
        return {odd: batch.reshape(len(batch), -1)[:, :4] + np.arange(len(batch))[:, None]}

    model = CallableModel(odd, forward, kind="image", layers=(odd,))
    found = rank(model, data, metrics="logme", skip_bad=True)
    plain(repr(found))
    assert found.data == printable(odd) and len(found.skipped) == 1


def test_a_cache_that_is_listed(tmp_path: Path, capsys: Any) -> None:
    from audition.cli.run import run

    cache = Cache(tmp_path)
    cache.entry(FeatureKey(HOSTILE, "1", "2"), data=HOSTILE).append(0, {HOSTILE: np.ones((2, 2))})
    assert run(["cache", "ls", "--cache", str(tmp_path)]) == 0
    plain(capsys.readouterr().out)


def test_what_the_command_line_says_of_what_it_was_given(capsys: Any) -> None:
    """Of every word of a command that is wrong: on standard error, in one line."""
    from audition.cli.run import run

    name = HOSTILE.replace("\n", " ")
    for words in (
        ["rank", "-m", name, "-d", "x"],
        ["rank", "-m", "zoo:*", "-d", name],
        [name],
        ["metrics", name],
        ["cache", name],
    ):
        assert run(words) == 2
        said = capsys.readouterr()
        plain(said.out + said.err)
        assert len(said.err.strip().splitlines()) == 1


def test_the_card_and_the_predictions_of_a_tuned_model(
    tmp_path: Path, framework: Callable[[str], Any]
) -> None:
    for name in ("torch", "onnx", "PIL"):
        framework(name)
    from tuning.tuned_models import pictures, tuned_of

    from audition import load_tuned

    tuned = tuned_of(classes=(HOSTILE, "b"), provenance={"model": HOSTILE, "data": HOSTILE})
    tuned.save(tmp_path / "tuned")
    card = (tmp_path / "tuned" / "README.md").read_text(encoding="utf-8")
    plain(card)
    assert "<script>" not in card and re.search(r"(?<!\\)\]\(javascript", card) is None
    plain((tmp_path / "tuned" / "config.json").read_text(encoding="utf-8"))
    again = load_tuned(tmp_path / "tuned")
    plain(repr(again))
    found = again.predictions(pictures(4))
    plain(repr(found))
    found.to_csv(tmp_path / "p.csv")
    with open(tmp_path / "p.csv", newline="", encoding="utf-8") as file:
        assert {row["prediction"] for row in csv.DictReader(file)} <= {HOSTILE, "b"}


@pytest.mark.parametrize(
    "error",
    [
        InputError(HOSTILE),
        UnknownNameError("layer of zoo:x", HOSTILE, ["last"]),
        MissingExtraError("torch", "torch"),
        AuditionWarning(HOSTILE * 100),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_are_one_line_and_the_same_in_another_process(error: Exception) -> None:
    check_sentence(str(error))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
