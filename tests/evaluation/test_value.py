"""An evaluation as a value: its intervals, its words, its JSON."""

import json

import pytest

import audition
from audition.errors import InputError, UnknownNameError
from audition.evaluation import evaluate
from audition.evaluation.compare import decimals
from audition.evaluation.estimate import model_names
from audition.truth import Truth, load_truth

TRUTH = {"a": 90.0, "b": 80.0, "c": 70.0, "d": 60.0}
SCORES = {"a": 4.0, "b": 3.0, "c": 1.0, "d": 2.0}
TWO = {"cars": TRUTH, "pets": {"a": 60.0, "b": 70.0, "c": 80.0, "d": 90.0}}


class TestIntervals:
    @pytest.fixture(scope="class")
    @staticmethod
    def judged():
        return evaluate("published_scores_tllib")

    def test_every_coefficient_has_one_over_data_sets(self, judged):
        for measure in judged:
            for estimate in judged[measure].values():
                low, high = estimate.interval
                assert low <= estimate.value <= high

    def test_coefficients_of_order_have_one_over_models(self, judged):
        held = judged["nce"]
        with_models = {name for name in held if held[name].over_models is not None}
        assert with_models == {"weighted_tau", "kendall", "spearman", "pearson"}

    def test_few_data_sets_have_none(self):
        scores = {f"m{i}": float(i) for i in range(8)}
        held = evaluate(scores, {name: i + (name == "m3") for i, name in enumerate(scores)})["scores"]
        assert held["kendall"].interval is None and held["kendall"].over_models is not None

    def test_the_seed_decides(self, judged):
        again, other = (evaluate("published_scores_tllib", seed=seed) for seed in (0, 1))
        assert again.to_dict() == judged.to_dict()
        assert other["nce"]["kendall"].interval != judged["nce"]["kendall"].interval
        assert other["nce"]["kendall"].over_models != judged["nce"]["kendall"].over_models

    def test_the_order_of_models_and_data_sets_plays_no_part(self):
        truth = load_truth("published_scores_tllib")
        turned = Truth(
            truth.name, truth.models[::-1], truth.datasets, truth.accuracy[::-1].copy(), truth.scores, "", ()
        )
        one, two = evaluate(truth)["nce"], evaluate(turned)["nce"]
        for name in one:
            assert one[name].interval == pytest.approx(two[name].interval)
            if one[name].over_models:
                assert one[name].over_models == pytest.approx(two[name].over_models)

    def test_models_are_drawn_by_name(self):
        """In the order of a set, which changes from process to process, a seed would not give the same again."""
        truth = load_truth("published_scores_tllib")
        judged = evaluate(truth).judged["nce"]
        assert model_names([judged]) == tuple(sorted(truth.models))

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"confidence": 90}, "confidence is between 0 and 1"),
            ({"resamples": 10}, "100 resamples or more"),
            ({"k": (0,)}, "1 or more"),
            ({"rank": "both"}, "rank is True"),
        ],
    )
    def test_settings_that_make_no_sense(self, options, sentence):
        with pytest.raises(InputError, match=sentence):
            evaluate(SCORES, TRUTH, **options)

    def test_a_misspelt_data_set(self):
        with pytest.raises(UnknownNameError, match="Did you mean 'cars'"):
            evaluate(SCORES, TWO, dataset="casr")


class TestTheValue:
    def test_in_words(self):
        text = repr(evaluate("published_scores_tllib"))
        assert text.startswith(
            "10 models on 8 data sets of published_scores_tllib; 90 % intervals over data sets"
        )
        assert "nce         0.687 0.588 to 0.774" in text
        assert (
            "static list agrees best with fine-tuning (τ_w 0.749); hscore and nce cannot be told from it."
            in text
        )
        assert "Transfer-Learning-Library" in text

    def test_alone_and_best_by_far(self):
        assert "scores agrees with fine-tuning to τ_w" in repr(evaluate(SCORES, TRUTH))
        scores = {"good": {"x": {f"m{i}": float(i) for i in range(30)}}}
        scores["bad"] = {"x": {f"m{i}": -float(i) for i in range(30)}}
        verdict = evaluate(scores, {"x": {f"m{i}": float(i) for i in range(30)}}).verdict
        assert "good agrees best with fine-tuning (τ_w 1.000), and better than each of the others." in verdict

    @pytest.mark.parametrize(
        ("names", "who"),
        [
            (("logme", "lfc"), "Both"),
            (("logme", "lfc", "gbc"), "All three"),
            (tuple("uvwxyz"), "All 6"),
        ],
    )
    def test_measures_that_agree_equally(self, names, who):
        judged = evaluate({name: {"res": TRUTH} for name in names}, {"res": TRUTH})
        assert judged.verdict == (
            f"{who} agree equally with fine-tuning (τ_w 1.000); 4 models are too few to tell measures apart. "
            "Taking their first loses 0.00 of accuracy, in the unit of the truth."
        )

    def test_the_best_that_agree_equally_and_others(self):
        measures = {name: {"x": {f"m{i}": float(i) for i in range(30)}} for name in ("good", "equal", "bad")}
        measures["bad"] = {"x": {f"m{i}": -float(i) for i in range(30)}}
        judged = evaluate(measures, {"x": {f"m{i}": float(i) for i in range(30)}})
        first = "good and equal agree best with fine-tuning (τ_w 1.000), and better than each of the others."
        assert judged.verdict.startswith(first)
        few = evaluate({"good": {"x": TRUTH}, "bad": {"x": SCORES}}, {"x": TRUTH, "y": TRUTH}, dataset="x")
        assert "; 4 models are too few to tell measures apart. Taking" in few.verdict
        assert str(few.compare("good", "good")).startswith(
            "good and good are equally good in weighted_tau; too"
        )

    def test_a_truth_of_one_data_set_without_a_name_is_named_once(self, tmp_path):
        (tmp_path / "res.csv").write_text(
            "model,accuracy\n" + "".join(f"{m},{t}\n" for m, t in TRUTH.items())
        )
        assert repr(evaluate(SCORES, tmp_path / "res.csv")).startswith("4 models on res\n")
        assert repr(evaluate(SCORES, TRUTH)).startswith("4 models on the data of the truth\n")

    def test_zero_has_no_sign(self):
        judged = evaluate({"a": -1.0, "b": 0.0, "c": 1.0}, {"a": 1.0, "b": 0.0001, "c": 0.9999})
        assert -5e-4 < judged["scores"]["pearson"].value < 0
        assert decimals(-1e-9) == "0.000" and decimals(-0.25) == "−0.250" and "−0.000" not in repr(judged)

    def test_without_regret_at_1(self):
        assert "loses" not in evaluate(SCORES, TRUTH, k=(2,)).verdict

    def test_as_json(self, tmp_path):
        judged = evaluate(dict.fromkeys(TRUTH, 1.0), TRUTH, k=(1,))
        judged.save(tmp_path / "judged.json")
        read = json.loads((tmp_path / "judged.json").read_text())
        assert (
            read["format"] == "audition-evaluation" and read["measures"]["scores"]["kendall"]["value"] is None
        )
        assert read["models"] == list(TRUTH) and read["confidence"] == 0.9 and read["seed"] == 0
        with pytest.raises(InputError, match="exists already"):
            judged.save(tmp_path / "judged.json")

    def test_a_misspelt_measure(self):
        with pytest.raises(UnknownNameError, match="Did you mean 'scores'"):
            evaluate(SCORES, TRUTH)["score"]

    def test_names_that_look_like_markup_are_shown_as_they_are(self):
        assert "[bold]x" in repr(evaluate({"[bold]x": {"[red]": SCORES}}, {"[red]": TRUTH}))

    def test_is_public(self):
        assert audition.evaluate is evaluate and audition.load_truth is load_truth
