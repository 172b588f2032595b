"""`auto`: candidates ranked, the likely best tuned in rounds, and the winner to the end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audition.data.open import open_dataset
from audition.errors import InputError
from audition.extraction import CacheLike
from audition.files import write_new_text
from audition.models.base import Model
from audition.models.torch_library import AUTO, check_device
from audition.models.trust import Trust
from audition.ranking import Ranking, rank
from audition.ranking.plan import Metrics
from audition.truth import Truth
from audition.tuning.contenders import Contenders, contenders_of
from audition.tuning.duration import parse_duration
from audition.tuning.method import Means, Method
from audition.tuning.roles import teachers_of_ranking
from audition.tuning.rounds import Round, Runner, rounds_of, to_the_end
from audition.tuning.settings import Settings
from audition.tuning.study import study_of
from audition.tuning.tune import VIEWS, data_and_test, tuned_of
from audition.tuning.tuned import TunedModel
from audition.tuning.views import views_of
from audition.tuning.whole import check_new_folder


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
        from audition.tuning.auto_words import as_text

        return as_text(self)


def auto(
    models: str | Model | Sequence[str | Model],
    data: Any,
    *,
    budget: str | float | None = None,
    confidence: float = 0.9,
    teachers: int = 3,
    metrics: Metrics = None,
    order: str | None = None,
    history: Truth | None = None,
    settings: Settings | None = None,
    held_out: float = 0.2,
    test: Any = 0.0,
    views: int = VIEWS,
    mirror: bool = True,
    out: str | Path | None = None,
    skip_bad: bool = False,
    cache: CacheLike = None,
    trust: Trust = (),
    device: str = AUTO,
    progress: bool = False,
) -> Search:
    """The best of many models, tuned: ranks all, tunes the likely best in rounds, and says what it did not try.

    models, metrics, order, history: as in `rank`, on the rows to learn from alone. confidence: as many candidates are
    tried as hold the best with this probability. The first round is the short runs by which each one's rate is
    chosen; the better third goes on, for longer, until one is left, which is tuned to the end: plainly, and
    with the `teachers` next best as its teachers, where held-out rows choose between the two.
    budget: seconds, or a text such as "30m"; when it is short, fewer are tried, and the last runs are shorter.
    All else is as in `tune`. The winner is saved in `out`, with the ranking beside it.

    Raises InputError for what cannot be used, before anything is run, and where no candidate can be tuned.
    """
    began = time.perf_counter()
    check_device(device)
    seconds = None if budget is None else parse_duration(budget)
    _check_confidence(confidence)
    if out is not None:
        check_new_folder(Path(out))
    wanted = settings or Settings()
    dataset, share, other = data_and_test(open_dataset(data), test)
    seen = views_of(dataset.kind, views, mirror=mirror, seed=wanted.seed)
    study = study_of(dataset, seen, held_out=held_out, test=share, seed=wanted.seed, skip_bad=skip_bad)
    ranking = rank(
        models, study.training, metrics=metrics, order=order, history=history,
        cache=cache, trust=trust, device=device, progress=progress,
    )  # fmt: skip
    if not ranking.placed:
        raise InputError(ranking.verdict)
    contenders = contenders_of(ranking, confidence)
    means = Means(cache, device, trust)
    runner = Runner(study, wanted, means, None if seconds is None else began + seconds, progress)
    rounds, last = rounds_of(runner, contenders)
    final, ready, done = to_the_end(runner, last, _taught(last.row.model, teachers, ranking))
    tuned = tuned_of(ready.job, done, other, ranking, time.perf_counter() - began)
    search = Search(tuned, ranking, contenders, (*rounds, final), time.perf_counter() - began)
    if out is not None:
        tuned.save(out)
        write_new_text(Path(out) / "ranking.json", ranking.to_json() + "\n")
        write_new_text(Path(out) / "search.txt", f"{search}\n")
    return search


def _taught(student: str, teachers: int, ranking: Ranking) -> Method | None:
    """B-Tuning by the next best of the ranking, as many as it has."""
    others = len({row.model for row in ranking.placed}) - 1
    number = min(teachers, others)
    return Method("b-tuning", teachers_of_ranking(number, student, ranking)) if number > 0 else None


def _check_confidence(confidence: float) -> None:
    if isinstance(confidence, bool) or not 0 < confidence <= 1:
        raise InputError(
            f"The 'confidence' parameter must be above 0 and at most 1. Got {confidence!r} instead."
        )
