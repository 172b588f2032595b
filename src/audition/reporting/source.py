"""Features to look at: given, or kept from the ranking."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audition.arrays import Matrix
from audition.data.base import Dataset
from audition.data.feature_file import read_features
from audition.data.features import Features
from audition.data.subset import without
from audition.errors import InputError
from audition.extraction import CacheLike, keeping
from audition.models.trust import Trust
from audition.ranking.value import Ranking


@dataclass(frozen=True, eq=False)
class Seen:
    """One layer of a network over the data: features [N, D] and N labels."""

    model: str
    layer: str
    features: Matrix
    labels: Sequence[Hashable]
    task: str = "auto"


def features_of(given: Features | str) -> Seen:
    """The last layer of features, or of a file of them; raises InputError for one that cannot be read."""
    if isinstance(given, str) and (own := _saved(given)) is not None:
        given = own
    if isinstance(given, Features):
        layer, matrix = list(given.layers.items())[-1]
        return Seen(given.model, layer, matrix, given.labels, given.task)
    found = read_features(given)
    labels = found.labels.tolist() if isinstance(found.labels, np.ndarray) else list(found.labels)
    return Seen(Path(given).name, "features", found.features, labels, found.task)


def _saved(path: str) -> Features | None:
    """What `Features.save` wrote, which knows its network; None for any other file."""
    try:
        return Features.load(path)
    except InputError:
        return None


def seen_in_cache(ranking: Ranking, data: Dataset, cache: CacheLike, trust: Trust) -> tuple[Seen | None, str]:
    """The best candidate's features as a run kept them; or why there are none."""
    if data.kind == "tokens":
        return None, "its pictures are of items, and these data are words."
    if not ranking.placed:
        return None, "no candidate could be ranked."
    read = without(data, ranking.skipped) if ranking.skipped else data
    kept, best = keeping(cache, read, trust), ranking.placed[0]
    entry = kept.entry(best.model) if kept else None
    if entry is None or not entry.complete((best.layer,)):
        return None, f"the features of {ranking.called(best)} on these data are not kept."
    labels = [item.label for item in read.items()]
    try:
        return Seen(best.model, best.layer, entry.matrix(best.layer), labels, read.task), ""
    except InputError as error:
        return None, str(error)
