"""Losses and scores: those of torch and scikit-learn, means over rows, and labels of one kind."""

import numpy as np
import pytest
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.utils.class_weight import compute_class_weight

pytest.importorskip("torch", reason="torch is not installed")

import torch
from tuning.small import ready, rows

from audition.tuning.runs.objective import Objective

TASKS = ("classification", "multilabel", "regression")


def outputs(number, seed=0):
    return torch.randn(number, 3, generator=torch.Generator().manual_seed(seed))


def test_the_losses_of_torch():
    said = outputs(60)
    classes, labels, numbers = (torch.from_numpy(rows(task).targets) for task in TASKS)
    near = lambda one, other: torch.testing.assert_close(one, other)  # noqa: E731
    near(Objective("classification", 3).loss(said, classes), torch.nn.CrossEntropyLoss()(said, classes))
    smooth = torch.nn.CrossEntropyLoss(label_smoothing=0.2)(said, classes)
    near(Objective("classification", 3, label_smoothing=0.2).loss(said, classes), smooth)
    near(Objective("multilabel", 3).loss(said, labels), torch.nn.BCEWithLogitsLoss()(said, labels))
    near(Objective("regression", 3).loss(said, numbers), torch.nn.MSELoss()(said, numbers))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("weights", [False, True])
def test_a_batch_in_pieces_has_the_same_loss(task, weights):
    given = (
        {}
        if task == "regression"
        else {"class_weights": "balanced" if weights else "none", "label_smoothing": 0.1}
    )
    examples = rows(task)
    objective, _ = ready(examples, **given)
    said, targets = outputs(60), torch.from_numpy(examples.targets)
    parts = [
        objective.loss(said[part], targets[part]) * len(said[part]) / 60
        for part in (slice(0, 7), slice(7, 60))
    ]
    torch.testing.assert_close(sum(parts), objective.loss(said, targets))


def test_balanced_weights_are_scikit_learns():
    examples = rows()
    train = examples.targets[examples.parts.train]
    objective, _ = ready(examples, class_weights="balanced")
    expected = compute_class_weight("balanced", classes=np.arange(3), y=train)
    np.testing.assert_allclose(objective.weights, expected, rtol=1e-6)
    assert float(objective.weights[train].mean()) == pytest.approx(1)


def test_a_rare_label_weighs_more():
    examples = rows("multilabel")
    examples.targets[:, 0] = 0
    examples.targets[examples.parts.train[:3], 0] = 1
    weights = ready(examples, class_weights="balanced")[0].weights
    assert float(weights[0]) == pytest.approx((45 - 3) / 3)


def test_the_scores_of_scikit_learn():
    said = outputs(60).numpy()
    classes, labels, numbers = (rows(task).targets for task in TASKS)
    assert Objective("classification", 3).score(said, classes) == (said.argmax(axis=1) == classes).mean()
    assert Objective("multilabel", 3).score(said, labels) == pytest.approx(roc_auc_score(labels, said))
    assert Objective("regression", 3).score(said, numbers) == pytest.approx(
        r2_score(numbers.astype(float), said.astype(float))
    )


def test_a_label_that_says_nothing_does_not_count():
    said, labels = outputs(60).numpy(), rows("multilabel").targets.copy()
    labels[:, 1] = 1
    expected = roc_auc_score(labels[:, [0, 2]], said[:, [0, 2]])
    assert Objective("multilabel", 3).score(said, labels) == pytest.approx(expected)
    assert np.isnan(Objective("multilabel", 3).score(said, np.ones((60, 3))))
    assert np.isnan(Objective("regression", 3).score(said[:1], np.ones((1, 3))))
    assert np.isnan(Objective("classification", 3).score(said[:0], np.zeros(0)))


def test_its_names():
    assert [Objective(task, 1).score_name for task in TASKS] == ["accuracy", "macro ROC AUC", "R²"]
