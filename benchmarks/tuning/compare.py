"""Every contender on every target: rates chosen once, then a run a seed, each kept as soon as it is there."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from pathlib import Path

import numpy as np
import torch

from audition.extraction import extract
from audition.models.base import Model
from audition.models.registry import open_model
from audition.tuning.job import Job, Prepared, finished, prepared
from audition.tuning.networks.network import Network
from audition.tuning.results.predict import outputs_of
from audition.tuning.rows.study import Study
from audition.tuning.runs.rate import SHARE
from audition.tuning.runs.settings import Settings
from audition.tuning.teachers.method import Means, Method
from audition.tuning.teachers.pooled import Pooled, ensemble_score, pooled_teachers
from audition.tuning.teachers.posteriors import fit_posterior
from benchmarks.timing import say
from benchmarks.tuning import ledger
from benchmarks.tuning.contenders import ALONE, ONE_RATE, TUNED, WEAKER, Contender
from benchmarks.tuning.ledger import RESULTS, Run, Tried
from benchmarks.tuning.networks import STUDENTS, short, teachers
from benchmarks.tuning.targets import TARGETS, Target, data_of

SEEDS = range(5)
RATE_SEEDS = range(2)  # a rate is chosen by the held-out rows of these; test rows choose nothing
BATCH = 20
RATE_STEPS = 30  # of a short run
CACHE = Path("build") / "tuning" / "features"


def machine() -> str:
    """Where and with what a run is made."""
    threads = torch.get_num_threads()
    return f"{platform.machine()}, {os.cpu_count()} cores; torch {torch.__version__}; {threads} thread"


@dataclass(frozen=True, eq=False)
class Bench:
    """A target as a seed divides it, and a student."""

    student: str
    target: Target
    seed: int
    model: Model
    means: Means

    @cached_property
    def study(self) -> Study:
        return self.target.study(self.seed)

    @cached_property
    def ranked(self) -> tuple[str, ...]:
        """All that may teach, by LogME on the training rows alone, the best first."""
        names = [name for name in teachers() if name != STUDENTS[self.student]]
        return tuple(sorted(names, key=lambda name: -self._evidence(name)))

    def _evidence(self, name: str) -> float:
        found = extract(name, data_of(self.target), layers=None, cache=self.means.cache, device="cpu")
        ((layer, features),) = found.layers.items()
        return fit_posterior(
            features, self.study.labels, self.study.parts.train, name=name, layer=layer
        ).score

    def ready(self, method: Method) -> Prepared:
        """A method on this target, without a rate. The settings are the same for all methods."""
        settings = Settings(steps=self.target.steps, batch_size=BATCH, seed=self.seed)
        return prepared(Job(self.study, self.model, method=method, settings=settings, means=self.means))

    def pooled(self, number: int) -> Pooled:
        """What so many teachers say."""
        study = self.study
        return pooled_teachers(
            self.ranked[:number],
            study.seen,
            study.labels,
            study.parts.train,
            cache=self.means.cache,
            device="cpu",
        )

    def line(self, contender: Contender, accuracy: float, **others: float) -> Run:
        """What is kept of a run."""
        parts = self.study.parts
        unknown = {"rate": nan, "held_out": nan, "step": 0, "steps": 0, "ready": 0.0, "seconds": 0.0}
        return Run(
            student=self.student, target=self.target.name, seed=self.seed, contender=contender.name,
            accuracy=accuracy, train_rows=len(parts.train), held_out_rows=len(parts.held_out),
            test_rows=len(parts.test), teachers=";".join(map(short, self.ranked[: contender.teachers])),
            machine=machine(), **{**unknown, **others},
        )  # fmt: skip


def compare(students: Sequence[str], *, results: Path = RESULTS, weaker: bool = False) -> None:
    """All that is not in the results yet."""
    contenders = (*TUNED, *WEAKER) if weaker else TUNED
    for student in students:
        model = open_model(STUDENTS[student], device="cpu")
        for target in TARGETS:
            benches = [Bench(student, target, seed, model, Means(CACHE, "cpu")) for seed in SEEDS]
            _on_target(benches, contenders, results)


def _on_target(benches: Sequence[Bench], contenders: Sequence[Contender], results: Path) -> None:
    """The rates first, then all contenders of a seed one after the other, so that a slow minute hits them all."""
    done = {(run.student, run.target, run.seed, run.contender) for run in ledger.runs(results).read()}
    for bench in benches:
        here = bench.student, bench.target.name, bench.seed
        for contender in ALONE:
            if (*here, contender.name) not in done:
                ledger.runs(results).append(_alone(bench, contender))
        for contender in contenders:
            if (*here, contender.name) not in done:
                rate = _rate(benches, contender, results)
                ledger.runs(results).append(_tuned(bench, contender, rate))


def at_one_rate(students: Sequence[str], *, results: Path = RESULTS) -> None:
    """All contenders at the rate that is best for them together, once `compare` is through with a target."""
    for student in students:
        model = open_model(STUDENTS[student], device="cpu")
        for target in TARGETS:
            benches = [Bench(student, target, seed, model, Means(CACHE, "cpu")) for seed in SEEDS]
            _at_one_rate(benches, results)


def _at_one_rate(benches: Sequence[Bench], results: Path) -> None:
    names, here = {contender.name for contender in TUNED}, (benches[0].student, benches[0].target.name)
    tried = [line for line in ledger.rates(results).read() if (line.student, line.target) == here]
    rate = best_rate([line for line in tried if line.contender in names])
    done = {
        (run.seed, run.contender): run
        for run in ledger.runs(results).read()
        if (run.student, run.target) == here
    }
    for bench in benches:
        for contender in TUNED:
            same, own = replace(contender, name=contender.name + ONE_RATE), done[bench.seed, contender.name]
            if (bench.seed, same.name) in done:
                continue
            line = replace(own, contender=same.name) if own.rate == rate else _tuned(bench, same, rate)
            ledger.runs(results).append(line)


def _alone(bench: Bench, contender: Contender) -> Run:
    """The teachers' own answers. The ranking comes before: its cost is that of every way to choose among networks."""
    assert bench.ranked
    began = time.process_time()
    pooled, study = bench.pooled(contender.teachers), bench.study
    seconds = time.process_time() - began
    held_out, accuracy = (
        ensemble_score(pooled, study.targets, rows, accuracy_of)
        for rows in (study.parts.held_out, study.parts.test)
    )
    say(
        f"{bench.student} {bench.target.name} {bench.seed} {contender.name}: {accuracy:.3f} ({seconds:.1f} s)"
    )
    return bench.line(contender, accuracy, held_out=held_out, ready=seconds)


def accuracy_of(outputs: object, targets: object) -> float:
    """The share of rows whose largest output is their class."""
    return float((np.asarray(outputs).argmax(axis=1) == targets).mean())


def _tuned(bench: Bench, contender: Contender, rate: float) -> Run:
    """A run to the end."""
    method = contender.by(bench.ranked)
    began = time.process_time()
    ready = bench.ready(method)
    middle = time.process_time()
    done = finished(replace(ready, settings=replace(ready.settings, rate=rate)))
    seconds = time.process_time() - middle
    accuracy = tested(done.network, ready)
    last = done.fitted.curve.rows[-1]
    say(
        f"{bench.student} {bench.target.name} {bench.seed} {contender.name}: {accuracy:.3f} ({seconds:.1f} s)"
    )
    return bench.line(
        contender, accuracy, rate=rate, held_out=done.fitted.held_out, step=done.fitted.best_step, steps=last.step,
        ready=middle - began, seconds=seconds,
    )  # fmt: skip


def tested(network: Network, ready: Prepared) -> float:
    """The accuracy on the rows that test, seen whole."""
    examples = ready.examples
    rows = examples.parts.test
    outputs = [
        outputs_of(network, examples.items(rows[start : start + 100])) for start in range(0, len(rows), 100)
    ]
    return ready.objective.score(np.concatenate(outputs), examples.targets[rows])


def _rate(benches: Sequence[Bench], contender: Contender, results: Path) -> float:
    """The rate that does best in short runs, by the mean over the seeds that choose; of equal ones the lower loss."""
    book = ledger.rates(results)
    first = benches[0]
    known = [
        line
        for line in book.read()
        if (line.student, line.target, line.contender) == (first.student, first.target.name, contender.name)
    ]
    for seed in RATE_SEEDS:
        if not any(line.seed == seed for line in known):
            for line in _tried(benches[seed], contender):
                book.append(line)
                known.append(line)
    return best_rate(known)


def _tried(bench: Bench, contender: Contender) -> Iterator[Tried]:
    ready = bench.ready(contender.by(bench.ranked))
    choice = replace(ready, settings=replace(ready.settings, steps=round(RATE_STEPS / SHARE))).rates()
    for one in choice.tried:
        yield Tried(
            bench.student, bench.target.name, bench.seed, contender.name, one.rate, one.held_out, one.held_out_loss,
            choice.steps,
        )  # fmt: skip


def best_rate(lines: Sequence[Tried]) -> float:
    """By mean held-out accuracy over seeds, then by mean loss, then the lowest; one that diverged is never chosen."""
    able: dict[float, list[Tried]] = {}
    for line in lines:
        able.setdefault(line.rate, []).append(line)
    merits = {
        rate: (
            float(np.mean([one.held_out for one in tried])),
            -float(np.mean([one.loss for one in tried])),
            -rate,
        )
        for rate, tried in able.items()
        if not any(one.loss != one.loss for one in tried)
    }
    return max(merits, key=merits.__getitem__)
