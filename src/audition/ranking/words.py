"""A ranking in words."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from audition.ranking.certainty import certainty, of_scores, without_interval
from audition.ranking.racing.words import told as told_of_race
from audition.ranking.standings import Row, Standings
from audition.ranking.table import has_stars, number, print_table
from audition.recommendation import words as recommended

WIDE = 160  # columns of a terminal that is not one, so that nothing is cut

STARS = "; a star: none is expected to be better for less"

CLOSE = 1.0  # mean places: less than this between two candidates decides nothing


def verdict(ranking: Standings) -> str:
    """What to take, how far behind the second is, and how sure that is, in a few sentences."""
    if ranking.recommendation is not None:
        return recommended.verdict(ranking.recommendation, ranking.shown)
    return " ".join(filter(None, [_answer(ranking), certainty(ranking)]))


def _answer(ranking: Standings) -> str:
    """What to take and how far behind the second is, in one or two sentences."""
    placed = ranking.placed
    if not placed:
        reasons = {str(row.error) for row in ranking.rows}
        why = f"{min(reasons).rstrip('.')}." if len(reasons) == 1 else "each row says why."
        return f"None of the candidates could be ranked: {why}"
    first = placed[0]
    if len(placed) == 1:
        among = " that could be ranked" if len(ranking.rows) > 1 else ""
        return f"{_full(ranking, first)} is the only candidate{among}."
    level = [row for row in placed if _orders(ranking, row) == _orders(ranking, first)]
    if len(level) > 1:
        sentence = f"{_level_names(ranking, level)} are level: {_level_why(ranking, level)}."
    else:
        sentence = f"Take {_full(ranking, first)}: {_why(ranking, first)}."
    rest = placed[len(level) :]
    if len({row.model for row in level}) > 1 or not rest:
        return sentence
    return f"{sentence} {_behind(ranking, first, rest, second=len(level) == 1)}" if rest else sentence


def _full(ranking: Standings, row: Row) -> str:
    """A row's name at the head of a sentence, where a layer is said to be one."""
    layer = ranking.layered and not ranking.mixed
    return f"layer {row.layer}" if layer else ranking.called(row)


def _orders(ranking: Standings, row: Row) -> tuple[float | None, ...]:
    """What decides the order of a row: equal for rows that are level."""
    if ranking.order != "mean place":
        return (row.scores.get(ranking.order),)
    known = len([score for score in row.scores.values() if score is not None])
    return (row.mean_place, None if ranking.counted else known)


def _level_names(ranking: Standings, level: Sequence[Row]) -> str:
    names = [_full(ranking, row) for row in level]
    shown = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} others"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def _level_why(ranking: Standings, level: Sequence[Row]) -> str:
    """What the first rows share, and one score of each where two are compared."""
    if ranking.order != "mean place":
        return f"{ranking.order} {number(level[0].scores.get(ranking.order))} for {_both(level)}"
    place = f"{level[0].mean_place or 0:.2f}".rstrip("0").rstrip(".")
    scores = _scores(ranking, level[0], level[1]) if len(level) == 2 else ""
    return f"the same mean place, {place}{f' ({scores})' if scores else ''}"


def _both(level: Sequence[Row]) -> str:
    return "both" if len(level) == 2 else "each"


def _why(ranking: Standings, first: Row) -> str:
    """What put a row first: the ordering measure, or how many of them."""
    counted = ranking.counted
    if ranking.order != "mean place":
        return f"first by {ranking.order}"
    if len(counted) == 1:
        return f"first by {counted[0]}"
    measures = counted or ranking.metrics
    wins = [metric for metric in measures if (first.places.get(metric) or 2) <= 1]
    if not wins:
        return "first on average, though by no single measure"
    said = f"first by {len(wins)} of {len(measures)} measures ({', '.join(wins)})"
    return said + _rival(ranking, first, len(wins), measures)


def _rival(ranking: Standings, first: Row, wins: int, measures: Sequence[str]) -> str:
    """Another candidate that more of the measures put first, though not on average."""
    for row in ranking.placed:
        theirs = sum((row.places.get(metric) or 2) <= 1 for metric in measures)
        if row is not first and theirs > wins:
            return f", though {theirs} put {ranking.called(row)} first: the measures disagree"
    return ""


def _behind(ranking: Standings, first: Row, rest: Sequence[Row], *, second: bool) -> str:
    """How far the second is behind, in places or in the score that orders.

    Where layers of several models compete, the second is the best of another model.
    """
    other = next((row for row in rest if row.model != first.model), rest[0])
    is_next = second and other is rest[0]
    which = "Second" if is_next else "The best of another model" if other.model != first.model else "Next"
    name = f"{which} is {ranking.called(other)}"
    scores = _scores(ranking, first, other)
    if ranking.order != "mean place" or first.mean_place is None or other.mean_place is None:
        return f"{name}: {scores}."
    gap = other.mean_place - first.mean_place
    if not ranking.counted:
        return f"{name}; they have scores by different measures{f' ({scores})' if scores else ''}."
    if gap < CLOSE:
        return f"{name}, so close that it is worth tuning too ({_places(gap)} behind; {scores})."
    return f"{name}, {_places(gap)} behind on average ({scores})."


def _scores(ranking: Standings, first: Row, other: Row) -> str:
    """One measure of two rows, the one that orders if it can be; nothing where they share none."""
    for metric in [ranking.order, *_won_first(ranking, first, other), *ranking.metrics]:
        pair = first.scores.get(metric), other.scores.get(metric)
        if None not in pair:
            return f"{metric} {number(pair[0])} against {number(pair[1])}"
    return ""


def _won_first(ranking: Standings, first: Row, other: Row) -> list[str]:
    """The measures that count, those by which the first is ahead before the rest."""

    def behind(metric: str) -> bool:
        return (first.places.get(metric) or 0) > (other.places.get(metric) or 0)

    return sorted(ranking.counted, key=behind)


def _places(gap: float) -> str:
    text = f"{gap:.2f}".rstrip("0").rstrip(".")
    return f"{text} place{'' if text == '1' else 's'}"


def heading(ranking: Standings) -> str:
    """What was ranked on what, and how it is ordered."""
    layers = ranking.layered and not ranking.mixed
    number = len(ranking.rows)
    plural = "s" * (number != 1)
    what = (
        f"{number} layers of {ranking.shown[ranking.rows[0].model]}"
        if layers
        else f"{number} candidate{plural}"
    )
    skipped = f" ({len(ranking.skipped):,} that could not be read left out)" if ranking.skipped else ""
    on = f"{what} on {ranking.data}, {ranking.items:,} item{'s' * (ranking.items != 1)}{skipped}"
    if ranking.recommendation is not None and len(ranking.rows) == 1:
        return on
    if ranking.recommendation is not None:
        return f"{on}, in the order to try them by {recommended.rests_on(ranking.recommendation)}"
    by = "their mean place over the measures" if ranking.order == "mean place" else ranking.order
    return f"{on}, ordered by {by}"


def remarks(ranking: Standings) -> list[str]:
    """How it was raced, why candidates failed, and what the measures warn of, a line each."""
    race = told_of_race(ranking.race, ranking.rows, ranking.items, ranking.shown) if ranking.race else []
    failed = [f"{ranking.called(row)} failed: {row.error}" for row in ranking.failed]
    told = [f"{ranking.called(row)}: {note}" for row in ranking.placed for note in row.notes]
    return race + failed + _left_out(ranking) + list(filter(None, [without_interval(ranking)])) + told


def _left_out(ranking: Standings) -> list[str]:
    """Which measures the mean place is not over, because some candidates lack them."""
    if ranking.order != "mean place" or not ranking.placed:
        return []
    if not ranking.counted:
        return [
            "No measure gave every candidate a score: those with more scores come first, "
            "then the mean place over what each has."
        ]
    said = []
    for metric in ranking.metrics:
        without = [ranking.called(row) for row in ranking.placed if row.scores.get(metric) is None]
        if len(without) > 3:
            without = [*without[:2], f"{len(without) - 2} others"]
        if without:
            names = " and ".join([", ".join(without[:-1]), without[-1]] if without[1:] else without)
            said.append(
                f"{metric} is not counted in the order: {names} {'have' if without[1:] else 'has'} none."
            )
    return said


def print_ranking(ranking: Standings, console: Console) -> None:
    """Heading, table, remarks and verdict."""
    console.print(Text(heading(ranking)), soft_wrap=not console.is_terminal)
    console.print()
    print_table(ranking, console)
    for sentence, style in _sentences(ranking, console.width):
        # Sentences are wrapped for a reader; a pipe gets each as one line.
        console.print(Text(sentence, style=style), soft_wrap=not console.is_terminal)


def _sentences(ranking: Standings, width: int) -> list[tuple[str, str]]:
    """What is said below a table of that width, with the style of each: reasons, remarks, scale and verdict."""
    told = [(remark, "yellow") for remark in remarks(ranking)]
    found = ranking.recommendation
    if found is not None and len(found) == 1:
        told = [*told, *((note, "yellow") for note in found.notes)]
    elif found is not None:
        why = [(sentence, "") for sentence in recommended.told(found, ranking.shown)]
        rows = [(said, "") for said in [of_scores(ranking)] if said]
        notes = [(note, "yellow") for note in found.notes]
        told = [*why, *rows, *told, *notes, (_legend(ranking, width), "dim")]
    return [*told, (verdict(ranking), "bold")]


def _legend(ranking: Standings, width: int) -> str:
    """What is told of the columns, where they are shown."""
    assert ranking.recommendation is not None
    told = recommended.legend(ranking.recommendation)
    return told if has_stars(ranking, width) else told.replace(STARS, "")


def as_text(ranking: Standings) -> str:
    """The ranking as plain text."""
    console = Console(file=io.StringIO(), width=WIDE, color_system=None, force_jupyter=False)
    print_ranking(ranking, console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in lines)
