"""The figures of a report by name, for those who want one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from audition.charts import Drawing
from audition.errors import InputError, UnknownNameError
from audition.reporting.motion import Motion
from audition.reporting.plots import (
    NARROW,
    WIDE,
    agreement_plot,
    class_plot,
    depth_plot,
    energy_plot,
    motion_plot,
    ranking_plot,
    shift_plot,
    trade_plot,
    truth_plot,
)
from audition.reporting.shifts import shift
from audition.reporting.value import Report


def plot(report: Report, kind: str, *, of: str | None = None, width: float | None = None) -> Drawing:
    """One figure of a report, to be saved by `audition.charts.save`.

    kind: one of PLOTS. of: which one, where there are several: a model ("layers"), a measure ("truth"), "parameters"
    or "seconds" ("cost"), two measures with a comma between ("bump"); by default the first. width: in px.
    Raises InputError where the report has nothing for it.
    """
    if kind not in PLOTS:
        raise UnknownNameError("figure", kind, PLOTS)
    return PLOTS[kind](report, of, width)


def _one(what: str, named: Mapping[str, Drawing], of: str | None) -> Drawing:
    """The figure of a name, or the first; raises InputError where there is none."""
    if not named:
        raise InputError(f"The report has nothing for the figure {what!r}: {WANTED[what]}.")
    if of is not None and of not in named:
        raise UnknownNameError(f"{what} figure", of, named)
    return named[next(iter(named)) if of is None else of]


def _bump(report: Report, of: str | None, width: float | None) -> Drawing:
    if of is not None:
        before, mark, after = (part.strip() for part in of.partition(","))
        if not mark:
            raise InputError(
                f"Two measures with a comma between are compared, such as logme,transrate; not {of!r}."
            )
        return shift_plot(shift(report.ranking, before, after), width or WIDE)
    return _one("bump", {each.before: shift_plot(each, width or WIDE) for each in report.shifts[:1]}, None)


def _layers(report: Report, of: str | None, width: float | None) -> Drawing:
    return _one("layers", {each.model: depth_plot(each, width or NARROW) for each in report.depths}, of)


def _cost(report: Report, of: str | None, width: float | None) -> Drawing:
    return _one("cost", {each.what: trade_plot(each, width or NARROW) for each in report.trades}, of)


def _truth(report: Report, of: str | None, width: float | None) -> Drawing:
    known = report.judged.verdicts if report.judged else ()
    return _one("truth", {each.measure: truth_plot(each, width or NARROW) for each in known}, of)


def _of_motion(what: str, draw: Callable[[Motion, float], Drawing]) -> Plot:
    def drawn(report: Report, of: str | None, width: float | None) -> Drawing:
        found = {} if report.motion is None else {what: draw(report.motion, width or NARROW)}
        return _one(what, found, None)

    return drawn


def _classes(report: Report, of: str | None, width: float | None) -> Drawing:
    return _one(
        "classes", {} if report.data is None else {"": class_plot(report.data, width or NARROW)}, None
    )


Plot = Callable[[Report, str | None, float | None], Drawing]

PLOTS: dict[str, Plot] = {
    "ranking": lambda report, of, width: ranking_plot(report.ranking, width or WIDE),
    "cost": _cost,
    "agreement": lambda report, of, width: agreement_plot(report, width or NARROW),
    "bump": _bump,
    "layers": _layers,
    "motion": _of_motion("motion", motion_plot),
    "energy": _of_motion("energy", energy_plot),
    "classes": _classes,
    "truth": _truth,
}
"""The figures by name."""

WANTED = {
    "cost": "fewer than two candidates have a known cost",
    "bump": "rank by two measures, or by one with +ped beside it",
    "layers": "rank several layers of a network",
    "motion": "give the data and the cache, or features",
    "energy": "give the data and the cache, or features",
    "classes": "give the data",
    "truth": "give the true results",
}
"""What a figure needs."""
