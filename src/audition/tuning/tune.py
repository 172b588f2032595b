"""`tune`: from a model and data to a network that answers."""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audition.data.base import Dataset
from audition.data.open import open_dataset
from audition.errors import AuditionError
from audition.extraction import CacheLike, check_kind, watching
from audition.metrics.checks import check_count
from audition.models.base import Model
from audition.models.registry import open_model
from audition.models.torch.library import AUTO, check_device, import_library
from audition.models.trust import Trust, check_trust
from audition.ranking import Ranking
from audition.tuning.results.tuned import TunedModel
from audition.tuning.results.whole import checked_out
from audition.tuning.rows.others import Others, others_of
from audition.tuning.rows.parts import check_shares
from audition.tuning.rows.study import study_of
from audition.tuning.rows.views import views_of
from audition.tuning.runs.processes import leads, together
from audition.tuning.runs.settings import Settings
from audition.tuning.teachers.method import Means, looked_at
from audition.tuning.teachers.roles import Roles, Teachers, roles_of
from audition.tuning.teachers.sitting import teachers_of

if TYPE_CHECKING:
    from audition.tuning.job import Done, Job
    from audition.tuning.networks.body import Beyond

VIEWS = 4


def tune(
    model: str | Model | Any | None,
    data: Any,
    *,
    teachers: Teachers = (),
    method: str | None = None,
    tradeoff: float | None = None,
    temperature: float = 0.1,
    ranking: Ranking | str | Path | None = None,
    layer: str | None = None,
    beyond: Beyond = "drop",
    settings: Settings | None = None,
    held_out: float = 0.2,
    test: Any = 0.0,
    views: int = VIEWS,
    mirror: bool = True,
    out: str | Path | None = None,
    resume: bool = False,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    progress: bool = False,
) -> TunedModel:
    """A network tuned on a data set, ready to predict: B-Tuning where it has teachers, else plain fine-tuning.

    model: a name such as "timm:resnet18.a1_in1k", a Model or a torch.nn.Module; None for the first of the
    ranking. data: all that `open_dataset` takes, with a label an item.
    teachers: names, Models, features [N, D] or pairs with a layer; or how many of the ranking, the best first.
    method: "plain", "b-tuning", "l2-sp" or "distillation". tradeoff: λ of the teachers' part of the loss, by
    default 100 of B-Tuning and 1 of distillation; temperature: of their mixture, softmax(LogME / temperature).
    ranking: a `Ranking` or its file; where it was made on all rows it has seen those that a share of `test` sets
    apart, and the model's notes say so. layer: tune the network up to here; beyond: "drop" what comes after, or
    "reset" it to be learned anew.
    settings: rates, epochs and the rest; what is left open suits the size of the data, and the rate is chosen by
    short runs that held-out rows judge. held_out: the share of rows that chooses the rate and the state.
    test: a share of rows that takes no part until the end, or other data, none of whose items may be among the
    rows; views: how many ways pictures are
    seen (boxes within them, every second one mirrored if `mirror`); what teachers say is kept a view.
    out: a new folder to save to. Checkpoints stand beside it until the end, and `resume` goes on from them as if
    nothing had been. cache, trust, device, skip_bad, progress: as in `rank`.

    Deterministic by `settings.seed` on one machine. You et al., JMLR 2022.
    Raises InputError for what cannot be used, before anything is run; ModelError for a network that cannot be
    trained or diverges; MissingExtraError without torch.
    """
    terms = checked_terms(
        settings, held_out=held_out, test=test, views=views, mirror=mirror, out=out, resume=resume, skip_bad=skip_bad,
        cache=cache, trust=trust, device=device, progress=progress,
    )  # fmt: skip
    roles = roles_of(
        model, ranking, layer=layer, beyond=beyond, teachers=teachers, method=method, tradeoff=tradeoff,
        temperature=temperature, head_only=terms.settings.head_only,
    )  # fmt: skip
    return tuned_by(terms, roles, open_dataset(data), terms.other())


@dataclass(frozen=True, eq=False, kw_only=True)
class Terms:
    """What `tune` and `auto` are asked for alike, as `tune` says it."""

    settings: Settings = field(default_factory=Settings)
    held_out: float = 0.2
    test: Any = 0.0
    views: int = VIEWS
    mirror: bool = True
    out: str | Path | None = None
    resume: bool = False
    skip_bad: bool = False
    cache: CacheLike = None
    trust: Trust = ()
    device: str = AUTO
    progress: bool = False

    @property
    def share(self) -> float:
        """Of the rows, to test on."""
        return float(self.test) if self._is_share else 0.0

    def other(self) -> Dataset | None:
        """Other data to test on, opened; None where there are none."""
        return None if self._is_share or self.test is None else open_dataset(self.test)

    @property
    def _is_share(self) -> bool:
        return isinstance(self.test, Real) and not isinstance(self.test, bool)

    def check(self) -> Path | None:
        """Where checkpoints go; raises InputError for what cannot be, before any data are read or torch is imported."""
        check_shares(self.held_out, self.share)
        check_count(self.views, 1, "views", "tune")
        place = together(partial(checked_out, self.out, self.resume))
        check_device(self.device)
        return place


def checked_terms(settings: Settings | None, **others: Any) -> Terms:
    """Terms of the settings, or the usual ones, and of other fields by their names; raises as `Terms.check`."""
    terms = Terms(settings=settings or Settings(), **others)
    terms.check()
    return terms


def tuned_by(terms: Terms, roles: Roles, data: Dataset, other: Dataset | None = None) -> TunedModel:
    """What `tune` gives for roles and terms. other: data to test on."""
    began, place, settings = time.perf_counter(), terms.check(), terms.settings
    how = roles.method
    if how.teachers:
        how = replace(how, teachers=teachers_of(how.teachers, data))
    check_trust(terms.trust, [roles.student, *(teacher.network for teacher in how.teachers)])
    opened = open_model(roles.student, trust=terms.trust, device=terms.device)
    check_kind(opened, data)
    import_library("torch", "tune")
    from audition.tuning.job import Job, carried_out

    progress = terms.progress and leads()
    watch = watching(progress)
    try:
        means = Means(terms.cache, terms.device, terms.trust, watch)
        looked_at(how, data, means)
        seen = views_of(data.kind, terms.views, mirror=terms.mirror, seed=settings.seed)
        study = study_of(
            data, seen, held_out=terms.held_out, test=terms.share, seed=settings.seed, skip_bad=terms.skip_bad,
            watch=watch,
        )  # fmt: skip
        if terms.out is not None:
            study.answers.to_json()  # classes that cannot be saved are found now
        others = None if other is None else others_of(other, study, skip_bad=terms.skip_bad, watch=watch)
        job = Job(
            study, opened, roles.layer, roles.beyond, how, settings, means, place, terms.resume, progress
        )
        done = carried_out(job)
    finally:
        watch.close()
    tuned = tuned_of(job, done, others, roles.ranking, time.perf_counter() - began)
    if terms.out is not None:
        together(partial(_put_down, tuned, terms.out, place))
    return tuned


def _put_down(tuned: TunedModel, out: str | Path, place: Path | None) -> None:
    """The folder in its place, and then the checkpoints away."""
    tuned.save(out)
    shutil.rmtree(place or "", ignore_errors=True)


def tuned_of(
    job: Job, done: Done, others: Others | None, ranking: Ranking | None, seconds: float
) -> TunedModel:  # fmt: skip
    """The value of a network that is tuned, judged on the rows that were held out, and on those that test it."""
    from audition.tuning.judged import judged_on, judged_rows
    from audition.tuning.provenance import provenance_of

    study, parts, examples = job.study, job.study.parts, done.examples
    told = provenance_of(job, done, ranking, seconds, others)
    tested = None
    try:
        tested = (
            judged_rows(done.network, examples, study, parts.test)
            if others is None
            else judged_on(done.network, job.model, study.answers, others)
        )
    except AuditionError as error:  # what was tuned is not lost by it
        told["notes"].append(f"The test could not be made: {error}")
    return TunedModel(
        done.network,
        job.model,
        study.answers,
        judged_rows(done.network, examples, study, parts.held_out),
        tested,
        done.fitted.curve,
        settings=asdict(done.settings),
        provenance=told,
    )
