"""A race in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audition.ranking.racing.value import Dropped, Race, RaceLap
from audition.ranking.standings import Row
from audition.ranking.table import percent

NAMED = 2  # models that are left behind together, called by their names


def told(race: Race, rows: Sequence[Row], items: int, called: Mapping[str, str]) -> list[str]:
    """How far the models ran and who was left behind, in a few sentences. items: the rows of all data."""
    if len(race.laps) == 1 and not race.out_of_time:
        return []  # all saw all rows, as in any ranking
    seen = {row.model: row.items for row in rows if row.error is None}
    return [_course(race, items), *_left_behind(race, seen, items, called)]


def _course(race: Race, items: int) -> str:
    laps = [lap for lap in race.laps if lap.ran]
    if not laps:
        return f"{'The time was up' if race.out_of_time else 'The race ended'} before any model had run."
    # A lap that all of those before ran, too, tells nothing.
    shown = [
        lap for lap, after in zip(laps, [*laps[1:], None], strict=True) if not after or after.ran != lap.ran
    ]
    steps = [f"{_of_all(shown[0].ran, race.models)} saw {_rows(shown[0], items)}"]
    steps += [f"{lap.ran} saw {_rows(lap, items)}" for lap in shown[1:]]
    share = percent(race.passes)
    if race.out_of_time:
        return f"Raced: {', '.join(steps)}; then the time was up, with {share} of all forward passes."
    end = "" if laps[-1].items == items else ", which was enough"
    return f"Raced: {', '.join(steps)}{end}: {share} of all forward passes."


def _of_all(ran: int, models: int) -> str:
    return (
        ("the one model" if models == 1 else f"all {models} models")
        if ran == models
        else f"{ran} of {models} models"
    )


def _rows(lap: RaceLap, items: int) -> str:
    return f"all {items:,} rows" if lap.items == items else f"{lap.items:,} of {items:,} rows"


def _left_behind(
    race: Race, seen: Mapping[str, int | None], items: int, called: Mapping[str, str]
) -> list[str]:
    """Who ran no further; not those who caught up later."""
    laps = [(lap, [each for each in lap.dropped if seen.get(each.model) == lap.items]) for lap in race.laps]
    left = [
        f"{_names(dropped, called)} after {lap.items:,} rows (first on all {items:,} in {_chance(dropped)})"
        for lap, dropped in laps
        if dropped
    ]
    if not left:
        return []
    most = max(lap.items for lap in race.laps if lap.ran)
    further = any(dropped for lap, dropped in laps if lap.items < most)
    how = " Their scores are carried on by the median change of those that ran further."
    return [f"Left behind: {', '.join(left)}.{how * further}"]


def _names(dropped: Sequence[Dropped], called: Mapping[str, str]) -> str:
    if len(dropped) > NAMED:
        return f"{len(dropped)} models"
    return " and ".join(called.get(each.model, each.model) for each in dropped)


def _chance(dropped: Sequence[Dropped]) -> str:
    """In how many of the resamples the likeliest of them would have come first on all rows."""
    most = max(each.chance for each in dropped)
    return f"{'at most ' * (len(dropped) > 1)}{100 * most:.1f} %" if most else "none of the resamples"
