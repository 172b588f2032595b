"""Why teachers help or do not: what they say beyond the labels, and how hard they pull."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from audition.arrays import Float64
from audition.models.registry import open_model
from audition.tuning.job import Prepared
from audition.tuning.teachers.method import Means
from benchmarks.tuning.contenders import TUNED
from benchmarks.tuning.ledger import RESULTS, Ledger

SEED = 0
THREE = next(contender for contender in TUNED if contender.name == "b-tuning-3")


@dataclass(frozen=True)
class Reason:
    """Of three teachers and a student before its first step, on a target.

    said_train, said_test: the share of the labels' variance that the teachers' answers explain on the rows that
    their posteriors were fitted on, and on rows that test. student_train, student_test: the same of the student's
    own posterior. loss, penalty: of the first 20 training rows; loss_pull, penalty_pull: the lengths of their
    gradients in the body; head_pull: that of the loss in the head.
    """

    student: str
    target: str
    said_train: float
    said_test: float
    student_train: float
    student_test: float
    loss: float
    penalty: float
    loss_pull: float
    penalty_pull: float
    head_pull: float


def reasons(folder: Path = RESULTS) -> Ledger[Reason]:
    """Where they are kept."""
    return Ledger(folder / "reasons.csv", Reason)


def find_reasons(students: list[str], folder: Path = RESULTS) -> None:
    """All that are not there yet."""
    from benchmarks.tuning.compare import CACHE, Bench
    from benchmarks.tuning.networks import STUDENTS
    from benchmarks.tuning.targets import TARGETS

    book = reasons(folder)
    done = {(line.student, line.target) for line in book.read()}
    for student in students:
        model = open_model(STUDENTS[student], device="cpu")
        for target in TARGETS:
            if (student, target.name) not in done:
                bench = Bench(student, target, SEED, model, Means(CACHE, "cpu"))
                book.append(reason_of(student, target.name, bench.ready(THREE.by(bench.ranked))))


def reason_of(student: str, target: str, ready: Prepared) -> Reason:
    """From a job of B-Tuning that is prepared."""
    assert ready.pooled is not None
    network = ready.network()
    penalty: Any = ready.penalty(network)
    parts, codes = ready.examples.parts, ready.examples.targets
    said = ready.pooled.outputs[0].astype(np.float64)
    own = _own(network, penalty, ready)
    rows = parts.train[:20]
    features, outputs = network.train()(ready.examples.items(rows, 0))
    places = torch.from_numpy(rows)
    loss = ready.objective.loss(outputs, torch.from_numpy(codes[rows]))
    added = penalty(network, features, outputs, places, 0)
    pull, head = _pulls(network, loss)
    return Reason(
        student, target, explained(said, codes, parts.train), explained(said, codes, parts.test),
        explained(own, codes, parts.train), explained(own, codes, parts.test),
        loss.item(), added.item(), pull, _pulls(network, added)[0], head,
    )  # fmt: skip


def _own(network: Any, penalty: Any, ready: Prepared) -> Float64:
    """What the student's own posterior says of all rows, float64 [N, K]."""
    number = len(ready.examples.targets)
    network.eval()
    with torch.inference_mode():
        found = [
            network(ready.examples.items(np.arange(start, min(start + 100, number))))[0] @ penalty.weights.T
            for start in range(0, number, 100)
        ]
    return torch.cat(found).numpy().astype(np.float64)


def explained(said: Float64, codes: Any, rows: Any) -> float:
    """1 less the mean squared distance to labels of 0 and 1 over their variance, of some rows."""
    wanted = np.eye(said.shape[1])[codes[rows]]
    return float(1 - np.square(said[rows] - wanted).sum() / np.square(wanted - wanted.mean(axis=0)).sum())


def _pulls(network: Any, loss: Any) -> tuple[float, float]:
    """The lengths of a loss's gradient in the body and in the head."""
    network.zero_grad()
    loss.backward(retain_graph=True)
    body, head = (
        sum(float(weight.grad.square().sum()) for weight in part.parameters() if weight.grad is not None)
        for part in (network.body, network.head)
    )
    return float(body**0.5), float(head**0.5)
