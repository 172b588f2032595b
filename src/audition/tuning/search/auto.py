"""`auto`: candidates ranked, the likely best tuned in rounds, and the winner to the end."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audition.data.base import Dataset
from audition.data.open import open_dataset
from audition.errors import AuditionError, InputError, printable
from audition.extraction import CacheLike
from audition.heap import kept_memory
from audition.metrics.checks import check_count, check_share
from audition.metrics.registry import parse_metrics
from audition.models.base import Model
from audition.models.torch.library import AUTO, import_library
from audition.models.trust import Trust
from audition.ranking import Ranking, rank
from audition.ranking.candidates import names_of
from audition.ranking.duration import parse_duration
from audition.ranking.order import check_order
from audition.ranking.plan import Metrics
from audition.truth import Truth
from audition.tuning.results.tuned import TunedModel
from audition.tuning.rows.others import others_of
from audition.tuning.rows.study import study_of
from audition.tuning.rows.views import views_of
from audition.tuning.runs.processes import check_alone
from audition.tuning.runs.settings import Settings
from audition.tuning.search.contenders import Contenders, contenders_of
from audition.tuning.teachers.method import Means, Method
from audition.tuning.teachers.roles import best_rows, teachers_of_ranking
from audition.tuning.tune import VIEWS, Terms, checked_terms, tuned_of

if TYPE_CHECKING:
    from audition.tuning.search.contest import Round

TEACHERS = 3  # of the winner, where there is a budget


@dataclass(frozen=True, eq=False)
class Search:
    """What was found, and how.

    tuned: the winner. ranking: of all candidates, on the rows that were learned from. contenders: who was tried and
    who was not. rounds: what was run. seconds: all that it took.
    """

    tuned: TunedModel
    ranking: Ranking
    contenders: Contenders
    rounds: tuple[Round, ...]
    seconds: float

    def __str__(self) -> str:
        from audition.tuning.search.words import as_text

        return as_text(self)


def auto(
    models: str | Model | Sequence[str | Model],
    data: Any,
    *,
    budget: str | float | None = None,
    confidence: float = 0.9,
    teachers: int | None = None,
    metrics: Metrics = None,
    order: str | None = None,
    history: Truth | None = None,
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
) -> Search:
    """The best of many models, tuned: ranks all, tunes the likely best in rounds, and says what it did not try.

    models, metrics, order, history: as in `rank`, on the rows to learn from alone. confidence: as many candidates are
    tried as hold the best with this probability, seven at most; the first three where the ranking has no chances. The
    first round is short runs, at a rate that suits the first of them; those of the better third that are not clearly
    behind go on, for longer, until one is left. It finds its own rate and is tuned to the end. A candidate whose run
    fails is passed over, and the next one takes its place.
    teachers: how many of the next best teach the winner in one more run to the end; held-out rows choose between the
    two. By default three where there is a budget, out of which the run is paid, and else none; with settings of a
    head alone nobody teaches.
    budget: seconds, or a text such as "30m"; when it is short, fewer are tried, rounds and the run with teachers are
    left out, and the last run is shorter. All are ranked and one is tuned for 30 steps, however short it is.
    resume: goes on with a search to `out` that was broken off: what it ran to the end is not run again, and a run that
    was on its way goes on. The budget counts anew; the ranking is made again, of features that the cache kept.
    All else is as in `tune`. The winner is saved in `out`, with the ranking beside it.

    Raises InputError for what cannot be used, before anything is run, and where no candidate can be tuned.
    """
    terms = checked_terms(
        settings, held_out=held_out, test=test, views=views, mirror=mirror, out=out, resume=resume, skip_bad=skip_bad,
        cache=cache, trust=trust, device=device, progress=progress,
    )  # fmt: skip
    asked = asked_of(
        models, metrics=metrics, order=order, history=history, budget=budget, confidence=confidence,
        teachers=teachers, terms=terms,
    )  # fmt: skip
    return search_by(terms, asked, open_dataset(data), terms.other())


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of a search beside its terms.

    models: patterns written out. began, deadline: by `time.perf_counter`; the second None without a budget.
    teachers: how many teach the winner.
    """

    models: tuple[str | Model, ...]
    metrics: Metrics
    order: str | None
    history: Truth | None
    confidence: float
    teachers: int
    began: float
    deadline: float | None


def asked_of(
    models: str | Model | Sequence[str | Model],
    *,
    metrics: Metrics,
    order: str | None,
    history: Truth | None,
    budget: str | float | None,
    confidence: float,
    teachers: int | None,
    terms: Terms,
) -> Asked:
    """What is asked, its clock running; raises InputError for what cannot be, before any data are read."""
    began = time.perf_counter()
    check_alone("auto")
    deadline = None if budget is None else began + parse_duration(budget)
    check_share(confidence, "confidence", "auto")
    check_count(0 if teachers is None else teachers, 0, "teachers", "auto")
    if terms.held_out == 0:
        raise InputError("auto chooses among candidates by held-out rows: let held_out be above 0.")
    if metrics is not None:
        check_order(order, [str(metric) for metric in parse_metrics(metrics)])
    taught = _number(teachers, budget, terms.settings)
    return Asked(tuple(names_of(models)), metrics, order, history, confidence, taught, began, deadline)


@kept_memory()
def search_by(terms: Terms, asked: Asked, data: Dataset, other: Dataset | None = None) -> Search:
    """What `auto` gives for what is asked and its terms. other: data to test on."""
    place, settings = terms.check(), terms.settings
    seen = views_of(data.kind, terms.views, mirror=terms.mirror, seed=settings.seed)
    study = study_of(
        data, seen, held_out=terms.held_out, test=terms.share, seed=settings.seed, skip_bad=terms.skip_bad
    )
    if terms.out is not None:
        study.answers.to_json()  # classes that cannot be saved are found now
    others = None if other is None else others_of(other, study, skip_bad=terms.skip_bad)
    import_library("torch", "tune")
    from audition.tuning.search.contest import Runner
    from audition.tuning.search.rounds import rounds_of, to_the_end

    ranking = rank(
        asked.models, study.training, metrics=asked.metrics, order=asked.order, history=asked.history,
        cache=terms.cache, trust=terms.trust, device=terms.device, progress=terms.progress,
    )  # fmt: skip
    if not ranking.placed:
        raise InputError(ranking.verdict)
    contenders = contenders_of(ranking, asked.confidence)
    known = {printable(model if isinstance(model, str) else model.name): model for model in asked.models}
    means = Means(terms.cache, terms.device, terms.trust)
    runner = Runner(study, settings, means, asked.deadline, terms.progress, known, place)
    try:
        rounds, standing = rounds_of(runner, contenders)
    except AuditionError:
        _without_empty(place)  # nothing was kept that a search could go on from
        raise
    final, ready, done = to_the_end(
        runner, standing, lambda row: _taught(row.model, asked.teachers, ranking, known)
    )
    tuned = tuned_of(ready.job, done, others, ranking, time.perf_counter() - asked.began)
    contenders = contenders.without(rounds[0].untried)
    search = Search(tuned, ranking, contenders, (*rounds, final), time.perf_counter() - asked.began)
    if terms.out is not None:
        tuned.save(terms.out, extra={"ranking.json": f"{ranking.to_json()}\n", "search.txt": f"{search}\n"})
        shutil.rmtree(place or "", ignore_errors=True)
    return search


def _taught(student: str, teachers: int, ranking: Ranking, known: Mapping[str, Any]) -> Method | None:
    """B-Tuning by the next best of the ranking, as many as it has, each as the user gave it."""
    number = min(teachers, len(best_rows(ranking)) - 1)
    if number <= 0:
        return None
    named = teachers_of_ranking(number, student, ranking)
    return Method("b-tuning", tuple(known.get(name, name) for name in named))


def _without_empty(place: Path | None) -> None:
    """Takes away folders that hold nothing."""
    for folder, _, _ in os.walk(place or "", topdown=False):
        with suppress(OSError):
            os.rmdir(folder)


def _number(teachers: int | None, budget: Any, settings: Settings) -> int:
    """How many teach the winner."""
    if settings.head_only:
        return 0
    return teachers if teachers is not None else TEACHERS if budget is not None else 0
