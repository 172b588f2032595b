"""The section on racing: the curves, a table of them, and how far a race can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from audition.charts import Drawing
from audition.truth import load_truth
from benchmarks.quality_page.words import number, table
from benchmarks.scale import prose
from benchmarks.scale.calibrate import Seen, noise_of
from benchmarks.scale.figure import Curve, Points, curves
from benchmarks.scale.simulate import (
    FIRST,
    FULL,
    LEAST,
    LISTED,
    MISLED,
    OTHERS,
    REPEATS,
    ROWS,
    TABLE,
    Outcome,
)
from benchmarks.scale.words import said

Lines = list[str]
FIGURE = "scale-racing.svg"
SHARP = 0.001  # the threshold that the text names beside the race's own
CALLED = {
    "race": "racing",
    "list, then race": "static list, then racing",
    "halving": "successive halving",
    "list": "static list",
    "random": "random search",
}
DRAWN: dict[str, tuple[float, float, str]] = {
    "race": (0, 18, "middle"),
    "halving": (8, 4, "start"),
    "list, then race": (-28, -20, "middle"),
    "list": (8, 10, "start"),
    "random": (8, -2, "start"),
}
"""Where each name stands from the end of its curve."""


@dataclass(frozen=True, eq=False)
class Raced:
    """The simulated outcomes, and the targets that its noise is from."""

    outcomes: Sequence[Outcome]
    targets: Sequence[Seen]

    @property
    def tau(self) -> float:
        """The measured agreement, which most outcomes are of."""
        return next(one.tau for one in self.outcomes if one.policy == "random")

    def mean(
        self, policy: str, knob: int | None = None, tau: float | None = None
    ) -> tuple[float, float, float]:
        """(share of passes, points lost, same choice as all) over data sets."""
        found = [
            one for one in self.outcomes
            if one.policy == policy and knob in (None, one.knob) and one.tau == (self.tau if tau is None else tau)
        ]  # fmt: skip
        return fmean(o.share for o in found), fmean(o.regret for o in found), fmean(o.same for o in found)

    def curve(self, policy: str) -> Points:
        """(share, points lost) at each knob."""
        knobs = sorted({one.knob for one in self.outcomes if one.policy == policy and one.tau == self.tau})
        return [self.mean(policy, knob)[:2] for knob in knobs]

    @property
    def bias(self) -> float:
        """The error of a score that no row takes away, in spreads between scores; the median over data sets."""
        found = median({one.dataset: one.error for one in self.outcomes if one.tau == self.tau}.values())
        return float(found / (1 + found**2) ** 0.5)

    @property
    def noise(self) -> float:
        """√rows × the error of the rows, in spreads between scores."""
        return noise_of(list(self.targets)).rows


def drawing(raced: Raced) -> Drawing:
    """All policies."""
    given = [Curve(CALLED[name], raced.curve(name), *where) for name, where in DRAWN.items()]
    ends = "; ".join(f"{one.name} {_percent(one.points[-1][0])}, {one.points[-1][1]:.1f}" for one in given)
    return curves(
        given, title=f"Share of the passes and points of accuracy lost at the end of each curve: {ends}."
    )


def section(raced: Raced) -> Lines:
    """The whole section but its heading."""
    noise = [one.noise for one in raced.targets]
    datasets = {one.dataset for one in raced.outcomes}
    model = said(
        prose.RACING, table=TABLE, models=len(load_truth(TABLE).models), datasets=len(datasets), tau=raced.tau,
        noise=raced.noise, first=FIRST, rows=ROWS,
        judged=sum(one.tau == one.tau for one in raced.targets), targets=len(noise), low=min(noise), high=max(noise),
        repeats=REPEATS, least=LEAST, listed=LISTED,
    )  # fmt: skip
    picture = f"![{drawing(raced).title}]({FIGURE})"
    return [model, "", picture, "", _said(raced), "", *_table(raced), *_thresholds(raced), prose.LIMITS, ""]


def _said(raced: Raced) -> str:
    share, lost, same = raced.mean("race", ROWS)
    sharp = raced.mean(f"race, {SHARP:g}", ROWS)
    few, few_lost, _ = raced.mean("list, then race", ROWS)
    whole, drawn = raced.mean(FULL)[1], raced.curve("random")
    reached = next((point[0] for point in drawn if point[1] <= whole + 0.25), 1.0)
    return said(
        prose.RACED, sharp=f"{SHARP:g}", sharp_share=_percent(sharp[0]), sharp_same=_percent(sharp[2]),
        whole=number(whole, 1), lost=number(lost, 1), share=_percent(share), same=_percent(same, 0),
        half=_percent(raced.mean("halving", ROWS)[0]), random=_percent(reached, 0), rung=_percent(FIRST / ROWS),
        listed=LISTED, few=_percent(few), few_lost=number(few_lost, 1),
        list_one=number(raced.mean("list", 1)[1], 1),
    )  # fmt: skip


def _table(raced: Raced) -> Lines:
    rows = []
    for policy, called in CALLED.items():
        knobs = sorted({one.knob for one in raced.outcomes if one.policy == policy})
        for knob in knobs if policy in ("race", "halving") else knobs[::2]:
            share, lost, same = raced.mean(policy, knob)
            rows.append([called, _up_to(policy, knob), _percent(share), number(lost, 1), _percent(same, 0)])
    lost = raced.mean(FULL)[1]
    rows.append(["all models", f"{ROWS:,} rows", "100 %", number(lost, 1), "100 %"])
    return table(["policy", "up to", "passes", "points lost", "same first as all"], rows)


def _up_to(policy: str, knob: int) -> str:
    if policy not in ("list", "random"):
        return f"{knob:,} rows"
    return f"{knob:,} models" if knob > 1 else "one model"


def _thresholds(raced: Raced) -> Lines:
    """How sharp a race may be, and what it rests on."""
    kinds = {
        "race" if least == LEAST else f"race, {least:g}": f"below {least:g}"
        for least in sorted({LEAST, *OTHERS})
    }
    kinds[MISLED] = f"below {LEAST:g}, by intervals half as wide as they should be"
    rows = [_line(raced, policy, called, raced.tau) for policy, called in kinds.items()]
    taus = sorted({one.tau for one in raced.outcomes} - {raced.tau})
    rows += [_line(raced, "race", f"below {LEAST:g}", tau) for tau in taus]
    return [
        prose.THRESHOLDS,
        "",
        *table(["dropped", "passes", "points lost", "same first as all", "all on all rows lose"], rows),
    ]


def _line(raced: Raced, policy: str, called: str, tau: float) -> list[str]:
    share, lost, same = raced.mean(policy, ROWS, tau)
    whole = raced.mean(FULL, tau=tau)[1]
    return [f"{called}; τ_w {tau:.2f}", _percent(share), number(lost, 1), _percent(same), number(whole, 1)]


def _percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"
