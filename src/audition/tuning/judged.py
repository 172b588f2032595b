"""What a network makes of rows that took no part in learning, and of all items before it learns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from audition.arrays import Array, Matrix
from audition.data.base import Dataset
from audition.extraction import decode
from audition.extraction.batches import size_for
from audition.models.base import Model
from audition.tuning.answers import Answers
from audition.tuning.body import Body
from audition.tuning.examples import Examples
from audition.tuning.network import Network
from audition.tuning.outcome import Outcome, judge
from audition.tuning.predict import outputs_of
from audition.tuning.some_rows import Rows
from audition.tuning.study import Study, like


def judged_rows(network: Network, examples: Examples, study: Study, rows: Rows) -> Outcome | None:
    """How a network does on some rows of a study, seen whole; None where there are none."""
    if not len(rows):
        return None
    groups = None if study.groups is None else _codes([study.groups[row] for row in rows.tolist()])
    outputs = _outputs(network, examples.views[0], rows)
    return judge(study.answers, outputs, examples.targets[rows], groups)


def judged_on(network: Network, model: Model, answers: Answers, data: Dataset) -> Outcome:
    """How a network does on other data; raises InputError where they have classes that it does not know."""
    items = list(data.items())
    targets = like([item.label for item in items], answers, data.name)
    groups = None if all(item.group is None for item in items) else _codes([item.group for item in items])
    prepared = decode(data, [model.preprocess]).arrays[model.preprocess]
    return judge(answers, _outputs(network, prepared, np.arange(len(items))), targets, groups)


def features_of(body: Body, data: Dataset) -> Array:
    """The features float32 [N, D] of all items, as the body is."""
    prepared = decode(data, [body.preprocess]).arrays[body.preprocess]
    with torch.inference_mode():
        found = [body(batch).float().cpu().numpy() for batch in _batches(prepared, np.arange(len(prepared)))]
    return np.concatenate(found)


def _outputs(network: Network, items: Matrix, rows: Rows) -> Array:
    return np.concatenate([outputs_of(network, batch) for batch in _batches(items, rows)])


def _batches(items: Matrix, rows: Rows) -> Iterator[Array]:
    size = size_for(items[rows[:1]], None)
    for start in range(0, len(rows), size):
        yield items[rows[start : start + size]]


def _codes(groups: list[object]) -> Array:
    known: dict[object, int] = {}
    return np.array([known.setdefault(group, len(known)) for group in groups])
