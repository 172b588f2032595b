"""One ranking of eight networks by one worker and by two: processes, Dask and Ray, beside a run in one process.

Time is that on the wall; it says something on a quiet machine of two cores only. Workers are up, and have imported
what they need, before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

from benchmarks.assets import ABSENT, ASSETS
from benchmarks.networks import NEEDED, TEN, named
from benchmarks.report import Row, Table, as_text, at_most, faster, seconds
from benchmarks.settings import Settings
from benchmarks.timing import say, timed

TITLE = "Scaling"
IMAGES = ASSETS / "images" / "flowers" / "train"
EIGHT = TEN[:8]
ENGINES = ("Dask", "Ray")
LEAST, ENGINE = 1.7, 1.25

Scores = dict[str, dict[str, float]]
"""model -> measure -> score."""


@dataclass(frozen=True)
class Found:
    """Seconds on the wall of the best round, and the scores, by who ran the networks."""

    pictures: int
    seconds: Mapping[str, float]
    scores: Mapping[str, Scores]


def run(settings: Settings) -> Table:
    if not is_there():
        return Table(TITLE, "eight networks on the flowers", (Row("not run", ABSENT),))
    found = measured(60 if settings.quick else 600, settings.repeats)
    return Table(TITLE, f"eight networks on {found.pictures} pictures of flowers", tuple(rows_of(found)))


def is_there() -> bool:
    """Whether the pictures and the libraries of the networks are."""
    return IMAGES.is_dir() and all(map(find_spec, NEEDED))


def measured(pictures: int, repeats: int) -> Found:
    """All contenders in turns, so that a slow minute of the machine hits them all."""
    from audition.data.open import open_dataset
    from audition.data.subset import limited

    data = limited(open_dataset(IMAGES), pictures)
    names = [named(stem) for stem in EIGHT]
    best: dict[str, float] = {}
    scores: dict[str, Scores] = {}
    for round_ in range(repeats):
        for who, started in contenders().items():
            with started() as executor:
                ranked(names[:2], limited(data, 32), executor)
                found = timed(partial(ranked, names, data, executor))
            say(f"  round {round_ + 1}, {who}: {found.seconds:.3g} s")
            best[who] = min(best.get(who, found.seconds), found.seconds)
            scores[who] = found.value
    return Found(len(data), best, scores)


def rows_of(found: Found) -> Iterator[Row]:
    best, scores = found.seconds, found.scores
    yield faster("2 processes", best["2 processes"], "1 process", best["1 process"], LEAST)
    yield faster("2 processes", best["2 processes"], "no executor", best["no executor"])
    for engine in ENGINES:
        if engine in best:
            yield at_most(f"{engine}, 2 workers", best[engine], "2 processes", best["2 processes"], ENGINE)
    for who, own in scores.items():
        same = own == scores["1 process"]
        yield Row(f"scores of {who}", "the same bits" if same else f"{apart(own, scores['1 process']):.1e} apart",
                  "1 process", seconds(best[who]), met=same if who != "no executor" else None)  # fmt: skip


def apart(one: Scores, other: Scores) -> float:
    """The largest relative difference of two rankings' scores."""
    return max(abs(one[m][s] - other[m][s]) / abs(other[m][s]) for m in other for s in other[m])


def ranked(names: list[str], data: Any, executor: Executor | None) -> Scores:
    from audition import rank

    return {
        row.model: {name: score for name, score in row.scores.items() if score is not None}
        for row in rank(names, data, executor=executor, resamples=0).rows
    }


def contenders() -> dict[str, Callable[[], Any]]:
    """Who runs the networks, by name; what is not installed is left out."""
    from audition.executors import Processes, RayCluster

    known: dict[str, Callable[[], Any]] = {
        "no executor": nullcontext,
        "1 process": lambda: Processes(1),
        "2 processes": lambda: Processes(2),
    }
    if find_spec("distributed"):
        known["Dask"] = local_dask
    if find_spec("ray"):
        known["Ray"] = RayCluster
    return known


@contextmanager
def local_dask() -> Iterator[Executor]:
    from distributed import LocalCluster

    from audition.executors import DaskCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local,
        DaskCluster(local.scheduler_address) as executor,
    ):
        yield executor


if __name__ == "__main__":
    import sys

    print(as_text(run(Settings(quick="--quick" in sys.argv, repeats=1 if "--quick" in sys.argv else 3))))
