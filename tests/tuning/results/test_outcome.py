"""Scores on rows that took no part: against scikit-learn's, of every resample, and what is written down of them."""

from __future__ import annotations

import csv
import io
import warnings

import numpy as np
import pytest
from sklearn import metrics

from audition.errors import InputError
from audition.evaluation.bootstrap import draws, interval
from audition.tuning.results import scores
from audition.tuning.results.outcome import Outcome, judge
from audition.tuning.rows.answers import Answers

pytest.importorskip("torch", reason="torch is not installed")

RNG = np.random.default_rng(0)
CLASSES = Answers("classification", ("ant", "bee", "wasp"))
LABELS = Answers("multilabel", ("sea", "sky", "sand", "no one"))
TARGETS = Answers("regression", ("weight", "height"), (10.0, -2.0), (3.0, 0.5))


def of_classes(rows=60, seed=0):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, rows)
    return rng.normal(size=(rows, 3)) + 1.5 * np.eye(3)[codes], codes


def of_labels(rows=60):
    rng = np.random.default_rng(1)
    truth = (rng.random((rows, 4)) < [0.3, 0.5, 0.2, 0.0]).astype(np.int64)
    return np.round(rng.normal(size=(rows, 4)) + truth, 1), truth  # rounded, so that some are equal


def resampled(number, seed=5):
    """Rows as drawn, and the same as weights."""
    weights = draws(number, 12, seed)
    return weights, [np.repeat(np.arange(number), row.astype(int)) for row in weights]


class TestScores:
    """Each score of each resample is that of scikit-learn on the rows drawn."""

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            (scores.accuracy, lambda y, p: metrics.accuracy_score(y, p.argmax(1))),
            (scores.balanced_accuracy, lambda y, p: metrics.balanced_accuracy_score(y, p.argmax(1))),
            (scores.macro_f1, lambda y, p: metrics.f1_score(y, p.argmax(1), average="macro")),
            (scores.log_loss, lambda y, p: metrics.log_loss(y, p, labels=[0, 1, 2])),
        ],
    )
    def test_of_classes(self, ours, theirs):
        outputs, codes = of_classes(25)
        p = CLASSES.probabilities(outputs)
        weights, rows = resampled(25)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn's, of classes that are not drawn
            expected = [theirs(codes[drawn], p[drawn]) for drawn in rows]
        np.testing.assert_allclose(ours(p, codes, weights), expected, rtol=1e-12)

    @pytest.mark.parametrize(
        ("ours", "theirs"),
        [
            (scores.roc_auc, metrics.roc_auc_score),
            (scores.average_precision, metrics.average_precision_score),
        ],
    )
    def test_of_labels(self, ours, theirs):
        outputs, truth = of_labels(40)
        weights, rows = resampled(40)
        expected = [theirs(truth[drawn, 1], outputs[drawn, 1]) for drawn in rows]
        np.testing.assert_allclose(ours(outputs[:, 1], truth[:, 1], weights), expected, rtol=1e-12)

    def test_of_numbers(self):
        rng = np.random.default_rng(3)
        targets = rng.normal(size=(30, 2)) + 1e4
        predicted = targets + rng.normal(size=(30, 2))
        weights, rows = resampled(30)
        for ours, theirs in [
            (scores.r_squared, metrics.r2_score),
            (scores.absolute_error, metrics.mean_absolute_error),
            (scores.root_error, metrics.root_mean_squared_error),
        ]:
            expected = [theirs(targets[drawn], predicted[drawn]) for drawn in rows]
            np.testing.assert_allclose(ours(predicted, targets, weights), expected, rtol=1e-9)

    def test_calibration_error_is_the_distance_bin_by_bin(self):
        outputs, codes = of_classes(200)
        p = CLASSES.probabilities(outputs)
        confidence, right = p.max(1), p.argmax(1) == codes
        expected = 0.0
        for low in np.arange(15) / 15:
            inside = (confidence > low) & (confidence <= low + 1 / 15)
            if inside.any():
                expected += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
        assert scores.calibration_error(p, codes, np.ones((1, 200)))[0] == pytest.approx(expected, rel=1e-12)

    def test_a_label_that_no_row_has_is_nan_and_left_out_of_the_mean(self):
        outputs, truth = of_labels()
        once = np.ones((1, len(truth)))
        assert np.isnan(scores.roc_auc(outputs[:, 3], truth[:, 3], once)[0])
        mean = scores.over_labels(scores.roc_auc, outputs, truth, once)[0]
        expected = np.mean([metrics.roc_auc_score(truth[:, k], outputs[:, k]) for k in range(3)])
        assert mean == pytest.approx(expected, rel=1e-12)

    def test_targets_that_are_all_equal_have_no_r_squared(self):
        same = np.full((8, 1), 0.1)
        assert np.isnan(scores.r_squared(same + 1, same, np.ones((1, 8)))[0])


class TestJudge:
    """All scores of a task with their intervals."""

    def test_the_interval_is_that_of_rows_drawn_again(self):
        outputs, codes = of_classes()
        accuracy = judge(CLASSES, outputs, codes).scores["accuracy"]
        right = (outputs.argmax(1) == codes).astype(float)
        expected = interval(draws(60, 1000, 0) @ right / 60, 60, 0.9)
        assert (accuracy.low, accuracy.high) == pytest.approx(expected, rel=1e-12)
        assert accuracy.low < accuracy.value < accuracy.high

    def test_rows_of_a_group_are_drawn_together(self):
        """Six copies of every row tell no more than the row does, so the interval is no narrower."""
        outputs, codes = of_classes()
        alone = judge(CLASSES, outputs, codes).scores["accuracy"]
        six, labels, groups = (np.repeat(each, 6, axis=0) for each in (outputs, codes, np.arange(60)))
        together = judge(CLASSES, six, labels, groups).scores["accuracy"]
        apart = judge(CLASSES, six, labels).scores["accuracy"]
        assert (together.low, together.high) == pytest.approx((alone.low, alone.high), rel=1e-12)
        assert apart.high - apart.low < 0.6 * (alone.high - alone.low)

    def test_numbers_are_in_the_users_units(self):
        rng = np.random.default_rng(2)
        targets = rng.normal(size=(40, 2))
        found = judge(TARGETS, targets + np.array([1.0, 0.0]), targets)
        assert found.by_label["weight"]["MAE"].value == pytest.approx(3.0)
        assert found.by_label["height"]["RMSE"].value == pytest.approx(0.0, abs=1e-12)
        assert found.scores["MAE"].value == pytest.approx(1.5)

    def test_one_target_may_come_as_a_column_or_a_row(self):
        one = Answers("regression", ("age",), (40.0,), (10.0,))
        targets = np.linspace(-1, 1, 20)
        flat = judge(one, targets[:, None] / 2, targets)
        assert flat.headline.value == pytest.approx(0.75)
        assert judge(one, targets[:, None] / 2, targets[:, None]).to_json() == flat.to_json()

    def test_few_rows_have_no_interval(self):
        outputs, codes = of_classes(5)
        found = judge(CLASSES, outputs, codes).headline
        assert (found.low, found.high) == (None, None)
        assert str(found) == f"{found.value:.3g}"

    @pytest.mark.parametrize(("shift", "value"), [(0, 1.0), (1, 0.0)])
    def test_where_every_row_is_right_or_wrong_resamples_do_not_tell_how_sure_that_is(self, shift, value):
        """The exact interval: the share of right rows of which 20 of 20 come in 5 of 100 samples."""
        codes = np.arange(20) % 3
        found = judge(CLASSES, 5.0 * np.eye(3)[(codes + shift) % 3], codes).scores
        least = 0.05 ** (1 / 20)
        expected = (least, 1.0) if value else (0.0, 1 - least)
        assert found["accuracy"].value == value
        assert (found["accuracy"].low, found["accuracy"].high) == pytest.approx(expected, rel=1e-9)
        assert found["macro F1"].value == value and found["macro F1"].low is None

    def test_is_the_same_however_few_resamples_fit_into_memory(self, monkeypatch):
        """Blocks have other seeds, so the numbers differ, but no more than resamples do."""
        outputs, codes = of_classes(200)
        whole = judge(CLASSES, outputs, codes).headline
        monkeypatch.setattr("audition.tuning.results.measured.BLOCK", 200 * 7)
        parts = judge(CLASSES, outputs, codes).headline
        assert parts.value == whole.value
        assert parts.low == pytest.approx(whole.low, abs=0.02)

    @pytest.mark.parametrize(
        ("outputs", "targets", "sentence"),
        [
            (np.zeros((0, 3)), np.zeros(0), "no rows"),
            (np.zeros((4, 2)), np.zeros(4), "outputs \\(4, 3\\) are needed"),
            (np.zeros((4, 3)), np.zeros(5), "targets \\(5,\\)"),
            (np.full((4, 3), np.nan), np.zeros(4), "NaN or infinite"),
        ],
    )
    def test_bad_input(self, outputs, targets, sentence):
        with pytest.raises(InputError, match=sentence):
            judge(CLASSES, outputs, targets)


class TestOutcome:
    """What is read off it, and written."""

    def test_confusion_counts_true_by_predicted(self):
        outputs = np.eye(3)[[0, 0, 1, 2, 2, 2]]
        found = judge(CLASSES, outputs, np.array([0, 1, 1, 2, 1, 1]))
        assert found.confusion.tolist() == [[1, 0, 0], [1, 1, 2], [0, 0, 1]]
        assert found.confused() == [("bee", "wasp", 2, 4), ("bee", "ant", 1, 4)]
        rows = list(csv.reader(io.StringIO(found.confusion_csv())))
        assert rows == [
            ["true \\ predicted", "ant", "bee", "wasp"],
            ["ant", "1", "0", "0"],
            ["bee", "1", "1", "2"],
            ["wasp", "0", "0", "1"],
        ]

    @pytest.mark.parametrize("answers", [CLASSES, LABELS])
    def test_json_gives_it_back(self, answers):
        outputs, targets = of_classes() if answers is CLASSES else of_labels()
        found = judge(answers, outputs, targets)
        again = Outcome.from_json(found.to_json(), answers)
        assert again.to_json() == found.to_json()
        assert again.headline.value == found.headline.value

    def test_nan_is_none_in_json(self):
        found = judge(LABELS, *of_labels()).to_json()["by_label"]["no one"]["ROC AUC"]
        assert found == {"value": None, "low": None, "high": None}


class TestAnswers:
    """Outputs become classes, labels or numbers."""

    def test_classes_keep_their_type(self):
        outputs = np.eye(3)[[2, 0]]
        assert CLASSES.predictions(outputs).tolist() == ["wasp", "ant"]
        assert Answers("classification", (3, 5, 8)).predictions(outputs).tolist() == [8, 3]
        assert Answers("classification", (1, "a", True)).predictions(outputs).tolist() == [True, 1]

    def test_probabilities(self):
        outputs = np.array([[0.0, np.log(3), 0.0]])
        np.testing.assert_allclose(CLASSES.probabilities(outputs), [[0.2, 0.6, 0.2]])
        np.testing.assert_allclose(
            LABELS.probabilities(np.array([[0.0, np.log(3), 900, -900]])), [[0.5, 0.75, 1, 0]]
        )
        with pytest.raises(InputError, match="use predict"):
            TARGETS.probabilities(np.zeros((1, 2)))

    def test_labels_are_columns_and_numbers_have_units(self):
        assert LABELS.predictions(np.array([[2.0, -1, 0, -3]])).tolist() == [[1, 0, 1, 0]]
        assert TARGETS.predictions(np.array([[1.0, 2.0]])).tolist() == [[13.0, -1.0]]
        assert Answers("regression", ("age",), (40.0,), (10.0,)).predictions(np.ones((2, 1))).tolist() == [
            50,
            50,
        ]

    def test_json_gives_them_back_with_their_types(self):
        for answers in (CLASSES, LABELS, TARGETS, Answers("classification", (1, 2.5, True, "1", "<b>"))):
            again = Answers.from_json(answers.to_json())
            assert again == answers
            assert [type(label) for label in again.classes] == [type(label) for label in answers.classes]

    @pytest.mark.parametrize(
        ("task", "classes", "centre", "sentence"),
        [
            ("guessing", ("a",), (), "guessing"),
            ("classification", (), (), "classes"),
            ("regression", ("a",), (), "a centre and a scale"),
            ("classification", ("a", "b"), (1.0,), "a centre and a scale"),
        ],
    )
    def test_what_cannot_be(self, task, classes, centre, sentence):
        with pytest.raises(InputError, match=sentence):
            Answers(task, classes, centre)

    def test_classes_that_json_does_not_know_are_refused(self):
        with pytest.raises(InputError, match="only text, numbers and booleans"):
            Answers("classification", ((1, 2), "a")).to_json()
