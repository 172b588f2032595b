"""One network, tuned on data that are divided already."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from audition.arrays import Matrix
from audition.errors import ModelError
from audition.extraction import extract
from audition.heap import kept_memory
from audition.models.base import Model
from audition.models.torch.library import opening_on
from audition.models.trainable import check_place
from audition.tuning.judged import features_of
from audition.tuning.networks.body import Beyond, Body, body_of
from audition.tuning.networks.network import Head, Network
from audition.tuning.rows.examples import Examples
from audition.tuning.rows.study import Study
from audition.tuning.runs.fingerprint import Fingerprint, fingerprint_of
from audition.tuning.runs.loop import Fitted, fit
from audition.tuning.runs.objective import Objective, objective_of
from audition.tuning.runs.processes import leads, together
from audition.tuning.runs.progress import tuning_watch
from audition.tuning.runs.rate import RateChoice, Tried, choose_rate
from audition.tuning.runs.rates_kept import RatesKept, interrupted
from audition.tuning.runs.schedule import LOOKS
from audition.tuning.runs.settings import Settings, completed
from audition.tuning.teachers.method import Means, Method, listened, penalty_of
from audition.tuning.teachers.penalties import Penalty
from audition.tuning.teachers.pooled import Pooled

SEEN = 64  # rows by which norms that are drawn anew are set


@dataclass(frozen=True, eq=False)
class Job:
    """One network to be tuned on a study.

    layer: None for the last. folder: where checkpoints go, or None; resume: whether to go on from those there.
    """

    study: Study
    model: Model
    layer: str | None = None
    beyond: Beyond = "drop"
    method: Method = field(default_factory=Method)
    settings: Settings = field(default_factory=Settings)
    means: Means = field(default_factory=Means)
    folder: Path | None = None
    resume: bool = False
    progress: bool = False


@dataclass(frozen=True, eq=False)
class Prepared:
    """A job with all that its runs share.

    settings: complete, but for the rate where it is to be chosen. features: of the training rows, before the network
    is tuned. pooled: what its teachers say.
    """

    job: Job
    examples: Examples
    objective: Objective
    settings: Settings
    features: Matrix
    pooled: Pooled | None

    def network(self) -> Network:
        """The network as it begins, every time the same."""
        body = _body(self.job, self.examples)
        return Network(body, Head.of(self.features[:], self.objective.outputs, seed=self.settings.seed))

    def penalty(self, network: Network) -> Penalty | None:
        """What is added to the loss of such a network."""
        return penalty_of(self.job.method, self.job.study, network, self.features, self.pooled)

    def rates(
        self, ladder: Sequence[float] | None = None, known: Sequence[Tried] = (), *, looks: int = LOOKS
    ) -> RateChoice:
        """The rate that does best in short runs, of four where no ladder is given.

        Runs that are known, or kept in the job's folder, are not made again. looks: at the held-out rows, at least.
        """
        job, network = self.job, self.network()
        penalty = self.penalty(network)
        kept = RatesKept(job.folder, self._fingerprint(network, penalty))
        kept.tried = together(lambda: kept.begin(job.resume))
        try:
            return choose_rate(
                self.network,
                self.examples,
                self.objective,
                self.settings,
                penalty=penalty,
                watch_of=lambda rate: tuning_watch(job.progress, f"try rate {rate:g}"),
                ladder=ladder,
                kept=[*known, *kept.tried],
                keep=kept.keep if leads() else lambda one: None,
                looks=looks,
            )
        except ModelError:
            if leads():
                kept.forget()
            raise
        except KeyboardInterrupt:
            if job.folder is None:
                raise
            raise KeyboardInterrupt(interrupted(len(kept.tried))) from None

    def _fingerprint(self, network: Network, penalty: Penalty | None) -> Fingerprint:
        """Of its runs, whatever their rate; none is asked for without a folder."""
        if self.job.folder is None:
            return {}
        return fingerprint_of(network, self.examples, replace(self.settings, rate=None), penalty)


@dataclass(frozen=True, eq=False)
class Done:
    """A network that is tuned, and how that went. rates: those that were tried, where one had to be chosen."""

    network: Network
    examples: Examples
    fitted: Fitted
    settings: Settings
    rates: RateChoice | None
    pooled: Pooled | None
    seconds: float


def prepared(job: Job) -> Prepared:
    """Everything before the first run: items decoded, features of the training rows, what teachers say."""
    study, means = job.study, job.means
    check_place(job.model, means.device)
    examples = study.examples(job.model.preprocess, watch=means.watch)
    first = _body(job, examples)
    features = _features(job, first)
    rows, device = len(study.parts.train), first.model.device
    wanted = job.settings
    if job.method.name == "l2-sp" and wanted.weight_decay is None:
        wanted = replace(wanted, weight_decay=0.0)  # the penalty stands in its place
    known = completed(wanted, kind=study.data.kind, task=study.answers.task, rows=rows, device=device)
    objective = objective_of(examples, known, outputs=len(study.answers.classes))
    pooled = listened(job.method, study, means)
    means.watch.close()
    return Prepared(job, examples, objective, known, features, pooled)


@kept_memory()
def carried_out(job: Job) -> Done:
    """A job's network, tuned, at the best of four rates where none is given."""
    ready = prepared(job)
    rates = ready.rates() if ready.settings.rate is None else None
    rate = ready.settings.rate if rates is None else rates.rate
    return finished(replace(ready, settings=replace(ready.settings, rate=rate)), rates)


def finished(ready: Prepared, rates: RateChoice | None = None, *, looks: int = LOOKS) -> Done:
    """The network of a job that is prepared, tuned at the rate of its settings.

    looks: at the held-out rows, at least.
    """
    began, job = time.perf_counter(), ready.job
    network = ready.network()
    fitted = fit(
        network,
        ready.examples,
        ready.objective,
        ready.settings,
        penalty=ready.penalty(network),
        folder=job.folder,
        resume=job.resume,
        watch=tuning_watch(job.progress, job.model.name),
        looks=looks,
    )
    seconds = time.perf_counter() - began
    return Done(network, ready.examples, fitted, ready.settings, rates, ready.pooled, seconds)


def _body(job: Job, examples: Examples) -> Body:
    """What is tuned of the network, as it begins."""
    with opening_on(job.means.device):  # an ONNX network becomes one of torch only now
        body = body_of(job.model, job.layer, beyond=job.beyond, seed=job.settings.seed)
    if job.beyond == "reset":
        body.settle(examples.items(job.study.parts.train[:SEEN]))
    return body


def _features(job: Job, body: Body) -> Matrix:
    """The features [n, D] of the training rows, whole, as the network is before it is tuned.

    They are those that a ranking of these rows kept, where there was one.
    """
    study, means = job.study, job.means
    if job.beyond == "reset":  # no cache knows weights that are drawn anew
        return features_of(body, study.training)
    layer = body.layer
    found = extract(
        job.model, study.training, layers=[layer], cache=means.cache, trust=means.trust, device=means.device
    )
    return found.layers[layer]
