"""Gathers all that a report says from a ranking, and from what else is at hand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from audition.data.base import Dataset
from audition.data.features import Features
from audition.data.open import open_dataset
from audition.errors import InputError
from audition.extraction import CacheLike
from audition.models.trust import Trust
from audition.ranking.value import Ranking
from audition.reporting.agreement import agreement
from audition.reporting.answer import answer
from audition.reporting.costs import trades
from audition.reporting.dataset import DataFacts, data_facts
from audition.reporting.depths import depths
from audition.reporting.judged import judged
from audition.reporting.motion import Motion, motion
from audition.reporting.ran import ran
from audition.reporting.shifts import shifts
from audition.reporting.source import Seen, features_of, seen_in_cache
from audition.reporting.value import Report
from audition.truth import Truth


def report(
    ranking: Ranking | str | Path,
    *,
    data: Any = None,
    features: Features | str | Path | None = None,
    cache: CacheLike = None,
    truth: Truth | str | Path | Mapping[str, Any] | None = None,
    dataset: str | None = None,
    tsne: bool = True,
    trust: Trust = (),
    command: str = "",
    seed: int = 0,
) -> Report:
    """A `Report`: the answer, every figure and table of a ranking; `save("report.html")` writes it.

    ranking: a `Ranking`, or the JSON file that one was saved to; it alone gives all but what follows.
    data: what was ranked on, as `rank` takes it: adds what the data are and what is wrong with them.
    features: `Features` of one network, or their file: adds how PED moves their last layer's classes. cache: where
    those of the best network are looked for, given the data. tsne: whether that motion is drawn by t-SNE, too,
    which takes seconds; PCA always.
    truth, dataset: as `evaluate` takes them: adds the true results beside the scores.
    trust: as in `rank`, for what is kept of models that run their own code. command: what makes the ranking again.
    seed: of the rows that are drawn.

    Raises InputError for a file, data or a truth that cannot be used.
    """
    value = ranking if isinstance(ranking, Ranking) else Ranking.load(ranking)
    opened = None if data is None else open_dataset(data)
    seen, why = _seen(value, opened, features, cache, trust)
    moved, still = _motion(value, seen, why, tsne, seed)
    return Report(
        ranking=value,
        answer=answer(value),
        trades=trades(value),
        agreement=agreement(value),
        shifts=shifts(value),
        depths=depths(value),
        motion=moved,
        data=_facts(opened, seen),
        ran=ran(value, command=command, seed=seed),
        judged=None if truth is None else judged(value, truth, dataset=dataset),
        absent=_absent(moved, still, opened, truth),
    )


def _seen(
    ranking: Ranking,
    data: Dataset | None,
    features: Features | str | Path | None,
    cache: CacheLike,
    trust: Trust,
) -> tuple[Seen | None, str]:
    """Features to look at, or why there are none."""
    if features is not None:
        return features_of(features if isinstance(features, Features) else os.fspath(features)), ""
    if data is None or cache is None:
        return (
            None,
            "it needs the features of a network: name the data, and where features are kept, or a file of them.",
        )
    return seen_in_cache(ranking, data, cache, trust)


def _motion(
    ranking: Ranking, seen: Seen | None, why: str, tsne: bool, seed: int
) -> tuple[Motion | None, str]:
    if ranking.task != "classification":
        return None, "PED moves classes, and these labels are none."
    if seen is None:
        return None, why
    try:
        name = ranking.shown.get(seen.model, seen.model)
        found = motion(name, seen.layer, seen.features, seen.labels, task=seen.task, tsne=tsne, seed=seed)
    except InputError as error:
        return None, str(error)
    return found, "" if found else "there are too many classes to be told apart in a picture."


def _facts(data: Dataset | None, seen: Seen | None) -> DataFacts | None:
    if data is None:
        return None
    whole = seen is not None and len(seen.features) == len(data)
    return data_facts(data, features=seen.features if seen is not None and whole else None)


def _absent(
    moved: Motion | None, still: str, data: Dataset | None, truth: object
) -> tuple[tuple[str, str], ...]:
    said = []
    if moved is None:
        said.append(("motion", still))
    if data is None:
        said.append(("data", "name the data to see what they hold and what may be wrong with them."))
    if truth is None:
        said.append(
            ("truth", "give the results of fine-tuning, where you have them, to see them beside the scores.")
        )
    return tuple(said)
