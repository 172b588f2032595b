"""What a report holds, and its views but the one in a browser."""

import json
import time
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from reporting.made import EVIL, ranking

from audition.data.features import Features
from audition.errors import InputError
from audition.extraction import extract
from audition.ranking import rank, rank_layers
from audition.recommendation import Recommendation, Recommended
from audition.reporting import report
from audition.reporting.html import as_html

VIEWS = (".html", ".md", ".json", ".txt")
TRUTH = {f"zoo:net-{i}": 0.9 - i / 20 for i in range(4)}
ROWS = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
LABELS = [i % 2 for i in range(40)]


class TestAnswer:
    def test_what_to_take_how_sure_and_at_what_cost(self):
        value = ranking()
        found = report(value).answer
        assert found.take == "zoo:net-0"
        assert found.sentences[0] == "Take zoo:net-0: it comes first in 70 % of the resamples of the rows."
        second = value[1].model
        assert found.sentences[1].startswith(f"{second} cannot be told from it; zoo:net-0 has ")
        assert "a sample where it ran" in found.sentences[1]
        said = {fact.what: fact.said for fact in found.facts}
        assert said["First in"] == "70 % of resamples" and said["Not told apart (90 %)"] == "1 of 3 others"
        assert said["To tell the first two apart"] == "about 1,200 more rows"

    def test_a_far_smaller_equal_is_named(self):
        value = ranking()
        rows = [replace(row, parameters=10**7 if i == 0 else 10**5) for i, row in enumerate(value.placed)]
        sentence = report(replace(value, rows=tuple(rows))).answer.sentences[1]
        assert sentence.endswith(f"; of these, {rows[1].model} is far smaller, with 100k.")

    def test_without_intervals_nobody_knows_how_sure(self):
        found = report(ranking(sure=False)).answer
        assert found.sentences[0].endswith(
            "it comes first by mean place; how sure that is cannot be told here."
        )

    def test_a_recommendation_counts_what_is_known(self):
        value = ranking()
        chances = [0.6, 0.25, 0.1, 0.05]
        candidates = tuple(
            Recommended(row.model, row.layer, i + 1, 1 - i / 2, 0.5, chances[i], i / 2, (), False)
            for i, row in enumerate(value.placed)
        )
        value = replace(value, recommendation=Recommendation(candidates, ("logme",), 4.0, "spread", 0.5))
        found = report(value)
        assert found.answer.sentences[0].endswith("the chance that it is the best of all is 60 %.")
        assert found.answer.sentences[1].startswith(
            f"With {value[1].model} and {value[2].model} tuned as well"
        )
        assert "the chance to have the best is 95 %" in found.answer.sentences[1]
        assert [trade.quality for trade in found.trades] == ["expected points"] * 2
        assert found.trades[0].candidates[0].quality == 4.0
        assert "expected points" in as_html(found)

    def test_one_candidate_and_none(self):
        assert (
            report(ranking(1)).answer.sentences[0] == "zoo:net-0 is the only candidate that could be ranked."
        )
        nothing = report(ranking(0)).answer
        assert nothing.take is None and "None of the candidates could be ranked" in nothing.sentences[0]


class TestParts:
    def test_the_front_is_of_those_that_no_cheaper_one_beats(self):
        value = ranking()
        sizes = [300, 200, 400, 100]
        value = replace(value, rows=tuple(replace(row, parameters=n) for row, n in zip(value.placed, sizes)))
        front = report(value).trades[0].front
        assert [each.cost for each in front] == [100, 200, 300]
        assert [each.name for each in front] == [value[i].model for i in (3, 1, 0)]

    def test_agreement_and_disputes(self):
        found = report(ranking(8)).agreement
        assert found.measures == ("logme", "logme+ped", "transrate")
        assert all(found.taus[i][i] == 1 for i in range(3))
        assert found.taus[0][1] == found.taus[1][0] < 1
        gaps = [each.low_place - each.high_place for each in found.disputes]
        assert gaps == sorted(gaps, reverse=True) and min(gaps) >= 2

    def test_before_and_after_ped(self):
        (found,) = report(ranking(6)).shifts
        assert (found.before, found.after) == ("logme", "logme+ped")
        assert sorted(move.after for move in found.moves) == [1, 2, 3, 4, 5, 6]
        (other,) = report(ranking(6, ("logme", "lfc"))).shifts
        assert (other.before, other.after) == ("logme", "lfc")

    def test_layers_of_each_network(self):
        found = report(ranking(2, layers=12)).depths
        assert [each.model for each in found] == [report(ranking(2, layers=12)).ranking[0].model] + [
            each.model for each in found[1:]
        ]
        assert found[0].layers == tuple(f"block{i}" for i in range(12))  # block10 after block9
        trace = found[0].traces[0]
        assert trace.values[found[0].layers.index(trace.best)] == max(trace.values)

    def test_truth_beside_scores(self):
        found = report(ranking(), truth=TRUTH).judged
        taus = [each.tau for each in found.verdicts]
        assert taus == sorted(taus, reverse=True)
        assert {len(each.points) for each in found.verdicts} == {4}

    def test_what_is_absent_is_said(self):
        assert [part for part, _ in report(ranking()).absent] == ["motion", "data", "truth"]
        whole = report(ranking(), data=(ROWS, LABELS), features=features(), truth=TRUTH, tsne=False)
        assert whole.absent == ()

    def test_seconds_count_each_forward_pass_once(self):
        value = ranking(2, layers=3)
        stages = {stage.what: stage.seconds for stage in report(value).ran.stages}
        by_model = {row.model: row.feature_seconds for row in value}
        assert stages["forward passes"] == pytest.approx(sum(by_model.values()))

    def test_what_the_order_does_not_count_is_said(self):
        value = ranking(3, ("logme", "lfc"))
        scores = {"logme": 1.0}
        value = replace(value, rows=(*value.rows[:2], replace(value[2], scores=scores), value[3]))
        found = report(value)
        sentence = f"lfc is not counted in the order: {value[2].model} has none."
        assert sentence in found.to_html() and sentence in found.to_markdown()

    def test_targets_are_not_moved(self):
        data = (np.random.default_rng(0).normal(size=(20, 3)), np.linspace(0.5, 7.25, 20))
        found = report(replace(ranking(), task="regression"), data=data)
        assert found.motion is None and found.data.targets == (0.5, 7.25)
        assert "0.5 to 7.25" in found.to_html()


class TestViews:
    @pytest.mark.parametrize("suffix", VIEWS)
    def test_written_once(self, tmp_path, suffix):
        path = tmp_path / f"report{suffix}"
        report(ranking()).save(path)
        assert "zoo:net-0" in path.read_text(encoding="utf-8")
        with pytest.raises(InputError, match="exists already"):
            report(ranking()).save(path)

    def test_other_names_are_refused(self, tmp_path):
        with pytest.raises(
            InputError, match=r"written as \.html, \.md, \.json, \.txt; .*pdf' is named otherwise"
        ):
            report(ranking()).save(tmp_path / "report.pdf")

    def test_json_holds_every_part(self):
        found = json.loads(report(ranking(), truth=TRUTH).to_json(), parse_constant=pytest.fail)
        assert found["format"] == "audition-report"
        assert found["ranking"]["rows"][0]["model"] == "zoo:net-0"
        assert found["judged"]["verdicts"][0]["points"][0][0] == "zoo:net-0"

    def test_nothing_of_a_name_is_markup(self):
        evil = report(
            ranking(evil=True, layers=2), truth={EVIL: 1.0, "zoo:net-1": 0.5, "zoo:net-2": 0.4}, command=EVIL
        )
        assert EVIL not in evil.to_html()
        assert EVIL not in evil.to_markdown().replace(f"```\n{EVIL}\n```", "")

    def test_markdown_tables_have_the_same_cells_in_every_line(self):
        lines = report(ranking(layers=2), truth=TRUTH).to_markdown().splitlines()
        tables = [line for line in lines if line.startswith("|")]
        assert len(tables) > 20
        for before, after in pairwise(tables):
            if "---" in after:
                assert before.count("|") == after.count("|")

    def test_a_terminal_has_the_answer_first(self):
        text = repr(report(ranking()))
        assert text.index("Take zoo:net-0") < text.index("logme")
        assert "Front by parameters:" in text

    def test_a_notebook_shows_the_page_in_a_frame(self):
        html = report(ranking(evil=True))._repr_html_()
        assert html.startswith("<iframe") and EVIL not in html

    def test_the_same_ranking_gives_the_same_page(self):
        assert report(ranking()).to_html() == report(ranking()).to_html()


class TestSizes:
    def test_fifty_networks_by_twelve_measures_by_twenty_layers(self):
        value = ranking(50, tuple(f"measure_{i}" for i in range(12)), 20)
        began = time.process_time()
        page = report(value).to_html()
        assert time.process_time() - began < 3
        assert len(page.encode()) < 300_000

    def test_a_thousand_candidates(self):
        page = report(ranking(1000, ("logme", "lfc"))).to_html()
        assert len(page.encode()) < 500_000


class TestFromRuns:
    def test_what_a_cache_keeps_is_moved(self, tmp_path, framework):
        framework("onnxruntime")
        data = (
            np.random.default_rng(0).integers(0, 255, (30, 8, 8), dtype=np.uint8),
            ["ab"[i % 2] for i in range(30)],
        )
        value = rank("zoo:cnn-mnist", data, metrics="logme", cache=tmp_path)
        found = report(value, data=data, cache=tmp_path, tsne=False)
        assert found.motion.model == "zoo:cnn-mnist" and found.motion.classes == ("a", "b")
        assert found.data.constant is not None
        without = report(value, data=data, cache=tmp_path / "other", tsne=False)
        assert without.motion is None and "are not kept" in dict(without.absent)["motion"]

    def test_a_saved_ranking_and_saved_features(self, tmp_path, framework):
        framework("onnxruntime")
        data = (
            np.random.default_rng(0).integers(0, 255, (30, 8, 8), dtype=np.uint8),
            ["ab"[i % 2] for i in range(30)],
        )
        rank_layers("zoo:cnn-mnist", data, metrics="logme").save(tmp_path / "ranking.json")
        extract("zoo:cnn-mnist", data).save(tmp_path / "features.safetensors")
        found = report(tmp_path / "ranking.json", features=tmp_path / "features.safetensors", tsne=False)
        assert len(found.depths) == 1 and len(found.depths[0].layers) > 2
        assert found.motion.of == 30


def features():
    labels = tuple("ab"[i] for i in LABELS)
    return Features("zoo:net-0", "made", "classification", labels, {"last": ROWS})
