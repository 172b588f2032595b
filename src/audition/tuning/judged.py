"""What a network makes of rows that took no part in learning, and of all items before it learns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from audition.arrays import Array, Matrix
from audition.data.base import Dataset
from audition.errors import InputError
from audition.extraction import decode
from audition.extraction.batches import size_for
from audition.models.base import Model, Preprocess
from audition.tuning.networks.body import Body
from audition.tuning.networks.network import Network
from audition.tuning.results.outcome import Outcome, judge
from audition.tuning.results.predict import outputs_of
from audition.tuning.rows.answers import Answers
from audition.tuning.rows.examples import Examples
from audition.tuning.rows.others import Others
from audition.tuning.rows.parts import codes_of
from audition.tuning.rows.some_rows import Rows
from audition.tuning.rows.study import Study


def judged_rows(network: Network, examples: Examples, study: Study, rows: Rows) -> Outcome | None:
    """How a network does on some rows of a study, seen whole; None where there are none."""
    if not len(rows):
        return None
    groups = None if study.groups is None else codes_of([study.groups[row] for row in rows.tolist()])
    outputs = _outputs(network, examples.views[0], rows)
    return judge(study.answers, outputs, examples.targets[rows], groups)


def judged_on(network: Network, model: Model, answers: Answers, others: Others) -> Outcome:
    """How a network does on other data; raises InputError for an item that it cannot take."""
    items = _prepared(others.data, model.preprocess)
    return judge(answers, _outputs(network, items, np.arange(len(items))), others.targets, others.groups)


def features_of(body: Body, data: Dataset) -> Array:
    """The features float32 [N, D] of all items, as the body is; raises InputError for an item that it cannot take."""
    prepared = _prepared(data, body.preprocess)
    with torch.inference_mode():
        found = [body(batch).float().cpu().numpy() for batch in _batches(prepared, np.arange(len(prepared)))]
    return np.concatenate(found)


def _prepared(data: Dataset, preprocess: Preprocess) -> Matrix:
    decoded = decode(data, [preprocess])
    if failed := decoded.failures.get(preprocess):
        raise InputError(f"{data.name!r} cannot be used: {failed}")
    return decoded.arrays[preprocess]


def _outputs(network: Network, items: Matrix, rows: Rows) -> Array:
    return np.concatenate([outputs_of(network, batch) for batch in _batches(items, rows)])


def _batches(items: Matrix, rows: Rows) -> Iterator[Array]:
    size = size_for(items[rows[:1]], None)
    for start in range(0, len(rows), size):
        yield items[rows[start : start + size]]
