"""The linear probe: what a linear model on the frozen features makes of rows that it has not seen."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audition.arrays import Float64, Matrix, take_rows
from audition.errors import InputError, UnreliableScoreWarning
from audition.labels import ClassLabels, Targets, Task
from audition.metrics.checks import check_count
from audition.metrics.measure import NUMBERS, Measure, one_form
from audition.metrics.subsample import own_order, shuffled
from audition.sample import Sample, as_sample, need_classes

Index = NDArray[np.intp]
ROUND = 20  # steps of the solver between two looks at its predictions
ROUNDS = 10
SETTLED = 1e-3  # the share of held-out predictions that may change in a round that is the last
SEED = 0


def linear_probe(
    features: Any, labels: Any = None, *, folds: int = 5, groups: Any = None, task: Task = "auto"
) -> float:
    """Cross-validated accuracy of logistic regression, or R² of ridge regression; higher is better.

    features: [N, D] of any framework. labels: N classes, or targets [N] or [N, K]. folds: parts, each
    held out once. groups: N values; rows of one group (a sentence, a patient) are in the same part.

    Columns are standardised by the rows that are learnt from; both models are scikit-learn's with
    their own penalty of 1. Parts hold an equal share of each class, so that a class of fewer rows than
    parts is missing from some; with groups they are scikit-learn's GroupKFold. They do not depend on
    the order of rows, save for groups of rows with equal features.
    Logistic regression stops early: after each 20 steps of its solver, when these have changed the
    predictions of at most 1 in 1000 held-out rows, and after 200. The labels of these rows take no
    part in that.

    Range: [0, 1], the share of rows that are placed right; (−inf, 1] for R² over all held-out rows,
    the mean over targets. It does not change with the scale or the mean of a column.
    Cost: O(folds · steps · N D C), and O(folds (N D² + D³)) for targets.
    Raises InputError for one class or one group only, constant targets, NaN or Inf. Warns with
    UnreliableScoreWarning where a class has one row, which can never be placed right.

    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> linear_probe(X, y) > 0.9
    True
    """
    return linear_probe_of(as_sample(features, labels, task, groups), folds)


def linear_probe_of(sample: Sample, folds: int = 5) -> float:
    """The linear probe of a sample, whose groups stay together."""
    check_count(folds, 2, "folds", "linear_probe")
    matrix, labels = sample.need_rows("linear_probe")
    if isinstance(labels, Targets):
        return _r2(sample, matrix, labels, folds)
    _warn_of_single_rows(need_classes(labels, "linear_probe"))
    right = linear_probe_right(sample, folds)
    return int(right.sum()) / len(right)


def linear_probe_right(sample: Sample, folds: int = 5) -> NDArray[np.bool_]:
    """Whether each row is placed right while it is held out; bool [N]. For classes."""
    matrix, labels = sample.need_rows("linear_probe")
    codes = _own_codes(matrix, need_classes(labels, "linear_probe"))
    right = np.zeros(len(codes), dtype=bool)
    for train, test in _splits(sample, folds):
        predicted = _classified(_rows(matrix, train), codes[train], _rows(matrix, test))
        right[test] = predicted == codes[test]
    return right


def _warn_of_single_rows(labels: ClassLabels) -> None:
    single = np.flatnonzero(labels.counts == 1)
    if len(single):
        warnings.warn(
            f"Class {labels.classes[single[0]]!r} has one row: when linear_probe holds it out, nothing is "
            "known of the class.",
            UnreliableScoreWarning,
            stacklevel=3,
        )


def _own_codes(matrix: Matrix, labels: ClassLabels) -> Index:
    """Codes in an order of classes that their names do not decide, int [N]."""
    codes = labels.codes[own_order(matrix, labels)]
    rank = np.empty(len(labels.classes), dtype=np.intp)
    rank[codes[np.sort(np.unique(codes, return_index=True)[1])]] = np.arange(len(rank))
    return rank[labels.codes]


def _rows(matrix: Matrix, index: Index) -> Float64:
    return take_rows(matrix, index, np.zeros(matrix.shape[1]))


def _splits(sample: Sample, folds: int) -> Iterator[tuple[Index, Index]]:
    """Rows to learn from and rows to hold out, for each part."""
    matrix, labels = sample.need_rows("linear_probe")
    n = matrix.shape[0]
    if sample.groups is not None:
        yield from _grouped(own_order(matrix, labels), sample.groups, folds)
        return
    order, dealt = shuffled(matrix, labels, SEED), np.arange(n) % min(folds, n)
    for fold in range(min(folds, n)):
        yield order[dealt != fold], order[dealt == fold]


def _grouped(order: Index, groups: Index, folds: int) -> Iterator[tuple[Index, Index]]:
    from sklearn.model_selection import GroupKFold

    _, first, own = np.unique(groups[order], return_index=True, return_inverse=True)
    if len(first) < 2:
        raise InputError("linear_probe cannot hold out a group: all rows are in one.")
    places = np.argsort(np.argsort(first))[own]  # by first appearance, not by name
    for train, test in GroupKFold(min(folds, len(first))).split(order, groups=places):
        yield order[train], order[test]


def _classified(train: Float64, codes: Index, test: Float64) -> Index:
    """The classes of the rows held out, by logistic regression on the others."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if (codes == codes[0]).all():
        return np.full(len(test), codes[0])
    train, test = _standardised(train, test)
    model = LogisticRegression(max_iter=ROUND, warm_start=True)
    predicted = np.full(len(test), -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        for _ in range(ROUNDS):
            before, predicted = predicted, model.fit(train, codes).predict(test)
            if model.n_iter_.max() < ROUND or np.mean(before != predicted) <= SETTLED:
                break
    return np.asarray(predicted)


def _standardised(train: Float64, test: Float64) -> tuple[Float64, Float64]:
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler(copy=False)
    return scaler.fit_transform(train), scaler.transform(test)


def _r2(sample: Sample, matrix: Matrix, targets: Targets, folds: int) -> float:
    """1 − the squared errors of the rows held out over the squared deviations of all; mean over targets."""
    from sklearn.linear_model import Ridge

    deviations = ((targets.values - targets.values.mean(axis=0)) ** 2).sum(axis=0)
    constant = np.ptp(targets.values, axis=0) == 0
    if constant.any():
        raise InputError(f"R² is not defined: target {int(constant.argmax())} is the same in every row.")
    errors = np.zeros_like(deviations)
    for train, test in _splits(sample, folds):
        seen, held_out = _standardised(_rows(matrix, train), _rows(matrix, test))
        predicted = Ridge().fit(seen, targets.values[train]).predict(held_out)
        errors += ((targets.values[test] - predicted.reshape(len(test), -1)) ** 2).sum(axis=0)
    return float(np.mean(1 - errors / deviations))


LINEAR_PROBE = Measure(
    name="linear_probe",
    title="Cross-validated accuracy (or R²) of a linear model on frozen features",
    function=linear_probe,
    compute=one_form(linear_probe_of),
    tasks=NUMBERS,
    needs="features",
    bounds="[0, 1]; R²: (-inf, 1]",
    cost="O(folds steps N D C); targets O(folds (N D² + D³))",
    formula=(
        "share of held-out rows that logistic regression places right (5 parts, standardised columns,\n"
        "penalty 1); targets: 1 − Σ(y − ŷ)² / Σ(y − ȳ)² of ridge regression"
    ),
    trust=(
        "What a user would try first; costlier than all closed forms. It saturates at 1 for easy data and "
        "then orders nothing. With rows that belong together (patients, sentences) give groups."
    ),
    paper="Alain and Bengio, 2016",
    reference="https://arxiv.org/abs/1610.01644",
    trains_on_target=True,
    optimises=True,
)
