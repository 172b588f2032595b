"""The figures of a report, each made from one of its parts."""

from __future__ import annotations

from collections.abc import Sequence

from audition.charts import (
    Change,
    Cloud,
    Drawing,
    Line,
    Panel,
    Point,
    bars,
    bump,
    cloud,
    dots,
    heat,
    lines,
    scatter,
)
from audition.charts.scale import milliseconds, place, short
from audition.charts.scatter import Axis
from audition.errors import InputError
from audition.ranking.standings import NO_VOTE, Row
from audition.ranking.value import Ranking
from audition.reporting.answer import contenders
from audition.reporting.costs import EXPECTED, KINDS, Trade, competing, expected, figure_name
from audition.reporting.dataset import FEW, DataFacts
from audition.reporting.depths import Depths
from audition.reporting.judged import Verdict
from audition.reporting.motion import Motion
from audition.reporting.shifts import Shift
from audition.reporting.value import Report

WIDE, MIDDLE, NARROW = 860.0, 500.0, 343.0
SHOWN = 60  # candidates in one figure; tables have all
PANELS = 3
CLASSES = 24
BANDED = 4
BEST = 3
NORMAL = 1.645  # standard deviations: 90 % of a normal distribution


def ranking_plot(ranking: Ranking, width: float = WIDE) -> Drawing:
    """Where each candidate stands, with intervals; in the accent colour those that may be the best."""
    rows = competing(ranking)[:SHOWN]
    level = {id(row) for row in (*rows[:1], *contenders(ranking))}
    panels = _panels(ranking, rows)[: PANELS if width > MIDDLE else 1]
    called = [figure_name(ranking, row) for row in rows]
    called = shortened(called) if width < MIDDLE else called
    names = [f"{row.place}  {name}" for row, name in zip(rows, called, strict=True)]
    title = f"The first {len(rows)} candidates in order, with intervals: {', '.join(panel.title for panel in panels)}"
    return dots(names, panels, on=[id(row) in level for row in rows], title=title, width=width)


def shortened(names: Sequence[str]) -> list[str]:
    """Names without the source, where all share one.

    >>> shortened(["zoo:a", "zoo:b"]), shortened(["zoo:a", "hf:b"])
    (['a', 'b'], ['zoo:a', 'hf:b'])
    """
    sources = {name.partition(":")[0] if ":" in name else None for name in names}
    return (
        [name.partition(":")[2] for name in names]
        if len(sources) == 1 and None not in sources
        else list(names)
    )


def _panels(ranking: Ranking, rows: Sequence[Row]) -> list[Panel]:
    """The place, and the measures that made it."""
    by_mean = ranking.order not in ranking.metrics
    counted = [metric for metric in _counted(ranking, rows) if metric != NO_VOTE]
    counted.sort(key=lambda metric: not any(metric in row.intervals for row in rows))
    panels = [_measure(rows, metric) for metric in counted]
    if ranking.recommendation is not None:
        panels.insert(0, _expected(ranking, rows, ranking.recommendation.spread))
    elif any(row.standing for row in rows):
        spans = [
            (float(row.standing.first), float(row.standing.last)) if row.standing else None for row in rows
        ]
        values = [row.standing.place if row.standing else None for row in rows]
        panels.insert(0, Panel("place", values, spans, down=True))
    elif by_mean:
        panels.insert(0, Panel("mean place", [row.mean_place for row in rows], [None] * len(rows), down=True))
    return panels


def _counted(ranking: Ranking, rows: Sequence[Row]) -> Sequence[str]:
    if ranking.order in ranking.metrics:
        return (ranking.order,)
    learned = ranking.recommendation.measures if ranking.recommendation else ()
    return learned or ranking.counted


def _expected(ranking: Ranking, rows: Sequence[Row], spread: float) -> Panel:
    """Expected points of accuracy from the mean of the candidates, with their 90 % intervals."""
    found = [expected(ranking, row) for row in rows]
    values = [each.mean * spread if each else None for each in found]
    spans = [
        ((each.mean - NORMAL * each.sd) * spread, (each.mean + NORMAL * each.sd) * spread) if each else None
        for each in found
    ]
    return Panel(EXPECTED, values, spans)


def _measure(rows: Sequence[Row], metric: str) -> Panel:
    return Panel(
        metric, [row.scores.get(metric) for row in rows], [row.intervals.get(metric) for row in rows]
    )


def trade_plot(trade: Trade, width: float = NARROW) -> Drawing:
    """Quality against one cost; named are those that no cheaper candidate beats."""
    points = [Point(each.name, each.cost, each.quality, each.front) for each in trade.candidates]
    shown = milliseconds if trade.what == "seconds" else short
    across = Axis(KINDS[trade.what], log=all(point.x > 0 for point in points), shown=shown)
    title = f"{trade.quality} against {KINDS[trade.what]}; the front: {', '.join(each.name for each in trade.front)}"
    return scatter(
        points,
        across,
        Axis(trade.quality, down=trade.down, shown=place if trade.down else short),
        title=title,
        front=True,
        width=width,
    )


def agreement_plot(report: Report, width: float = NARROW) -> Drawing:
    """τ_w between each two measures."""
    found = report.agreement
    if found is None:
        raise InputError("Agreement is between measures: the ranking has one only, or one candidate.")
    return heat(
        found.measures, found.taus, title="How far each two measures agree, τ_w from −1 to 1", width=width
    )


def shift_plot(found: Shift, width: float = WIDE) -> Drawing:
    """Places by one measure and by another."""
    kept = sorted(found.moves, key=lambda move: move.before)[:SHOWN]
    after = {move.name: i for i, move in enumerate(sorted(kept, key=lambda move: move.after), start=1)}
    names = shortened([move.name for move in kept]) if width < MIDDLE else [move.name for move in kept]
    changes = [
        Change(name, i, after[move.name])
        for i, (name, move) in enumerate(zip(names, kept, strict=True), start=1)
    ]
    title = f"Places of {len(changes)} candidates by {found.before} and by {found.after}"
    return bump(found.before, found.after, changes, title=title, width=width)


def depth_plot(depths: Depths, width: float = NARROW) -> Drawing:
    """Each measure by layer, in its own unit."""
    banded = len(depths.traces) <= BANDED  # more are too low for bands to be seen
    several = [Line(trace.measure, trace.values, trace.spans if banded else ()) for trace in depths.traces]
    title = f"Scores of {depths.model} by layer: " + ", ".join(
        f"{trace.measure} prefers {trace.best}" for trace in depths.traces if trace.best
    )
    each = 110 if len(several) == 1 else 78 if banded else 46
    return lines(depths.layers, several, title=title, width=width, each=each)


def motion_plot(motion: Motion, width: float = NARROW) -> Drawing:
    """The classes before the motion and after it, by PCA and, where it was asked for, by t-SNE."""
    clouds = [
        Cloud(f"{frames.how}, {when}", frames.rows[step], motion.codes, frames.centres[step])
        for frames in motion.frames
        for when, step in (("before", 0), ("after", -1))
    ]
    return cloud(
        clouds, motion.classes, title=f"The classes of {motion.model} before and after PED", width=width
    )


def step_plot(motion: Motion, place: int, width: float = NARROW) -> Drawing:
    """The classes before the first step, by one of the ways to draw them."""
    frames = motion.frames[place]
    first = Cloud(frames.how, frames.rows[0], motion.codes, frames.centres[0])
    title = (
        f"Rows and class centres of {motion.model} in two dimensions by {frames.how}; the slider moves them"
    )
    return cloud([first], motion.classes, title=title, width=width)


def energy_plot(motion: Motion, width: float = NARROW) -> Drawing:
    """The energy before the first step and after each."""
    steps = [str(step) for step in range(len(motion.energy))]
    line = Line("energy, by step", motion.energy, from_zero=True)
    return lines(
        steps, [line], title="The energy of overlaps by step", mark_best=False, width=width, each=110
    )


def class_plot(data: DataFacts, width: float = NARROW) -> Drawing:
    """Rows a class, the most first; those with too few in another colour."""
    if not data.classes:
        raise InputError("Targets have no classes to be counted.")
    shown = (
        data.classes if len(data.classes) <= CLASSES else [*data.classes[: CLASSES - 6], *data.classes[-6:]]
    )
    title = f"Rows of {len(data.classes)} classes"
    return bars([name for name, _ in shown], [count for _, count in shown], title=title, few=FEW, width=width)


def truth_plot(verdict: Verdict, width: float = NARROW) -> Drawing:
    """Scores against what fine-tuning gave; named are the best three by either."""
    by_score = sorted(verdict.points, key=lambda point: -point[1])
    by_truth = sorted(verdict.points, key=lambda point: -point[2])
    best = {name for name, *_ in (*by_score[:BEST], *by_truth[:BEST])}
    points = [Point(name, score, true, name in best) for name, score, true in verdict.points]
    tau = "no order" if verdict.tau is None else f"τ_w {verdict.tau:.2f}".replace("-", "−")
    title = f"{verdict.measure} against true results: {tau}"
    return scatter(points, Axis(verdict.measure), Axis("true result"), title=title, width=width, said=tau)
