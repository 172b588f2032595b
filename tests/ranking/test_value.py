"""A ranking as a value, and every view of it."""

import io
import json
import math
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from audition.errors import InputError, MissingExtraError, UnknownNameError
from audition.ranking.order import check_order, in_order
from audition.ranking.standings import Row
from audition.ranking.table import header, number, print_table
from audition.ranking.value import Ranking
from audition.ranking.words import verdict


def row(model, layer="features", error=None, **scores):
    return Row(model, layer, scores=scores, columns=8, feature_seconds=0.5, scoring_seconds=0.1, error=error)


def ranking(*rows, metrics=("logme", "lfc"), order="mean place"):
    return Ranking(in_order(rows, metrics, order), metrics, order, "digits", "classification", 100)


THREE = ranking(
    row("a", logme=1.0, lfc=0.1),
    row("<b>", logme=3.0, lfc=0.3),
    row("c[bold]", logme=2.0, lfc=0.2),
    row("d", error="it broke"),
)


class TestOrder:
    def test_by_mean_place(self):
        assert [r.model for r in THREE] == ["<b>", "c[bold]", "a", "d"]
        assert [r.place for r in THREE] == [1, 2, 3, None]
        assert [r.mean_place for r in THREE] == [1, 2, 3, None]

    def test_by_one_measure(self):
        rows = [row("a", logme=1.0, lfc=0.9), row("b", logme=2.0, lfc=0.1)]
        assert ranking(*rows, order="logme")[0].model == "b"
        assert ranking(*rows, order="lfc")[0].model == "a"

    def test_equal_scores_share_their_places(self):
        value = ranking(row("a", logme=1.0), row("b", logme=1.0), row("c", logme=0.0), metrics=("logme",))
        assert [r.places["logme"] for r in value] == [1.5, 1.5, 3]

    def test_a_model_without_some_score_is_placed_by_the_others(self):
        value = ranking(row("a", logme=1.0, lfc=None), row("b", logme=2.0, lfc=0.5))
        assert value["a"].places == {"logme": 2, "lfc": None}
        assert value["a"].mean_place == 2
        assert value["b"].mean_place == 1
        assert "lfc is not counted in the order: a has none." in repr(value)

    def test_the_mean_place_is_over_what_all_have(self):
        rows = [row("a", logme=1.0, lfc=9.0), row("b", logme=2.0), row("c", logme=0.0, lfc=8.0)]
        value = ranking(*rows)
        assert [(r.model, r.mean_place) for r in value] == [("b", 1), ("a", 2), ("c", 3)]
        assert "against –" not in value.verdict and "first by logme" in value.verdict

    def test_nothing_in_common(self):
        value = ranking(
            row("a", logme=1.0),
            row("b", lfc=1.0),
            row("c", lfc=0.0, gbc=1.0),
            metrics=("logme", "lfc", "gbc"),
        )
        assert [r.model for r in value] == ["c", "a", "b"]
        assert "No measure gave every candidate a score" in repr(value)
        assert "–" not in value.verdict

    def test_a_model_without_any_score_fails(self):
        silent = replace(row("a", logme=None, lfc=None), notes=("logme: it is flat",))
        value = ranking(silent, row("b", logme=2.0, lfc=1.0))
        assert [(r.model, r.place) for r in value] == [("b", 1), ("a", None)]
        assert value["a"].error == "no measure gave a score: it is flat"
        assert ranking(silent).verdict.startswith("None of the candidates could be ranked: no measure gave")

    def test_a_model_without_the_score_that_orders_fails(self):
        value = ranking(row("a", logme=1.0, lfc=None), row("b", logme=0.0, lfc=0.5), order="lfc")
        assert [r.place for r in value] == [1, None]
        assert value["a"].error == "lfc gave no score."

    def test_infinite_scores_have_places(self):
        value = ranking(row("a", logme=-math.inf), row("b", logme=math.inf), metrics=("logme",))
        assert value.best.model == "b"

    def test_the_order_must_be_asked_for(self):
        with pytest.raises(UnknownNameError, match="Did you mean 'logme'"):
            check_order("logm", ["logme", "lfc"])
        assert check_order(None, ["logme"]) == "logme"


class TestValue:
    def test_iterate_and_index(self):
        assert len(THREE) == 4
        assert THREE[0] is THREE["<b>"] is THREE.best
        assert [r.model for r in THREE.failed] == ["d"]
        with pytest.raises(UnknownNameError, match="no model 'z' in this ranking"):
            THREE["z"]

    def test_json_and_back(self, tmp_path):
        path = tmp_path / "ranking.json"
        THREE.save(path)
        assert Ranking.load(path) == THREE
        assert json.loads(path.read_text())["rows"][0]["model"] == "<b>"
        assert [p.name for p in tmp_path.iterdir()] == ["ranking.json"]

    def test_infinity_survives_json(self, tmp_path):
        value = ranking(row("a", logme=math.inf), row("b", logme=-math.inf), metrics=("logme",))
        value.save(tmp_path / "r.json")
        assert Ranking.load(tmp_path / "r.json") == value
        json.loads(value.to_json(), parse_constant=pytest.fail)

    def test_nothing_is_overwritten(self, tmp_path):
        path = tmp_path / "ranking.json"
        path.write_text("mine")
        with pytest.raises(InputError, match="exists already"):
            THREE.save(path)
        assert path.read_text() == "mine"

    @pytest.mark.parametrize(
        "text", ["{", "[]", "{}", '{"format": "audition-ranking", "format_version": 99}']
    )
    def test_foreign_files_are_refused(self, tmp_path, text):
        path = tmp_path / "r.json"
        path.write_text(text)
        with pytest.raises(InputError, match=r"is not a ranking"):
            Ranking.load(path)

    def test_missing_file(self, tmp_path):
        with pytest.raises(InputError, match="There is no file"):
            Ranking.load(tmp_path / "none.json")

    @pytest.mark.parametrize("content", [b"\xff\xfe\x00", b'{"rows": 3}', b"[" * 100_000])
    def test_damaged_files(self, tmp_path, content):
        (tmp_path / "r.json").write_bytes(content)
        with pytest.raises(InputError, match="is not a ranking"):
            Ranking.load(tmp_path / "r.json")

    def test_rows_that_are_none(self, tmp_path):
        values = THREE.to_dict() | {"rows": ["a"]}
        (tmp_path / "r.json").write_text(json.dumps(values))
        with pytest.raises(InputError, match="is not a ranking"):
            Ranking.load(tmp_path / "r.json")

    def test_slices_and_positions(self):
        assert THREE[:2] == THREE.rows[:2]
        assert THREE[-1].model == "d"
        with pytest.raises(IndexError, match=r"no row 9: this ranking has 4 rows, 0 to 3"):
            THREE[9]

    def test_names_that_are_no_unicode(self, tmp_path):
        value = ranking(row("a\udc80", logme=1.0), row("b", logme=0.0), metrics=("logme",), order="logme")
        value.save(tmp_path / "r.json")
        assert Ranking.load(tmp_path / "r.json") == value

    def test_without_a_frame_library(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "pandas", None)
        monkeypatch.setitem(sys.modules, "polars", None)
        with pytest.raises(MissingExtraError, match=r"to_frame needs pandas or polars: pip install 'audit"):
            THREE.to_frame()

    def test_frame(self, framework):
        framework("pandas")
        frame = THREE.to_frame()
        assert list(frame["model"]) == ["<b>", "c[bold]", "a", "d"]
        assert list(frame.columns)[:5] == ["place", "model", "layer", "logme", "lfc"]

    def test_none_ranked(self):
        value = ranking(row("a", error="no"))
        assert "None of the candidates" in value.verdict
        with pytest.raises(InputError, match="No candidate could be ranked"):
            value.best  # noqa: B018


class TestWords:
    def test_text(self):
        text = repr(THREE)
        assert "4 candidates on digits, 100 items, ordered by their mean place" in text
        assert "c[bold]" in text  # not read as markup
        assert "d failed: it broke" in text
        assert text.endswith(THREE.verdict)

    def test_html_is_escaped(self):
        html = THREE._repr_html_()
        assert "&lt;b&gt;" in html and "<b>" not in html.replace(f"<b>{THREE.verdict}</b>", "").replace(
            "<b>Take", ""
        )
        assert html.count("<tr>") == 5

    def test_verdict_names_the_second_and_the_gap(self):
        assert verdict(THREE) == (
            "Take <b>: first by 2 of 2 measures (logme, lfc). "
            "Second is c[bold], 1 place behind on average (logme 3.0000 against 2.0000)."
        )

    def test_verdict_of_a_close_race_says_so(self):
        names = ("logme", "lfc", "gbc")
        value = ranking(
            row("a", logme=2.0, lfc=0.1, gbc=2.0), row("b", logme=1.0, lfc=0.2, gbc=1.0), metrics=names
        )
        assert "Second is b, so close that it is worth tuning too" in value.verdict

    def test_verdict_of_one_measure(self):
        value = ranking(row("a", logme=2.0), row("b", logme=1.0), metrics=("logme",), order="logme")
        assert value.verdict == "Take a: first by logme. Second is b: logme 2.0000 against 1.0000."

    def test_verdict_of_a_tie(self):
        value = ranking(row("a", logme=2.0, lfc=0.1), row("b", logme=1.0, lfc=0.2))
        assert value.verdict == ("a and b are level: the same mean place, 1.5 (logme 2.0000 against 1.0000).")
        value = ranking(row("a", logme=2.0), row("b", logme=2.0), metrics=("logme",), order="logme")
        assert value.verdict == "a and b are level: logme 2.0000 for both."

    def test_one_candidate(self):
        value = ranking(row("a", logme=2.0, lfc=0.1))
        assert value.verdict == "a is the only candidate."
        assert "1 candidate on digits" in repr(value)
        value = ranking(row("a", logme=2.0, lfc=0.1), row("b", error="no"))
        assert value.verdict == "a is the only candidate that could be ranked."

    def test_second_is_of_another_model(self):
        rows = [row("a", "top", logme=3.0), row("a", "stem", logme=2.0), row("b", "top", logme=1.0)]
        value = ranking(*rows, row("b", "stem", logme=0.0), metrics=("logme",), order="logme")
        assert value.verdict == (
            "Take a (layer top): first by logme. "
            "The best of another model is b (layer top): logme 3.0000 against 1.0000."
        )

    @pytest.mark.parametrize("width", [50, 80, 160])
    def test_nothing_is_cut_at_any_width(self, width):
        names = ("logme", "lfc", "h_score", "regularized_h_score", "transrate", "gbc", "logme:exact")
        rows = [
            row(f"zoo:resnet-cifar10_number_{i}", **{name: -1234.5 * i - j for j, name in enumerate(names)})
            for i in range(1, 4)
        ]
        value = ranking(*rows, metrics=names)
        console = Console(file=io.StringIO(), width=width)
        print_table(value, console)
        text = console.file.getvalue()
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= width
        lines = [line.split() for line in text.splitlines()]
        for one in value:
            cells = [cell for line in lines if one.model in line for cell in line]
            assert {number(score) for score in one.scores.values()} <= set(cells)
            assert all(line[0] == str(one.place) for line in lines if one.model in line)
        assert ("0.50 s" in text) == (width == 160)  # seconds are the first to go

    def test_html_columns(self):
        html = THREE._repr_html_()
        assert "mean place</th>" in html and ">layer<" not in html
        value = ranking(row("a", "x", logme=1.0), row("a", "y", logme=0.0), metrics=("logme",), order="logme")
        assert ">layer<" in value._repr_html_() and "mean place" not in value._repr_html_()

    def test_verdict_of_layers(self):
        value = ranking(
            row("a", "stem", logme=1.0), row("a", "top", logme=2.0), metrics=("logme",), order="logme"
        )
        assert value.verdict.startswith("Take layer top: first by logme. Second is stem")

    @pytest.mark.parametrize(
        ("value", "shown"),
        [(None, "–"), (0.12344, "0.1234"), (-55.5, "−55.500"), (1e-9, "1e-09"), (math.inf, "inf")],
    )
    def test_numbers(self, value, shown):
        assert number(value) == shown

    def test_long_headers_break(self):
        assert header("regularized_h_score") == "regularized_\nh_score"
        assert header("logme") == "logme"
