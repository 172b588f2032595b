"""The influence of a row on the R² of a linear probe: its own error while it is held out."""

from __future__ import annotations

import numpy as np

from audition.labels import Targets
from audition.metrics.linear_probe import _rows, _splits, _standardised, linear_probe_of
from audition.sample import Sample
from audition.uncertainty.influence import Influence
from audition.uncertainty.resamples import Resamples

FOLDS = 5  # as the probe has them


def r2_influence(sample: Sample, learnt: float, resamples: Resamples) -> Influence:
    """Of the mean over targets of 1 − Σ(y − ŷ)²/Σ(y − ȳ)².

    learnt: how much larger the errors count, for the model is fitted to rows, too.
    """
    from sklearn.linear_model import Ridge  # here, because it takes long to import

    matrix, labels = sample.need_rows("linear_probe")
    assert isinstance(labels, Targets)
    score, targets = linear_probe_of(sample), labels.values
    errors = np.empty_like(targets)
    for train, test in _splits(sample, FOLDS):
        seen, held_out = _standardised(_rows(matrix, train), _rows(matrix, test))
        predicted = Ridge().fit(seen, targets[train]).predict(held_out)
        errors[test] = (targets[test] - predicted.reshape(len(test), -1)) ** 2
    deviations = (targets - targets.mean(axis=0)) ** 2
    lost, whole = errors.mean(axis=0), deviations.mean(axis=0)
    owed = (lost / whole * deviations - learnt * errors) / whole
    return Influence(score, owed.mean(axis=1)[resamples.rows])
