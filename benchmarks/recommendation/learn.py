"""What the pools teach: the file that the package brings, and the same without a target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from audition.recommendation import Learned, Lesson, lesson_of
from audition.recommendation.tables import Table, published, tables_of
from audition.recommendation.variances import variances_of
from audition.truth import Truth, load_truth, shipped_tables
from benchmarks.recommendation.pools import TLLIB, TUNED, ZOO, Pool

SOURCES = {
    TLLIB: "10 supervised ImageNet CNNs; scores and results of Transfer-Learning-Library's model_selection",
    ZOO: "the built-in networks, scored and fine-tuned by this project (src/audition/zoo/truth.csv)",
    TUNED: "networks fine-tuned by this project (benchmarks/finetuned)",
}
SIZE = "number_of_parameters"  # belongs to what is known of a model, not to what its features say


def lesson(pool: Pool) -> Lesson:
    """What one target teaches."""
    scores = {name: column for name, column in pool.scores.items() if name != SIZE}
    return lesson_of(pool.target, pool.accuracy, scores, source=pool.source, task=pool.task)


def learn(pools: Sequence[Pool], tables: Sequence[Table] | None = None) -> Learned:
    """Lessons of the pools; variances and the usual spread from tables (by default those of the package)."""
    given = published() if tables is None else tables
    spread = float(np.median([np.median(table.spreads) for table in given]))
    used = {pool.source for pool in pools}
    sources = {name: what for name, what in SOURCES.items() if name in used}
    return Learned(tuple(map(lesson, pools)), variances_of(given), spread, sources)


def tables_without(data: str, *, but: str = "") -> tuple[Table, ...]:
    """The published tables without one data set, and without one table."""
    truths = [load_truth(name) for name in shipped_tables() if name != but]
    kept = [truth.only([name for name in truth if _data(name) != data]) for truth in truths]
    return tuple(table for truth in kept for table in tables_of(truth))


def history_of(pools: Sequence[Pool], held_out: Pool) -> Truth:
    """The results of the other targets of a source, as a user who tuned these models before would have them."""
    others = {p.target: p.accuracy for p in pools if p.source == held_out.source and p.data != held_out.data}
    return Truth.of("history", others)


def _data(name: str) -> str:
    return Pool("", name, "", {}).data
