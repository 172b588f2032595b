"""Two measures on the same models and data sets."""

import numpy as np
import pytest

from audition.errors import InputError, UnknownNameError
from audition.evaluation import evaluate

TRUTH = {"a": 90.0, "b": 80.0, "c": 70.0, "d": 60.0}
SCORES = {"a": 4.0, "b": 3.0, "c": 1.0, "d": 2.0}
TWO = {"cars": TRUTH, "pets": {"a": 60.0, "b": 70.0, "c": 80.0, "d": 90.0}}


def tau(evaluation, measure):
    return evaluation[measure]["weighted_tau"].value


class TestCompare:
    def test_is_the_mean_of_paired_differences(self):
        judged = evaluate("published_scores_tllib")
        found = judged.compare("nce", "leep")
        one, two = (judged[name]["weighted_tau"].by_dataset for name in ("nce", "leep"))
        assert found.value == pytest.approx(np.mean([one[name] - two[name] for name in one]))
        assert found.decided and found.interval[0] > 0 and found.datasets == 8
        assert str(found).startswith("nce is better than leep by 0.268 in weighted_tau (90 %: ")

    def test_the_other_way_round_is_the_negative(self):
        judged = evaluate("published_scores_tllib")
        one, two = judged.compare("nce", "logme"), judged.compare("logme", "nce")
        assert one.value == pytest.approx(-two.value)
        assert not one.decided and "no difference that can be told" in str(one)

    def test_pairing_makes_it_narrower(self):
        """A score and the same with a little noise differ by less than either varies over data sets."""
        rng = np.random.default_rng(0)
        truth = {f"d{i}": {f"m{j}": float(x) for j, x in enumerate(rng.normal(size=12))} for i in range(10)}
        first = {
            d: {m: t * (i % 4) + rng.normal() for m, t in c.items()} for i, (d, c) in enumerate(truth.items())
        }
        second = {d: {m: s + 0.05 * rng.normal() for m, s in c.items()} for d, c in first.items()}
        judged = evaluate({"first": first, "second": second}, truth)
        low, high = judged.compare("first", "second").interval
        alone = judged["first"]["weighted_tau"].interval
        assert high - low < (alone[1] - alone[0]) / 3

    def test_is_on_the_models_that_both_have(self):
        """Without b the first is perfect; that it has a score for b, which the other lacks, is not held against it."""
        measures = {
            "first": {"x": {**SCORES, "b": 0.0, "c": 2.5}},
            "second": {"x": {"a": 3.0, "c": 2.0, "d": 1.0}},
        }
        judged = evaluate(measures, {"x": TRUTH})
        assert tau(judged, "first") < 1
        assert judged.compare("first", "second").value == pytest.approx(0)

    def test_less_regret_is_better(self):
        found = evaluate("published_scores_tllib").compare("nce", "leep", coefficient="regret@1")
        assert found.value < 0 and "nce is better than leep by 2.3" in str(found)

    def test_over_models_where_data_sets_are_few(self):
        scores = {"good": {"x": {f"m{i}": float(i) for i in range(30)}}}
        scores["bad"] = {"x": {f"m{i}": float(i * 7 % 30) for i in range(30)}}
        judged = evaluate(scores, {"x": {f"m{i}": float(i) for i in range(30)}})
        found = judged.compare("good", "bad")
        assert found.over == "models" and found.decided
        assert judged.compare("good", "bad", coefficient="top-1").interval is None
        assert "too few" in str(judged.compare("good", "bad", coefficient="top-1"))

    def test_no_difference_has_no_direction(self):
        scores = {"one": {"x": SCORES}, "same": {"x": SCORES}, "level": {"x": dict.fromkeys(SCORES, 1.0)}}
        judged = evaluate(scores, {"x": TRUTH})
        assert str(judged.compare("one", "same")).startswith(
            "one and same are equally good in weighted_tau; "
        )
        said = str(judged.compare("one", "level"))
        assert said == "one and level cannot be compared in weighted_tau: one of them has no order."

    def test_names_are_checked(self):
        judged = evaluate("published_scores_tllib")
        with pytest.raises(UnknownNameError, match="Did you mean 'logme'"):
            judged.compare("logm", "nce")
        with pytest.raises(UnknownNameError, match="coefficient"):
            judged.compare("logme", "nce", coefficient="tau")

    def test_nothing_in_common(self):
        judged = evaluate({"one": {"cars": SCORES}, "two": {"pets": SCORES}}, TWO)
        with pytest.raises(InputError, match="share no data set"):
            judged.compare("one", "two")
        many = {f"m{i}": float(i) for i in range(8)}
        judged = evaluate({"one": {"x": many}, "two": {"y": {**many, "m7": 0.5}}}, {"x": many, "y": many})
        assert "one and static list agree best" in judged.verdict
        assert "; two cannot be told from them." in judged.verdict
