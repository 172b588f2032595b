"""The sections of the page, each from all results."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median, stdev

from benchmarks.quality_page.words import NOTHING, listed, number, table
from benchmarks.tuning import prose
from benchmarks.tuning.contenders import ALONE, ONE_RATE, PLAIN, TUNED, WEAKER
from benchmarks.tuning.results import Estimate, Results

Lines = list[str]
THREE = "b-tuning-3"
CALLED = {
    PLAIN: "plain",
    "l2-sp": "L2-SP",
    "distillation-3": "distillation",
    "b-tuning-1": "B-Tuning, 1",
    "b-tuning-3": "B-Tuning, 3",
    "b-tuning-5": "B-Tuning, 5",
    "b-tuning-3 λ=10": "B-Tuning, 3, λ = 10",
    "b-tuning-3 λ=1": "B-Tuning, 3, λ = 1",
    "teachers-1": "1 teacher",
    "teachers-3": "3 teachers",
    "teachers-5": "5 teachers",
}
NAMES = [contender.name for contender in TUNED]
TEACHERS = [contender.name for contender in ALONE]
GROUPS = {True: "at most 20 rows a class", False: "more rows"}
ENOUGH = 6  # targets, to tell anything of others


def accuracies(results: Results, student: str) -> Lines:
    """Means and spreads over seeds."""
    shown = [*NAMES, *TEACHERS]
    rows = [
        [_target(results, student, target), *(_mean(results, student, target, name) for name in shown)]
        for target in results.targets(student)
    ]
    return [prose.ACCURACIES, "", *table(["target", *(CALLED[name] for name in shown)], rows)]


def _target(results: Results, student: str, target: str) -> str:
    runs = [run for run in results.runs if (run.student, run.target) == (student, target)]
    return f"{target} ({runs[0].train_rows} + {runs[0].held_out_rows})"


def _mean(results: Results, student: str, target: str, contender: str) -> str:
    values = [100 * run.accuracy for run in results.by_cell.get((student, target, contender), {}).values()]
    if not values:
        return NOTHING
    spread = f" ± {stdev(values):.1f}" if len(values) > 1 else ""
    return f"{fmean(values):.1f}{spread}"


def gains(results: Results, student: str, suffix: str = "") -> Lines:
    """Points more than plain fine-tuning: a target at a time, then over targets with few rows, with more, and all.

    suffix: of the contenders' names.
    """
    names = [name for name in NAMES if name != PLAIN]
    rows: list[list[str]] = []
    for few, called in GROUPS.items():
        targets = results.targets(student, few=few)
        of_each = [_gains(results, student, [target], suffix) for target in targets]
        rows += [[target, *map(_points, each)] for target, each in zip(targets, of_each, strict=True)]
        rows.append([f"mean, {called}", *map(_mean_points, _gains(results, student, targets, suffix))])
    everything = results.targets(student)
    rows.append(
        [f"mean, all {len(everything)}", *map(_mean_points, _gains(results, student, everything, suffix))]
    )
    return table(["target", *(CALLED[name] for name in names)], rows)


def _gains(results: Results, student: str, targets: Sequence[str], suffix: str) -> list[Estimate]:
    """Of every contender but the plain one; over seeds of one target, over targets of several."""
    pairs = [(name + suffix, PLAIN + suffix) for name in NAMES if name != PLAIN]
    if len(targets) == 1:
        return [results.gain(student, targets[0], *pair) for pair in pairs]
    return [results.mean_gain(student, targets, *pair) for pair in pairs]


def _points(gain: Estimate) -> str:
    """ "+1.2 (−0.3 to 2.7)", in bold where 0 is outside."""
    if not gain.number:
        return NOTHING
    value = f"{'+' if gain.value > 0 else ''}{number(gain.value, 1)}"
    if gain.low != gain.low:
        return value
    text = f"{value} ({number(gain.low, 1)} to {number(gain.high, 1)})"
    return f"**{text}**" if gain.decided else text


def _mean_points(gain: Estimate) -> str:
    """The same, but never in bold where targets are few."""
    return _points(gain) if gain.number >= ENOUGH else _points(gain).replace("**", "")


def at_one_rate(results: Results, student: str) -> Lines:
    """The gains where all have the rate that is best for them together."""
    if not any(run.student == student and run.contender == THREE + ONE_RATE for run in results.runs):
        return []
    return [prose.ONE_RATE, "", *gains(results, student, ONE_RATE)]


def short(results: Results, student: str) -> Lines:
    """What came out, in sentences."""
    targets = results.targets(student)
    whole = [target for target in targets if results.gain(student, target, THREE).number]
    if len(whole) < 2:
        return [f"`{student}`: too little has been run to say anything.", ""]
    verdicts = [
        f"{CALLED[name]} {_verdict(results.mean_gain(student, targets, name))}"
        for name in NAMES
        if name != PLAIN
    ]
    few = results.mean_gain(student, results.targets(student, few=True), THREE)
    more = results.mean_gain(student, results.targets(student, few=False), THREE)
    lines = [
        f"**`{student}`, {len(whole)} targets, against plain fine-tuning:** {'; '.join(verdicts)}.",
        "",
        f"B-Tuning with three teachers is {_mean_points(few)} points where a class has at most 20 rows "
        f"({few.number} targets) and {_mean_points(more)} where it has more ({more.number}).",
    ]
    rival = _points(results.mean_gain(student, targets, THREE, "distillation-3")).replace("**", "")
    said = f"Against distillation from the same three teachers, B-Tuning is {rival} points."
    alone = [results.gain(student, target, "teachers-3").value for target in whole]
    return [*lines, "", said, "", _of_teachers(alone), ""]


def _of_teachers(gains: Sequence[float]) -> str:
    better = sum(gain > 0 for gain in gains)
    return (
        f"The three teachers' own answers, with no network tuned, beat the plainly tuned student on {better} of "
        f"{len(gains)} targets, by {number(fmean(gains), 1)} points in the mean."
    )


def _verdict(gain: Estimate) -> str:
    told = gain.decided and gain.number >= ENOUGH
    word = ("better" if gain.value > 0 else "worse") if told else "not told apart"
    return f"{word} ({_points(gain).replace('**', '')})"


def costs(results: Results, student: str) -> Lines:
    """Seconds a step and in all, as ratios to plain fine-tuning of the same target and seed."""
    rows = []
    for name in NAMES:
        steps = results.ratios(student, name, lambda run: run.seconds / max(run.steps, 1))
        if steps:
            before = [run.ready for run in results.runs if (run.student, run.contender) == (student, name)]
            rows.append([CALLED[name], f"{median(steps):.2f}", f"{max(steps):.2f}", f"{median(before):.2f}"])
    lines = [prose.COSTS, "", *table(["", "a step", "at most", "before the first step, s"], rows)]
    reached = results.ratios(student, THREE, lambda run: run.seconds / max(run.steps, 1))
    if not reached:
        return lines
    ratio = median(reached)
    met = "met" if ratio <= prose.PACE else "missed"
    first = [_once(results, student, target) for target in results.targets(student)]
    plain = [run.seconds for run in results.runs if (run.student, run.contender) == (student, PLAIN)]
    said = (
        f"B-Tuning with three teachers takes {ratio:.2f} times a plain step (asked for: at most {prose.PACE}; {met}). "
        f"What its teachers say is made once a target: {median(first):.1f} s of a processor beyond what the ranking "
        f"had made (median over targets), where one plain run takes {median(plain):.1f} s."
    )
    return [*lines, said, ""]


def _once(results: Results, student: str, target: str) -> float:
    """Seconds for what three teachers say, with the first seed: the best alone was asked just before."""
    asked = [results.by_cell.get((student, target, name), {}) for name in TEACHERS[:2]]
    return sum(runs[0].ready for runs in asked if 0 in runs)


def tradeoffs(results: Results, student: str) -> Lines:
    """Held-out accuracy at the best rate by λ."""
    shown = [PLAIN, *(contender.name for contender in reversed(WEAKER)), THREE]
    rows = []
    for target in results.targets(student):
        best = {name: _held_out(results, student, target, name) for name in shown}
        if best[THREE] == best[THREE]:
            cells = [f"{best[name]:.3f}" if best[name] == best[name] else NOTHING for name in shown]
            tests = [_points(results.gain(student, target, name)) for name in shown[1:]]
            rows.append([target, *cells, *tests])
    head = ["target", "held out: plain", "λ = 1", "10", "100", "test, to plain: λ = 1", "10", "100"]
    return [prose.TRADEOFFS, "", *table(head, rows)] if rows else []


def _held_out(results: Results, student: str, target: str, contender: str) -> float:
    """The best over rates of the mean over the seeds that chose; NaN where none was tried."""
    found: dict[float, list[float]] = {}
    for one in results.tried:
        if (one.student, one.target, one.contender) == (student, target, contender):
            found.setdefault(one.rate, []).append(one.held_out)
    return max((fmean(values) for values in found.values()), default=float("nan"))


def why(results: Results, student: str) -> Lines:
    """What teachers say beyond the labels, and how hard they pull."""
    mine = [reason for reason in results.reasons if reason.student == student]
    if not mine:
        return []
    rows = [
        [
            one.target,
            *(
                number(value, 2)
                for value in (one.said_train, one.said_test, one.student_train, one.student_test)
            ),
            f"{one.loss:.2f}",
            f"{one.penalty:.2f}",
            f"{one.loss_pull:.2f}",
            f"{one.head_pull:.2f}",
            f"{one.penalty_pull:.1f}",
        ]
        for one in mine
    ]
    head = [
        "target", "teachers, trained on", "test", "student, trained on", "test", "loss", "penalty",
        "pull of the loss: body", "head", "pull of the penalty: body",
    ]  # fmt: skip
    share = median(one.penalty_pull / max((one.loss_pull**2 + one.head_pull**2) ** 0.5, 1e-9) for one in mine)
    said = f"At λ = 100 the penalty pulls {share:.0f} times as hard as the loss (median over targets)."
    return [prose.WHY, "", *table(head, rows), said, prose.PULL, ""]


def state(results: Results) -> Lines:
    """What of the benchmark is there."""
    lines = []
    for student in results.students:
        targets = results.targets(student)
        runs = [run for run in results.runs if run.student == student and run.contender in NAMES]
        seeds = {
            len(results.by_cell.get((student, target, name), {})) for target in targets for name in NAMES
        }
        said = f"{min(seeds)}" if len(seeds) == 1 else f"{min(seeds)} to {max(seeds)}"
        lines.append(f"- student `{student}`: {listed(targets)}; {said} seeds a contender; {len(runs)} runs")
    return [*(lines or ["- nothing yet"]), ""]
