"""The order to try candidates in."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audition.errors import InputError
from audition.recommendation import Candidate, Learned, Recommendation, learned, lesson_of, recommend
from audition.recommendation.prior import Variances
from audition.truth import Truth

MEASURES = ("logme", "regularized_h_score")
UNKNOWN = [f"onnx:{letter}.onnx" for letter in "abcdefgh"]


def pool(scores, names=UNKNOWN):
    """Candidates with rows of scores by `MEASURES`."""
    return [
        Candidate(name, scores=dict(zip(MEASURES, map(float, row), strict=True)))
        for name, row in zip(names, scores, strict=False)
    ]


def drawn(seed=0, number=8):
    return np.random.default_rng(seed).normal(size=(number, 2))


def standing(found):
    return {row.model: (row.place, row.mean, row.best, row.regret, row.why) for row in found}


def test_the_same_every_time_and_in_any_order():
    candidates = pool(drawn())
    first = recommend(candidates)
    assert recommend(candidates) == first
    assert standing(recommend(candidates[::-1])) == standing(first)
    rolled = candidates[3:] + candidates[:3]
    assert recommend(rolled) == first


@settings(max_examples=40)
@given(st.floats(1e-3, 1e3), st.floats(-10, 10))
def test_the_unit_of_a_score_plays_no_part(scale, shift):
    scores = np.round(drawn(), 2)
    changed = (scores + np.array([shift, 0])) * np.array([scale, 1])
    one, other = (recommend(pool(each), tables=[]) for each in (scores, changed))
    assert [row.model for row in one] == [row.model for row in other]
    for row in one:
        assert other[row.model].mean == pytest.approx(row.mean, abs=1e-6)
        assert other[row.model].best == pytest.approx(row.best, abs=1e-3)


@settings(max_examples=40)
@given(st.integers(0, 7), st.integers(0, 1), st.floats(0, 4), st.integers(0, 5))
def test_a_higher_score_never_lowers_a_candidate(who, measure, rise, seed):
    """Its expected accuracy does not fall, its place, its probability and its regret get no worse."""
    scores = drawn(seed)
    higher = scores.copy()
    higher[who, measure] += rise
    before, after = (recommend(pool(each), tables=[])[UNKNOWN[who]] for each in (scores, higher))
    assert after.mean >= before.mean - 1e-12 and after.place <= before.place
    assert after.best >= before.best and after.regret <= before.regret + 1e-9


def test_probabilities_sum_to_one_and_fall_with_the_place():
    found = recommend(pool(drawn()))
    best = [row.best for row in found]
    assert sum(best) == pytest.approx(1)
    assert best[0] == max(best) and best[0] > best[-1]
    assert [row.place for row in found] == list(range(1, 9))
    assert all(one.mean >= other.mean for one, other in zip(found, found.candidates[1:], strict=False))
    assert all(row.regret >= 0 for row in found)


def test_unknown_models_are_ordered_by_their_features_alone():
    found = recommend(pool([[i, i] for i in range(8)]))
    assert [row.model for row in found] == UNKNOWN[::-1]
    assert not any(row.known for row in found)
    assert {reason.what for row in found for reason in row.why} <= set(MEASURES)
    assert set(found.measures) <= set(MEASURES) and found.measures


def test_without_features_the_tables_answer_and_it_says_so():
    found = recommend(
        [Candidate(f"torchvision:{name}") for name in ("mobilenet_v2", "resnet152", "googlenet")]
    )
    assert found.best.model == "torchvision:resnet152" and found.best.known
    assert found.measures == () and "No features were scored" in found.notes[0]
    (reason,) = found.best.why
    assert (reason.what, reason.place, reason.of, reason.sets) == ("published results", 1, 3, 19)


def test_nothing_known_and_nothing_scored_is_a_tie():
    found = recommend([Candidate(name) for name in UNKNOWN])
    assert {row.mean for row in found} == {0.0}
    assert all(row.best == pytest.approx(1 / 8, abs=0.03) for row in found)
    assert "None of them stands in a published table" in found.notes[1]


def test_features_move_an_unknown_model_more_than_one_that_is_known():
    known = [f"torchvision:{name}" for name in ("resnet34", "resnet50", "densenet121")]
    scores = [[i, i] for i in range(6)]
    found = recommend(pool(scores, [*UNKNOWN[:3], *known]))

    def from_features(model):
        return sum(r.term for r in found[model].why if r.what in MEASURES)

    # resnet34 and the unknown c stand beside each other in the middle, on either side of it.
    assert abs(from_features(UNKNOWN[2])) > abs(from_features(known[0])) > 0
    assert found[UNKNOWN[0]].sd > found[known[0]].sd


def test_history_is_learned_from_and_is_the_strongest_of_tables():
    candidates = [Candidate(f"torchvision:{name}") for name in ("resnet152", "mobilenet_v2")]
    sets = {f"mine{i}": {"torchvision:resnet152": 70.0, "torchvision:mobilenet_v2": 90.0} for i in range(5)}
    assert recommend(candidates).best.model == "torchvision:resnet152"
    found = recommend(candidates, history=Truth.of("history", sets))
    assert found.best.model == "torchvision:mobilenet_v2"
    assert found.best.why[0].what == "your results" and found.best.why[0].sets == 5
    assert found.spread_of == "the spread of your own results"


def test_history_knows_models_that_no_table_has():
    sets = {f"s{i}": {name: float(place) for place, name in enumerate(UNKNOWN)} for i in range(4)}
    found = recommend([Candidate(name) for name in UNKNOWN], history=Truth.of("history", sets))
    assert [row.model for row in found] == UNKNOWN[::-1]


def test_a_candidate_without_scores_stands_by_what_is_known_of_it():
    candidates = [*pool(drawn(number=5)), Candidate("onnx:failed.onnx")]
    found = recommend(candidates)["onnx:failed.onnx"]
    assert found.mean == 0 and found.why == ()
    assert found.sd > recommend(candidates)[UNKNOWN[0]].sd


def test_layers_of_one_model_are_ordered_by_their_scores():
    names = ["stem", "middle", "last"]
    candidates = [
        Candidate("torchvision:resnet50", name, {"logme": float(i), "transrate": float(i)})
        for i, name in enumerate(names)
    ]
    found = recommend(candidates)
    assert [row.layer for row in found] == names[::-1]
    assert not any(reason.sets for row in found for reason in row.why), "all are the same model"


def test_uncertain_scores_make_the_first_less_sure():
    """Replicates that turn the order about half the time take from the probability of the first."""
    scores = np.array([[i, i] for i in range(8)], dtype=float)
    rng = np.random.default_rng(0)
    certain = recommend(pool(scores), replicates=np.repeat(scores[None], 50, axis=0), measures=MEASURES)
    for row, other in zip(certain, recommend(pool(scores)), strict=True):
        assert (row.model, row.mean, row.best, row.why) == (other.model, other.mean, other.best, other.why)
        assert row.regret == pytest.approx(other.regret, rel=1e-12)  # a mean, summed in another order
    noisy = scores + 5 * rng.normal(size=(200, 8, 2))
    unsure = recommend(pool(scores), replicates=noisy, measures=MEASURES)
    assert unsure.best.model == certain.best.model
    assert unsure.best.best < certain.best.best - 0.05


def test_replicates_belong_to_candidates_in_the_order_given():
    scores = drawn()
    noisy = scores + np.random.default_rng(1).normal(size=(60, 8, 2))
    one = recommend(pool(scores), replicates=noisy, measures=MEASURES)
    turned = recommend(pool(scores)[::-1], replicates=noisy[:, ::-1], measures=MEASURES)
    assert one == turned


def test_measures_of_which_nothing_was_learned_have_no_part_and_are_named():
    candidates = [
        Candidate(name, scores={"new": float(i), "logme": 1.0 + i}) for i, name in enumerate(UNKNOWN)
    ]
    found = recommend(candidates)
    assert found.measures == ("logme",)
    assert found.notes == ("new had no part: nothing has been learned of it yet.",)


def test_other_tasks_are_said_where_their_lessons_stand_in():
    note = "The weights were learned on other tasks than regression."
    only = replace(learned(), lessons=tuple(x for x in learned().lessons if x.task == "classification"))
    assert note in recommend(pool(drawn()), task="regression", knowledge=only).notes
    assert recommend(pool(drawn()), knowledge=only).notes == ()


def test_the_spread_of_much_the_same_models_is_smaller():
    alike = recommend([Candidate(f"torchvision:densenet{n}") for n in (121, 169, 201)])
    apart = recommend([Candidate(f"torchvision:{n}") for n in ("googlenet", "resnet152", "mobilenet_v2")])
    assert alike.spread < apart.spread


def test_one_candidate_is_the_best_for_sure():
    (row,) = recommend([Candidate("onnx:mine.onnx", scores={"logme": 1.0})])
    assert (row.place, row.best, row.regret, row.mean) == (1, 1.0, 0.0, 0.0)


def test_it_is_the_same_after_json():
    found = recommend([*pool(drawn(number=4)), Candidate("torchvision:resnet50")])
    assert Recommendation.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_mistakes_are_named():
    with pytest.raises(InputError, match="no candidates"):
        recommend([])
    with pytest.raises(InputError, match=r"The candidate onnx:a\.onnx is given twice"):
        recommend([Candidate("onnx:a.onnx"), Candidate("onnx:a.onnx")])
    with pytest.raises(KeyError):
        recommend(pool(drawn()))["other"]


def test_in_a_simulated_world_probabilities_and_regrets_are_true():
    """400 new targets of a world of which 30 were learned: of those said to be best with p, a share p are."""
    rng = np.random.default_rng(0)
    names = [f"onnx:{number}.onnx" for number in range(12)]

    def target():
        truth = rng.normal(size=12)
        return truth, np.column_stack([truth + rng.normal(size=12), truth + rng.normal(size=12)])

    def lesson(number):
        truth, scores = target()
        columns = {m: dict(zip(names, c, strict=True)) for m, c in zip(MEASURES, scores.T, strict=True)}
        return lesson_of(f"t{number}", dict(zip(names, truth, strict=True)), columns)

    world = Learned(tuple(map(lesson, range(30))), Variances(0, 0.5, 0.2, 0.3), 1.0, {})
    said, true, lost, losses = [], [], [], []
    for _ in range(400):
        truth, scores = target()
        found = recommend(pool(scores, names), knowledge=world, tables=[])
        result = dict(zip(names, truth / truth.std(), strict=True))
        said += [row.best for row in found]
        true += [result[row.model] == max(result.values()) for row in found]
        lost.append(found.best.regret)
        losses.append(max(result.values()) - result[found.best.model])
    said, true = np.array(said), np.array(true)
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.9)):
        inside = (said >= low) & (said < high)
        assert true[inside].mean() == pytest.approx(said[inside].mean(), abs=0.07)
    assert np.mean(lost) == pytest.approx(np.mean(losses), rel=0.25)
