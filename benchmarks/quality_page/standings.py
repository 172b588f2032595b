"""The tables that every pool has: all measures, how far they lie apart, and what a budget of two costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audition.errors import InputError
from audition.evaluation import Difference
from benchmarks.quality_page import prose, words
from benchmarks.quality_page.pools import BASELINES, HYBRIDS, PROBES, RECOMMENDATION, STATIC, Pool, label
from benchmarks.quality_page.results import Results
from benchmarks.quality_page.scores import FEATURES
from benchmarks.quality_page.words import NOTHING

Times = Mapping[str, Sequence[float]]
TAU = "weighted_tau"
PED = "+ped"
COVERED = 0.9  # of the results that a measure must have a score for, to be called the best
TRIED = ("logme", "regularized_h_score", *PROBES)


def ordered(pool: Pool) -> list[str]:
    """The measures, the highest mean τ_w first; those after PED stand beside their own."""
    taus = {name: pool.judged[name][TAU].value for name in pool.measures}
    plain = [name for name in taus if not name.endswith(PED) and name not in HYBRIDS]
    return sorted(plain, key=lambda name: (taus[name] != taus[name], -taus[name]))


def best(pool: Pool) -> str | None:
    """The measure, with PED or without, with the highest mean τ_w of those that order nearly all networks."""
    names = highest(pool)
    return names[0] if names else None


def highest(pool: Pool) -> list[str]:
    """The measures that have an order on every target, of nearly all networks, the highest mean τ_w first."""
    names = [name for name in pool.measures if name not in BASELINES and _covers(pool, name)]
    return sorted(names, key=lambda name: -pool.values[name][TAU].value)


def _covers(pool: Pool, name: str) -> bool:
    scored = sum(len(pairs.models) for pairs in pool.values.judged[name].values())
    enough = scored >= COVERED * sum(len(pool.truth[target]) for target in pool.truth)
    return enough and not _without_order(pool, name)


def _without_order(pool: Pool, name: str) -> int:
    """On how many targets all scores are equal: a mean over the others flatters."""
    return sum(tau != tau for tau in pool.values[name][TAU].by_dataset.values())


def measures_table(pool: Pool, seconds: Times) -> list[str]:
    """Every measure: τ_w, regret@1 and seconds, and beside them the first two after PED."""
    header = ["measure", "τ_w", "90 %", "regret@1", "90 %", "s", "PED: τ_w", "regret@1", "gain in τ_w"]
    return words.table(header, [_row(pool, name, seconds) for name in ordered(pool)])


def _row(pool: Pool, name: str, seconds: Times) -> list[str]:
    held = pool.judged[name]
    tau, regret = held[TAU], held["regret@1"]
    cells = [words.number(tau.value), words.sure(tau), words.number(regret.value, 2), words.sure(regret, 1)]
    time = words.seconds(seconds.get(name, ()))
    return [_label(pool, name), *cells, time, *_after_ped(pool, name)]


def _after_ped(pool: Pool, name: str) -> list[str]:
    moved = name + PED
    if moved not in pool.measures:
        return [NOTHING] * 3
    held, gain = pool.judged[moved], compared(pool, moved, name)
    return [
        words.number(held[TAU].value),
        words.number(held["regret@1"].value, 2),
        words.apart(gain, few=pool.few),
    ]


def _label(pool: Pool, name: str) -> str:
    """With how many networks it knows, where that is not all, and on how many targets it has no order."""
    shown = label(name)
    if level := _without_order(pool, name):
        shown += f", no order on {level}"
    known = {model for pairs in pool.judged.judged[name].values() for model in pairs.models}
    every = {model for target in pool.truth for model in pool.truth[target]}
    return shown if len(known) == len(every) else f"{shown} ({len(known)} of {len(every)})"


def compared(pool: Pool, first: str, second: str, coefficient: str = TAU) -> Difference | None:
    """None where one of them was not judged, or nothing is judged by both."""
    if first == second or not {first, second} <= set(pool.measures):
        return None
    try:
        return pool.judged.compare(first, second, coefficient=coefficient)
    except InputError:
        return None


def of_ped(pool: Pool) -> str:
    """What PED does for the measures, in words."""
    plain = [name for name in pool.measures if name + PED in pool.measures]
    gains = [gain for name in plain if (gain := compared(pool, name + PED, name)) is not None]
    if not gains or pool.few:
        return ""
    up, down = (sum(sign * gain.value > 0 for gain in gains) for sign in (1, -1))
    sure = [sum(sign * gain.value > 0 and gain.decided for gain in gains) for sign in (1, -1)]
    return (
        f"PED raises the mean τ_w of {up} of {len(gains)} measures, significantly of {sure[0]}, and lowers that of "
        f"{down}, significantly of {sure[1]}."
    )


def differences_table(pool: Pool) -> list[str]:
    """Each measure less the best, the static list and the probes; bold where the interval leaves out 0."""
    references = [name for name in (best(pool), STATIC, *PROBES, RECOMMENDATION) if name in pool.measures]
    rows = []
    for name in ordered(pool):
        for shown in (name, name + PED):
            if shown in pool.measures:
                apart = [
                    words.apart(compared(pool, shown, reference), few=pool.few) for reference in references
                ]
                rows.append([_label(pool, shown), *apart])
    return words.table(["τ_w of ... less that of ...", *map(str, references)], rows)


def verdict(pool: Pool) -> str:
    """Which measure is best, and plainly which cannot be told from it; of few targets nothing is claimed."""
    first, number = best(pool), pool.collections
    if first is None:
        return "No measure has an order here yet."
    if pool.few:
        unrelated = " with nothing in common" if number > 1 else ""
        few = f"{_targets(number)}{unrelated}: too few to say which measure is better than which."
        return f"**{few}** {prose.FEW}"
    others = [name for name in pool.measures if name != first and name not in BASELINES]
    level = [name for name in others if (d := compared(pool, first, name)) is not None and not d.decided]
    tau = words.number(pool.judged[first][TAU].value)
    on = _targets(len(pool.judged.datasets))
    return f"`{first}` has the highest mean τ_w ({tau}) on {on}. {_level(level, len(others))}"


def _targets(number: int) -> str:
    return f"{number} target{'s' if number != 1 else ''}"


def _level(level: Sequence[str], others: int) -> str:
    if not level:
        return "It is better than each of the others, with an interval that leaves out 0."
    names = words.listed([f"`{name}`" for name in level])
    return f"**Not significantly below it: {len(level)} of the {others} others**, {names}."


def against(pool: Pool, references: Sequence[str]) -> str:
    """The best measure against baselines, a sentence each."""
    first = best(pool)
    if first is None or pool.few:
        return ""
    found = [compared(pool, first, name) for name in references]
    return " ".join(str(difference) for difference in found if difference is not None)


def budget_table(pool: Pool) -> list[str]:
    """Points lost by the best of the first one, two and three; and at two, less the hybrids."""
    first = best(pool)
    names = dict.fromkeys([STATIC, first or "", *TRIED, *HYBRIDS, RECOMMENDATION])
    rows = [_budget_row(pool, name) for name in names if name in pool.measures]
    header = ["tried", "regret@1", "regret@2", "90 %", "regret@3", *(f"@2 less {name}" for name in HYBRIDS)]
    return words.table(header, rows)


def _budget_row(pool: Pool, name: str) -> list[str]:
    held = pool.judged[name]
    losses = [words.number(held[f"regret@{k}"].value, 2) for k in (1, 2, 3)]
    apart = [words.apart(compared(pool, name, hybrid, "regret@2"), few=pool.few) for hybrid in HYBRIDS]
    return [_label(pool, name), *losses[:2], words.sure(held["regret@2"], 1), losses[2], *apart]


def seconds_of(results: Results, part: str, targets: Sequence[str]) -> Times:
    """The processor's seconds of each measure, over networks and targets."""
    found: dict[str, list[float]] = {}
    for key, line in results.book.items():
        if key.part == part and key.target in targets and key.seed == 0:
            for name, value in line.seconds.items():
                found.setdefault(name, []).append(value)
    return found


def cost(results: Results, part: str, seconds: Times) -> str:
    """What a measure saves."""
    features, run = words.seconds(seconds.get(FEATURES, ())), words.seconds(results.seconds.get(part, ()))
    return (
        "Seconds (s) are of one processor: the median over networks and targets, and in brackets what nine of ten stay "
        f"under; of the measure alone, without the features, which take {features} s more. One fine-tuning run takes "
        f"{run} s, and the truth of one network is five of them."
    )
