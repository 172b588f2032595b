"""Which measure to use when, as far as the targets of each kind can say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audition.truth import Truth
from benchmarks.quality_page import words
from benchmarks.quality_page.pools import BASELINES, PROBES, STATIC, Cells, Keep, Pool, pool_of
from benchmarks.quality_page.results import Result, Results
from benchmarks.quality_page.standings import TAU, best, compared, highest

FEW_ROWS, MANY_CLASSES = 20, 40
CLASSES = "classification"
Chosen = Callable[[Results, str, str], bool]  # results, part, target


@dataclass(frozen=True)
class Case:
    """Targets, and networks, that have something in common."""

    name: str
    parts: tuple[str, ...]
    chosen: Chosen
    keep: Keep


def _every(results: Results, part: str, target: str) -> bool:
    return True


def _few_rows(results: Results, part: str, target: str) -> bool:
    rows, classes = results.shape(part, target)
    return classes > 0 and rows / classes <= FEW_ROWS


def _many_classes(results: Results, part: str, target: str) -> bool:
    return results.shape(part, target)[1] >= MANY_CLASSES


def _plenty(results: Results, part: str, target: str) -> bool:
    return not _few_rows(results, part, target)


def of_kind(kind: str) -> Keep:
    """The results of one kind of task."""
    return lambda row: row.kind == kind


def any_kind(row: Result) -> bool:
    """All of them."""
    return True


def _unseen(row: Result) -> bool:
    return row.kind == CLASSES and not row.seen


IMAGES, TEXT, LAYERS = ("images",), ("text",), ("layers",)
CASES = (
    Case("images, more than 20 rows a class", IMAGES, _plenty, of_kind(CLASSES)),
    Case("few rows: 20 a class or fewer, images", IMAGES, _few_rows, of_kind(CLASSES)),
    Case("many classes: 40 or more, images and text", (*IMAGES, *TEXT), _many_classes, of_kind(CLASSES)),
    Case("images, none of a collection that a network has seen", IMAGES, _every, _unseen),
    Case("text, classes", TEXT, _every, of_kind(CLASSES)),
    Case("layers of one network", LAYERS, _every, of_kind(CLASSES)),
    Case("regression, images and text", (*IMAGES, *TEXT), _every, of_kind("regression")),
    Case("several labels a row, images and text", (*IMAGES, *TEXT), _every, of_kind("multilabel")),
    Case("text, whatever the task", TEXT, _every, any_kind),
    Case("classes, images and text", (*IMAGES, *TEXT), _every, of_kind(CLASSES)),
    Case("images and text, whatever the task", (*IMAGES, *TEXT), _every, any_kind),
)  # fmt: skip


def guidance_table(results: Results) -> list[str]:
    """A line a case: the three measures with the highest mean τ_w, the baselines, and how sure that is."""
    rows = [_row(case, pool_for(case, results)) for case in CASES]
    header = ["when", "targets", "highest τ_w", *PROBES, STATIC, "how sure"]
    return words.table(header, rows)


def pool_for(case: Case, results: Results) -> Pool:
    """The decided targets of a case, of one part or of several."""
    pools = [
        pool_of(results, part, case.keep, [t for t in results.decided(part) if case.chosen(results, part, t)])
        for part in case.parts
    ]
    cells: Cells = {}
    scores: dict[str, Cells] = {}
    for pool in pools:
        cells.update(pool.truth.cells())
        for name, of_target in pool.scores.items():
            scores.setdefault(name, {}).update(of_target)
    return Pool(Truth.of("the benchmark", cells), scores)


def _row(case: Case, pool: Pool) -> list[str]:
    if not pool:
        return [case.name, "0", *[words.NOTHING] * (2 + len(PROBES)), "no target yet"]
    baselines = [
        words.number(pool.judged[name][TAU].value, 2) if name in pool.measures else words.NOTHING
        for name in (*PROBES, STATIC)
    ]
    return [case.name, str(len(pool.judged.datasets)), _highest(pool), *baselines, _how_sure(pool)]


def _highest(pool: Pool) -> str:
    first = highest(pool)[:3]
    return ", ".join(f"`{name}` {words.number(pool.judged[name][TAU].value, 2)}" for name in first)


def _how_sure(pool: Pool) -> str:
    if pool.few:
        return "too few targets to tell measures apart"
    first = best(pool)
    others = [name for name in pool.measures if name != first and name not in BASELINES]
    worse = [name for name in others if first and (d := compared(pool, first, name)) and d.decided]
    return f"the first is told from {len(worse)} of {len(others)} others"
