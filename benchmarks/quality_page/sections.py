"""The sections of the page, each from all results."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.quality_page import apart, guidance, orders, prose, stability, standings, words
from benchmarks.quality_page.guidance import CLASSES, of_kind
from benchmarks.quality_page.pools import HYBRIDS, Pool, pool_of
from benchmarks.quality_page.results import Result, Results

PARTS = ("images", "text", "layers")
Lines = list[str]


def decided_pool(results: Results, part: str, kind: str = CLASSES) -> Pool:
    """The decided targets of a part."""
    return pool_of(results, part, of_kind(kind), results.decided(part))


def _section(title: str, results: Results, part: str, said: str = "") -> Lines:
    """All measures on the decided targets of a part, and how far they lie apart."""
    pool, head = decided_pool(results, part), [f"## {title}", "", *([said, ""] if said else [])]
    if not pool:
        return [*head, prose.NOTHING, ""]
    seconds = standings.seconds_of(results, part, results.decided(part))
    cost = [standings.cost(results, part, seconds), ""] if seconds else []
    size = f"{len(pool.judged.models)} candidates on {', '.join(pool.judged.datasets)}."
    verdict = standings.verdict(pool)
    return [
        *head,
        size,
        "",
        verdict,
        "",
        *standings.measures_table(pool, seconds),
        *cost,
        *_differences(pool),
    ]


def _differences(pool: Pool) -> Lines:
    """Of few targets none can be told, and none is shown."""
    if pool.few:
        return []
    return [standings.of_ped(pool), "", "### Differences", "", *standings.differences_table(pool)]


def images(results: Results) -> Lines:
    return _section("Image networks, classes", results, "images")


def text(results: Results) -> Lines:
    return _section("Text encoders, classes", results, "text")


def layers(results: Results) -> Lines:
    return _section("Layers of one network", results, "layers", prose.LAYERS)


def zoo(results: Results) -> Lines:
    return _section("The built-in zoo, as recorded", results, "zoo", prose.ZOO)


def budget(results: Results) -> Lines:
    head, pool = ["## A budget of two", "", prose.BUDGET, ""], decided_pool(results, "images")
    if not pool or not set(HYBRIDS) & set(pool.measures):
        return [*head, "No static list yet: it needs two unrelated targets.", ""]
    few = [standings.verdict(pool), ""] if pool.few else []
    return [*head, *few, *standings.budget_table(pool)]


def fixed_orders(results: Results) -> Lines:
    ours = orders.orders_table(results, results.decided("images"))
    head = ["## One order of quality, or one for each task", "", prose.ORDERS, "", *ours]
    return [*head, "### Published tables", "", *orders.published_table(), prose.PUBLISHED, ""]


def score_differences(results: Results) -> Lines:
    head, pool = ["## Do differences of scores say anything?", ""], decided_pool(results, "images")
    if not pool:
        return [*head, prose.NOTHING, ""]
    correlation = apart.correlation_table(pool, orders.SHOWN)
    sizes = apart.size_table(pool, orders.SHOWN)
    return [*head, prose.CORRELATION, "", *correlation, prose.SIZES, "", *sizes]


def firmness(results: Results) -> Lines:
    """The stability study."""
    pool, lines = decided_pool(results, "images"), ["## How firm a τ_w is", "", *_ceiling(results)]
    if not pool:
        return lines
    rows = stability.rows_table(results, "images", of_kind(CLASSES), results.decided("images"))
    halves = (
        f"{stability.DRAWS} random halves of the networks, the same for every measure, and how often each measure is "
        "the best of these there:"
    )
    lines += ["### Other rows", "", prose.ROWS, "", *rows]
    return [*lines, "### Other candidates", "", halves, "", *stability.pools_table(pool)]


def _ceiling(results: Results) -> Lines:
    said = [line for part in (*PARTS, "zoo") if (line := stability.ceiling(results, part))]
    table = stability.ceiling_table(results, (*PARTS, "zoo"), guidance.any_kind)
    return ["### The ceiling", "", *(line for text in said for line in (text, "")), prose.CEILING, "", *table]


def other_tasks(results: Results) -> Lines:
    lines = ["## Regression, and several labels a row", ""]
    for name, kind in (("Regression", "regression"), ("Several labels a row", "multilabel")):
        for part in ("images", "text"):
            if pool := decided_pool(results, part, kind):
                seconds = standings.seconds_of(results, part, pool.judged.datasets)
                head = f"### {name}, {part}: {', '.join(pool.judged.datasets)}"
                table = standings.measures_table(pool, seconds)
                lines += [head, "", standings.verdict(pool), "", *table]
    return lines if len(lines) > 2 else [*lines, prose.NOTHING, ""]


def which_when(results: Results) -> Lines:
    rows = [row for row in results.rows if row.part == "images" and _without_labels(results, row)]
    alone = sorted({row.network for row in rows})
    count = f"the benchmark tunes {len(alone)} of them ({', '.join(alone) or 'none yet'})"
    table = guidance.guidance_table(results)
    said = f"Self-supervised networks: {count}, {prose.SELF_SUPERVISED}"
    return ["## Which measure when", "", prose.WHEN, "", *table, said, ""]


def _without_labels(results: Results, row: Result) -> bool:
    return "selfsup" in results.facts[row.network]["pretrained"]


def undecided(results: Results) -> Lines:
    parts = (*PARTS, "zoo")
    found = [(p, t) for p in parts for t in results.targets(p) if results.agreement[p, t].undecided]
    if not found:
        return ["## Undecided targets", "", "None among those that are whole enough to say.", ""]
    rows = [
        [f"{part}: {target}", words.number(results.agreement[part, target].tau, 2), *taus]
        for part, target in found
        if (taus := _taus(pool_of(results, part, guidance.any_kind, (target,))))
    ]
    table = words.table(["target", "seeds agree to", *orders.SHOWN], rows)
    return ["## Undecided targets", "", prose.UNDECIDED, "", *table]


def _taus(pool: Pool) -> Sequence[str]:
    if not pool:
        return []
    taus = {name: pool.values[name][standings.TAU].value for name in orders.SHOWN if name in pool.measures}
    return [words.number(taus.get(name, float("nan")), 2) for name in orders.SHOWN]
