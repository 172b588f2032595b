"""One ranking of eight networks by one worker and by two: processes, Dask and Ray, beside a run in one process.

Time is that on the wall; it says something on a quiet machine of two cores only. Workers are up, and have imported
what they need, before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
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
LEAST, ENGINE = 1.7, 1.25


def run(settings: Settings) -> Table:
    if not IMAGES.is_dir() or not all(map(find_spec, NEEDED)):
        return Table(TITLE, "eight networks on the flowers", (Row("not run", ABSENT),))
    from audition.data.open import open_dataset
    from audition.data.subset import limited

    data = limited(open_dataset(IMAGES), 60 if settings.quick else 600)
    names = [named(stem) for stem in EIGHT]
    best: dict[str, float] = {}
    scores: dict[str, Any] = {}
    for round_ in range(settings.repeats):
        for who, started in contenders().items():
            with started() as executor:
                ranked(names[:2], limited(data, 32), executor)
                found = timed(lambda: ranked(names, data, executor))  # called at once
            say(f"  round {round_ + 1}, {who}: {found.seconds:.3g} s")
            best[who] = min(best.get(who, found.seconds), found.seconds)
            scores[who] = found.value
    return Table(TITLE, f"eight networks on {len(data)} pictures of flowers", tuple(rows_of(best, scores)))


def rows_of(best: dict[str, float], scores: dict[str, Any]) -> Iterator[Row]:
    yield faster("2 processes", best["2 processes"], "1 process", best["1 process"], LEAST)
    yield faster("2 processes", best["2 processes"], "no executor", best["no executor"])
    for engine in ("Dask", "Ray"):
        if engine in best:
            yield at_most(f"{engine}, 2 workers", best[engine], "2 processes", best["2 processes"], ENGINE)
    for who, found in scores.items():
        same = found == scores["1 process"]
        yield Row(f"scores of {who}", "the same bits" if same else f"{apart(found, scores['1 process']):.1e} apart",
                  "1 process", seconds(best[who]), met=same if who != "no executor" else None)  # fmt: skip


def apart(one: dict[str, dict[str, float]], other: dict[str, dict[str, float]]) -> float:
    """The largest relative difference of two rankings' scores."""
    return max(abs(one[m][s] - other[m][s]) / abs(other[m][s]) for m in other for s in other[m])


def ranked(names: list[str], data: Any, executor: Executor | None) -> dict[str, dict[str, float]]:
    from audition import rank

    return {row.model: dict(row.scores) for row in rank(names, data, executor=executor, resamples=0).rows}


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
