"""The section on the search: `auto` beside tuning every candidate."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.quality_page.words import number, table
from benchmarks.tuning import prose
from benchmarks.tuning.ledger import Tuned
from benchmarks.tuning.results import Results

AUTO = "auto"
WHOLE = 19  # candidates; a target is shown once all of them have been tuned


@dataclass(frozen=True)
class Searched:
    """What `auto` found on a target, and what tuning every candidate gives."""

    found: Tuned
    every: tuple[Tuned, ...]

    @property
    def best(self) -> Tuned:
        """The candidate that is best on the rows that test."""
        return max(self.every, key=lambda line: line.accuracy)

    @property
    def chosen(self) -> Tuned:
        """The one that held-out rows choose."""
        return max(self.every, key=lambda line: line.held_out)

    @property
    def behind(self) -> float:
        """Points of accuracy that `auto` is behind the best."""
        return 100 * (self.best.accuracy - self.found.accuracy)

    @property
    def seconds(self) -> float:
        """Of tuning every candidate."""
        return sum(line.seconds for line in self.every)

    @property
    def share(self) -> float:
        """Of that, what `auto` took."""
        return self.found.seconds / self.seconds


def searched(results: Results) -> list[Searched]:
    """Every target of which all is there."""
    targets = dict.fromkeys(line.target for line in results.searched)
    found = []
    for target in targets:
        lines = [line for line in results.searched if line.target == target]
        every = tuple(line for line in lines if line.candidate != AUTO)
        if len(every) == WHOLE < len(lines):
            found.append(Searched(next(line for line in lines if line.candidate == AUTO), every))
    return found


def search(results: Results) -> list[str]:
    """The section."""
    known = searched(results)
    if not known:
        return [prose.SEARCH, "", "Nothing has been run yet.", ""]
    head = [
        "target (test rows)", "candidates", "`auto`", "best on test", "best on held-out", "points behind", "s",
        "s, all", "share",
    ]  # fmt: skip
    near, cheap = (
        sum(one.behind <= prose.BEHIND for one in known),
        sum(one.share < prose.SHARE for one in known),
    )
    said = (
        f"Within {prose.BEHIND} point of the best on {near} of {len(known)} targets; under a fifth of the cost on "
        f"{cheap} of {len(known)}."
    )
    tried = [f"- {one.found.target}: {one.found.note}" for one in known]
    return [
        prose.SEARCH,
        "",
        *table(head, [_row(one) for one in known]),
        said,
        "",
        "What it tried:",
        "",
        *tried,
        "",
    ]


def _row(one: Searched) -> list[str]:
    found = one.found
    return [
        f"{found.target} ({found.test_rows})", f"{len(one.every)}", f"{found.model} {100 * found.accuracy:.1f}",
        f"{one.best.candidate} {100 * one.best.accuracy:.1f}",
        f"{one.chosen.candidate} {100 * one.chosen.accuracy:.1f}", number(one.behind, 1), f"{found.seconds:.0f}",
        f"{one.seconds:.0f}", f"{100 * one.share:.0f} %",
    ]  # fmt: skip
