"""The measured costs, as tables, and the ratios that are asked for."""

from __future__ import annotations

from benchmarks.quality_page.words import table
from benchmarks.scale import prose
from benchmarks.scale.costs import Costs
from benchmarks.scale.disk import FLOOR, RATIO, ROWS, WHO
from benchmarks.scale.statistics_costs import DEFAULT, PART
from benchmarks.scale.words import duration, said, size
from benchmarks.scaling import ENGINE, ENGINES, LEAST

Lines = list[str]
CANDIDATE, ORDER = "rank", "standings by two measures"


def measured(costs: Costs) -> Lines:
    """What one more of each costs."""
    linear, square = costs.by_columns()
    a_rank, bare = (costs.slope("candidates", what) for what in (CANDIDATE, f"{CANDIDATE} without intervals"))
    of_row = f"{1e9 * linear:.2g} ns · D + {1e9 * square:.2g} ns · D²"
    kept = f"{size(costs.slope('kept', 'disk'))} on disk with 256 rows of 16 columns"
    held = f"listed; held in {costs.an_item('hold') + costs.an_item('hold labels'):.0f} B with its label"
    packed = f"packed, once a run; kept in {costs.an_item('keep packed'):.1f} B"
    sent = f"sent, a candidate; {costs.an_item('send for one candidate'):.0f} B, half of them its label"
    beside = "beside its rows: 1,024 rows in statistics, two measures, intervals; D = 512"
    network = "one core; the median of four small networks, decoding included"
    rows = [
        ["a row through a network", _s(costs.a_pass()), network],
        ["a row in statistics, D = 512", _s(costs.row(512)), of_row],
        ["a column more, at D = 512", _s(linear + 2 * 512 * square), "a row"],
        ["a class more, beyond 100", _s(costs.a_class()), f"a row of 512 columns, in parts of {PART:,} rows"],
        ["a candidate", _s(a_rank), beside],
        ["- of it intervals", _s(a_rank - bare), ""],
        ["its place and chance", _s(costs.slope("orders", ORDER)), "among others, by two measures"],
        ["its line in the list of the cache", _s(costs.slope("kept", "list")), kept],
        ["an item in a folder", _s(costs.an_item("list")), held],
        ["an item for workers", _s(costs.an_item("pack")), packed],
        ["- on its way there", _s(costs.sending()), sent],
        ["- unpacked by a worker", _s(costs.an_item("unpack")), "a candidate"],
    ]
    return [prose.MEASURED, "", *_left(["one more", "costs", ""], rows), *_sizes(costs), *_pieces(costs)]


def _left(header: list[str], rows: list[list[str]]) -> Lines:
    """A table whose last column is text."""
    lines = table(header, rows)
    lines[1] = lines[1].removesuffix("---:|") + "---|"
    return lines


def _sizes(costs: Costs) -> Lines:
    """Statistics as columns and classes grow."""
    rows = []
    sizes = sorted({(line.columns, line.classes) for line in costs.lines if line.part == "merges"})
    for d, c in sizes:
        at = {"columns": d, "classes": c}
        found = [costs.of("merges", what, **at) for what in ("bytes", "merge", "pack", "unpack")]
        scored = costs.of("scores", DEFAULT, **at)
        rows.append([f"{d:,}", f"{c:,}", size(found[0]), *map(_s, found[1:]), _s(scored)])
    return [prose.STATISTICS, "", *table(["D", "C", "bytes", "add", "pack", "unpack", "score"], rows)]


def _pieces(costs: Costs) -> Lines:
    """Pieces on each engine."""
    rows = []
    for engine in ("2 processes", *ENGINES):
        cells = [
            _maybe(costs, "pieces", f"{engine}, {what}, {clock}")
            for what in ("empty", "statistics") for clock in ("wall", "processor of the leader")
        ]  # fmt: skip
        rows.append([engine, *cells])
    return [prose.ENGINES, "", *table(["", "empty: wall", "leader", "statistics: wall", "leader"], rows)]


def _maybe(costs: Costs, part: str, what: str) -> str:
    try:
        return _s(costs.of(part, what))
    except LookupError:
        return "–"


def asked(costs: Costs) -> Lines:
    """The ratios with their targets; a line of those that were not measured."""
    rows = [*_workers(costs), *_disk(costs)]
    head = ["what", "ours", "against", "theirs", "ratio", "target", "met"]
    return [prose.RATIOS, "", *table(head, rows), *_steps(costs)]


def _steps(costs: Costs) -> Lines:
    """Where the time of a row goes."""
    taken = {line.what: line.value / line.rows for line in costs.lines if line.part == "steps"}
    if not taken:
        return []
    whole = taken.pop("all")
    listed = ", ".join(f"{what} {_s(each)}" for what, each in sorted(taken.items(), key=lambda one: -one[1]))
    return [said(prose.STEPS, whole=_s(whole), listed=listed, rest=_s(whole - sum(taken.values()))), ""]


def _workers(costs: Costs) -> list[list[str]]:
    try:
        one, two = costs.of("workers", "1 process"), costs.of("workers", "2 processes")
    except LookupError:
        return [["eight networks on workers", "not measured yet", "", "", "", "", ""]]
    rows = [["eight networks, 2 processes", f"{two:.1f} s", "1 process", f"{one:.1f} s", f"{one / two:.2f} x faster",
             f"≥ {LEAST:g} x", _met(one / two >= LEAST)]]  # fmt: skip
    for engine in ENGINES:
        if any(line.what == engine for line in costs.lines if line.part == "workers"):
            took = costs.of("workers", engine)
            rows.append([f"{engine}, 2 workers", f"{took:.1f} s", "2 processes", f"{two:.1f} s", f"{took / two:.2f} x",
                         f"≤ {ENGINE:g} x", _met(took / two <= ENGINE)])  # fmt: skip
    return rows


def _disk(costs: Costs) -> list[list[str]]:
    rows = []
    for part, timed in (("disk", "processor, 1 thread"), ("disk-wall", "wall, all cores")):
        measured = {line.what: line.value for line in costs.lines if line.part == part}
        for who in WHO:
            if who == FLOOR or who not in measured:
                continue
            ours, floor, peak = measured[who], measured[FLOOR], measured[f"{who}: memory"]
            what = f"{ROWS:,} × 512 from a file, {who}"
            ratio = ours / floor
            rows.append([what, f"{ours:.1f} s ({timed}), {size(peak)}", FLOOR, f"{floor:.1f} s", f"{ratio:.2f} x",
                         f"≤ {RATIO:g} x", _met(ratio <= RATIO)])  # fmt: skip
    return rows or [["a million rows from a file", "not measured yet", "", "", "", "", ""]]


def _met(is_met: bool) -> str:
    return "yes" if is_met else "NO"


def _s(seconds: float) -> str:
    return duration(max(seconds, 0.0) / 3600)
