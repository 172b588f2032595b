"""A race in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audition.ranking.race_value import Dropped, Race, RaceLap
from audition.ranking.table import percent

NAMED = 2  # models that are left behind together, called by their names


def told(race: Race, items: int, called: Mapping[str, str]) -> list[str]:
    """How far the models ran and who was left behind, in a few sentences. items: the rows of all data."""
    return [_course(race, items), *_left_behind(race, called)]


def _course(race: Race, items: int) -> str:
    laps = [lap for lap in race.laps if lap.ran]
    if not laps:
        return "The time was up before any model had run."
    # A lap that all of those before ran, too, tells nothing.
    shown = [
        lap for lap, after in zip(laps, [*laps[1:], None], strict=True) if not after or after.ran != lap.ran
    ]
    all_of = f"all {race.models}" if shown[0].ran == race.models else f"{shown[0].ran} of {race.models}"
    steps = [f"{all_of} models saw {_rows(shown[0], items)}"]
    steps += [f"{lap.ran} saw {_rows(lap, items)}" for lap in shown[1:]]
    share = percent(race.passes)
    if race.out_of_time:
        return f"Raced: {', '.join(steps)}; then the time was up, with {share} of all forward passes."
    end = "" if laps[-1].items == items else ", which was enough"
    return f"Raced: {', '.join(steps)}{end}: {share} of all forward passes."


def _rows(lap: RaceLap, items: int) -> str:
    return f"all {items:,} rows" if lap.items == items else f"{lap.items:,} of {items:,} rows"


def _left_behind(race: Race, called: Mapping[str, str]) -> list[str]:
    left = [
        f"{_names(lap.dropped, called)} after {lap.items:,} rows (first in {_chance(lap.dropped)})"
        for lap in race.laps
        if lap.dropped
    ]
    if not left:
        return []
    return [
        f"Left behind: {', '.join(left)}. Their scores are carried on by the median change of those that ran further."
    ]


def _names(dropped: Sequence[Dropped], called: Mapping[str, str]) -> str:
    if len(dropped) > NAMED:
        return f"{len(dropped)} models"
    return " and ".join(called.get(each.model, each.model) for each in dropped)


def _chance(dropped: Sequence[Dropped]) -> str:
    """In how many of the resamples the likeliest of them would have come first on all rows."""
    most = max(each.chance for each in dropped)
    return f"{'at most ' * (len(dropped) > 1)}{100 * most:.1f} %" if most else "none of the resamples"
