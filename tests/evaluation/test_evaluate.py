"""`evaluate`: whatever scores and truths are given as, what is left out, and the value that comes back."""

import math

import pytest
from scipy.stats import kendalltau, pearsonr, spearmanr, weightedtau

from audition.errors import InputError
from audition.evaluation import evaluate
from audition.ranking.standings import Row
from audition.ranking.value import Ranking
from audition.truth import load_truth

TRUTH = {"a": 90.0, "b": 80.0, "c": 70.0, "d": 60.0}
SCORES = {"a": 4.0, "b": 3.0, "c": 1.0, "d": 2.0}
TWO = {"cars": TRUTH, "pets": {"a": 60.0, "b": 70.0, "c": 80.0, "d": 90.0}}


def ranking(scores, data="data", metrics=("logme",), layers=False):
    rows = tuple(
        Row(
            model="m" if layers else name,
            layer=name if layers else "features",
            place=place,
            scores=dict.fromkeys(metrics, value),
            mean_place=place,
        )
        for place, (name, value) in enumerate(scores.items(), 1)
    )
    order = "mean place" if len(metrics) > 1 else metrics[0]
    return Ranking(rows, metrics, order, data, "classification", 10)


def tau(evaluation, measure):
    return evaluation[measure]["weighted_tau"].value


class TestScores:
    """What scores may be given as."""

    def test_a_mapping_gives_every_coefficient(self):
        held = evaluate(SCORES, TRUTH)["scores"]
        t, s = list(TRUTH.values()), list(SCORES.values())
        expected = {
            "weighted_tau": weightedtau(t, s).statistic,
            "kendall": kendalltau(t, s).statistic,
            "spearman": spearmanr(t, s).statistic,
            "pearson": pearsonr(t, s).statistic,
            "rel@1": 1,
            "rel@3": 1,
            "regret@1": 0,
            "regret@3": 0,
            "top-1": 1,
        }
        assert {name: estimate.value for name, estimate in held.items()} == pytest.approx(expected)

    def test_a_ranking(self):
        assert tau(evaluate(ranking(SCORES), TRUTH), "logme") == tau(evaluate(SCORES, TRUTH), "scores")

    def test_a_ranking_by_several_measures_has_its_mean_place_judged_too(self):
        judged = evaluate(ranking({"a": 4.0, "b": 3.0, "c": 2.0}, metrics=("logme", "lfc")), TRUTH)
        assert set(judged) == {"logme", "lfc", "mean place"}
        assert tau(judged, "mean place") == pytest.approx(1)

    def test_a_ranking_of_layers(self):
        assert tau(evaluate(ranking(SCORES, layers=True), TRUTH), "logme") < 1

    def test_a_ranking_of_layers_of_several_models_stands_with_the_first_of_each(self):
        rows = [("a", "x", 5.0), ("b", "x", 4.0), ("a", "y", 3.0), ("c", "x", 1.0)]
        value = Ranking(
            tuple(Row(m, layer, i + 1, {"logme": s}) for i, (m, layer, s) in enumerate(rows)),
            ("logme",), "logme", "data", "classification", 10,
        )  # fmt: skip
        assert evaluate(value, TRUTH).models == ("a", "b", "c")
        assert tau(evaluate(value, TRUTH), "logme") == pytest.approx(1)

    def test_a_ranking_is_of_the_data_set_that_it_was_made_on(self):
        judged = evaluate(ranking(SCORES, data="/home/me/pets"), TWO)
        assert judged.datasets == ("pets",) and tau(judged, "logme") < 0
        with pytest.raises(InputError, match=r"2 data sets, and none is named 'mine'.*\(cars, pets\)"):
            evaluate(ranking(SCORES, data="mine"), TWO)
        assert tau(evaluate(ranking(SCORES, data="mine"), TWO, dataset="cars"), "logme") > 0

    def test_rankings_and_mappings_by_data_set(self):
        by_value = evaluate({"cars": ranking(SCORES), "pets": ranking(SCORES)}, TWO)
        by_mapping = evaluate({"cars": SCORES, "pets": SCORES}, TWO)
        by_measure = evaluate({"x": {"cars": SCORES, "pets": SCORES}}, TWO)
        assert tau(by_value, "logme") == tau(by_mapping, "scores") == tau(by_measure, "x")

    def test_one_list_stands_for_every_data_set(self):
        assert tau(evaluate(SCORES, TWO), "scores") == tau(
            evaluate({"cars": SCORES, "pets": SCORES}, TWO), "scores"
        )

    def test_files(self, tmp_path):
        ranking(SCORES).save(tmp_path / "ranking.json")
        (tmp_path / "scores.csv").write_text("model,x\n" + "".join(f"{m},{s}\n" for m, s in SCORES.items()))
        (tmp_path / "truth.csv").write_text(
            "model,accuracy\n" + "".join(f"{m},{t}\n" for m, t in TRUTH.items())
        )
        expected = tau(evaluate(SCORES, TRUTH), "scores")
        assert tau(evaluate(tmp_path / "ranking.json", tmp_path / "truth.csv"), "logme") == expected
        assert tau(evaluate(str(tmp_path / "scores.csv"), str(tmp_path / "truth.csv")), "x") == expected

    def test_one_file_with_scores_and_results(self, tmp_path):
        lines = [f"{d},{m},{t},{SCORES[m]}\n" for d, column in TWO.items() for m, t in column.items()]
        (tmp_path / "all.csv").write_text("dataset,model,accuracy,logme\n" + "".join(lines))
        judged = evaluate(tmp_path / "all.csv")
        assert tau(judged, "logme") == tau(evaluate(SCORES, TWO), "scores")
        assert list(judged) == ["logme", "static list"]

    def test_scores_that_stand_beside_a_shipped_table(self):
        by_name, by_value = (
            evaluate(x) for x in ("published_scores_tllib", load_truth("published_scores_tllib"))
        )
        assert by_name.to_dict() == by_value.to_dict()

    @pytest.mark.parametrize(
        ("scores", "truth", "sentence"),
        [
            (SCORES, None, "Say by what truth"),
            ({}, TRUTH, "not nothing"),
            (3, TRUTH, "not a int"),
            (SCORES, 3, "not a int"),
            (SCORES, {}, "not nothing"),
            (SCORES, "supervised_cn", "Did you mean 'supervised_cnn'"),
            ({"a": "high"}, TRUTH, "The score of 'a' is no number: 'high'"),
            (SCORES, {"a": "high"}, "The result of 'a' is no number: 'high'"),
        ],
    )
    def test_what_cannot_be_judged(self, scores, truth, sentence):
        with pytest.raises(InputError, match=sentence):
            evaluate(scores, truth)


class TestWhatIsLeftOut:
    """Nothing is dropped without a word."""

    def test_models_that_one_side_does_not_know(self):
        judged = evaluate({**SCORES, "timm:resnet34_a": 1.0}, {**TRUTH, "resnet34": 50.0, "vgg": 1.0})
        assert any("timm:resnet34_a (did you mean 'resnet34'?) is left out" in note for note in judged.notes)
        assert any("resnet34 and vgg are without any score" in note for note in judged.notes)
        assert judged.models == tuple(TRUTH)

    @pytest.mark.parametrize("ours", ["zoo:{}", "{}"])
    def test_a_name_without_its_source(self, ours):
        theirs = "{}" if ours != "{}" else "zoo:{}"
        scores = {ours.format(name): score for name, score in SCORES.items()}
        judged = evaluate(scores, {theirs.format(name): result for name, result in TRUTH.items()})
        assert tau(judged, "scores") == tau(evaluate(SCORES, TRUTH), "scores")
        (note,) = judged.notes
        assert note.startswith(f"Taken {ours.format('a')} as {theirs.format('a')}, ")
        assert note.endswith(": the truth names models otherwise, the same but for the source.")

    def test_names_that_could_be_two_models_are_left_out(self):
        """Two of the same name from different sources, and one source for another, have other weights."""
        two = evaluate({**SCORES, "timm:x": 1.0, "keras:x": 2.0}, {**TRUTH, "x": 1.0})
        other = evaluate({**SCORES, "timm:x": 1.0}, {**TRUTH, "keras:x": 1.0})
        assert two.models == other.models == tuple(TRUTH)
        assert "keras:x (did you mean 'x'?) and timm:x (did you mean 'x'?) are left out" in " ".join(
            two.notes
        )
        assert "timm:x is left out" in " ".join(other.notes)

    def test_data_sets_that_one_side_does_not_know(self):
        judged = evaluate({"cars": SCORES, "dogs": SCORES}, TWO)
        assert any(note.startswith("dogs is left out") for note in judged.notes)
        assert any(note.startswith("pets is without any score") for note in judged.notes)

    def test_holes(self):
        measures = {"x": {"cars": SCORES, "pets": {"a": 1.0, "b": 2.0, "c": 3.0, "d": math.nan}}}
        judged = evaluate(measures, TWO)
        assert any(note == "x: 1 of 8 results without a score, left out." for note in judged.notes)

    def test_data_sets_with_two_models(self):
        judged = evaluate({"cars": SCORES, "pets": {"a": 1.0, "b": 2.0}}, TWO)
        assert judged.datasets == ("cars",)
        assert any("pets is left out, fewer than 3 models have both" in note for note in judged.notes)

    def test_equal_scores(self):
        judged = evaluate(dict.fromkeys(TRUTH, 1.0), TRUTH)
        assert any("all scores are equal" in note for note in judged.notes)
        assert math.isnan(tau(judged, "scores")) and "No measure has an order" in judged.verdict
        assert judged["scores"]["regret@1"].value == pytest.approx(15)
        with pytest.raises(InputError, match="No measure has an order"):
            _ = judged.best

    def test_fewer_than_three_models_have_no_order(self):
        with pytest.raises(InputError, match="three models or more; at most 2 have both"):
            evaluate({"a": 1.0, "b": 2.0}, TRUTH)
        with pytest.raises(InputError, match="at most 1 has both .* e and f are not among the models"):
            evaluate({"a": 1.0, "e": 2.0, "f": 3.0}, TRUTH)

    def test_what_is_known_to_be_wrong_with_a_shipped_table_is_said(self):
        assert any("NCE scores on DTD" in note for note in evaluate("published_scores_tllib").notes)


class TestTheStaticList:
    """Stands beside, because it beats most measures."""

    def test_is_of_the_models_that_were_scored(self):
        scores = dict.fromkeys(("resnet34", "resnet50", "resnet101", "googlenet"), 1.0)
        judged = evaluate(scores, "supervised_cnn")
        assert judged.models == ("resnet34", "resnet50", "resnet101", "googlenet")
        assert len(judged["static list"]["weighted_tau"].by_dataset) == 11

    def test_knows_the_other_data_sets_where_one_is_judged(self):
        alone = evaluate("published_scores_tllib", dataset="DTD")
        among = evaluate("published_scores_tllib")
        assert alone.datasets == ("DTD",)
        assert tau(alone, "static list") == among["static list"]["weighted_tau"].by_dataset["DTD"]
        assert not any("left out" in note for note in alone.notes)

    def test_needs_several_data_sets(self):
        assert list(evaluate(SCORES, TRUTH)) == ["scores"]

    def test_alone_where_no_scores_are_given(self):
        assert list(evaluate("supervised_cnn")) == ["static list"]
