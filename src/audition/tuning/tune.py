"""`tune`: from a model and data to a network that answers."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from audition.data.base import Dataset
from audition.data.open import open_dataset
from audition.errors import AuditionError, InputError
from audition.extraction import CacheLike, check_kind, watching
from audition.files import user_path
from audition.models.base import Model
from audition.models.registry import open_model
from audition.models.torch.library import AUTO, check_device
from audition.models.trust import Trust, check_trust
from audition.ranking import Ranking
from audition.tuning.job import Done, Job, carried_out
from audition.tuning.judged import judged_on, judged_rows
from audition.tuning.networks.body import Beyond
from audition.tuning.provenance import provenance_of
from audition.tuning.results.folder import CONFIG
from audition.tuning.results.tuned import TunedModel
from audition.tuning.results.whole import check_new_folder
from audition.tuning.rows.others import Others, others_of
from audition.tuning.rows.study import study_of
from audition.tuning.rows.views import views_of
from audition.tuning.runs.processes import leads, together
from audition.tuning.runs.settings import Settings
from audition.tuning.teachers.method import Means, looked_at, method_of
from audition.tuning.teachers.roles import Teachers, student_of, teachers_of_ranking
from audition.tuning.teachers.sitting import teachers_of

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
    check_device(device)
    place = together(lambda: checked_out(out, resume))
    standing = Ranking.load(ranking) if isinstance(ranking, (str, Path)) else ranking
    student, chosen = student_of(model, layer, standing)
    wanted = settings or Settings()
    roles = teachers_of_ranking(teachers, student, standing)
    how = method_of(method, roles, tradeoff, temperature, head_only=wanted.head_only)
    dataset, share, other = data_and_test(open_dataset(data), test)
    if how.teachers:
        how = replace(how, teachers=teachers_of(how.teachers, dataset))
    check_trust(trust, [student, *(teacher.network for teacher in how.teachers)])
    began = time.perf_counter()
    opened = open_model(student, trust=trust, device=device)
    check_kind(opened, dataset)
    progress = progress and leads()
    watch = watching(progress)
    try:
        means = Means(cache, device, trust, watch)
        looked_at(how, dataset, means)
        seen = views_of(dataset.kind, views, mirror=mirror, seed=wanted.seed)
        study = study_of(
            dataset, seen, held_out=held_out, test=share, seed=wanted.seed, skip_bad=skip_bad, watch=watch
        )
        if out is not None:
            study.answers.to_json()  # classes that cannot be saved are found now
        others = None if other is None else others_of(other, study, skip_bad=skip_bad, watch=watch)
        job = Job(study, opened, chosen, beyond, how, wanted, means, place, resume, progress)
        done = carried_out(job)
    finally:
        watch.close()
    tuned = tuned_of(job, done, others, standing, time.perf_counter() - began)
    if out is not None:
        together(lambda: _put_down(tuned, out, place))
    return tuned


def _put_down(tuned: TunedModel, out: str | Path, place: Path | None) -> None:
    """The folder in its place, and then the checkpoints away."""
    tuned.save(out)
    shutil.rmtree(place or "", ignore_errors=True)


def checked_out(out: str | Path | None, resume: bool) -> Path | None:
    """Where checkpoints go while the folder is not there yet; raises InputError where one cannot be written."""
    if out is None:
        if resume:
            raise InputError("resume=True goes on from the checkpoints beside a folder: say which by out.")
        return None
    folder = Path(os.path.abspath(user_path(out)))
    if resume and (folder / CONFIG).is_file():
        raise InputError(f"{str(folder)!r} holds a run that came to its end: there is nothing to go on with.")
    check_new_folder(folder)
    place = folder.with_name(f"{folder.name}.tuning")
    if place.exists() and not resume:
        raise InputError(
            f"{str(place)!r} holds a run that was broken off: go on by resume=True (--resume), or remove it."
        )
    return place


def data_and_test(data: Dataset, test: Any) -> tuple[Dataset, float, Dataset | None]:
    """The data, the share of it to test on, and other data to test on."""
    if isinstance(test, (int, float)) and not isinstance(test, bool):
        return data, float(test), None
    return data, 0.0, open_dataset(test)


def tuned_of(
    job: Job, done: Done, others: Others | None, ranking: Ranking | None, seconds: float
) -> TunedModel:  # fmt: skip
    """The value of a network that is tuned, judged on the rows that were held out, and on those that test it."""
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
