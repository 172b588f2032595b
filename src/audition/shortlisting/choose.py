"""The candidates out of all that are listed: those first that may be the best, and not ten sizes of one family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from audition.recommendation import Recommended, known_as
from audition.shortlisting.entry import Entry
from audition.shortlisting.limits import Limits

LEVEL = 2  # decimals of an expected accuracy: closer ones are level
THE_SAME = "the same network under another name"
A_TWIN = "of an architecture and data that are in already"
A_FAMILY = "of a family of which enough are in"
TOO_MUCH = "beyond what may still be downloaded"
ENOUGH = "behind those that are in"

Ranked = tuple[Entry, Recommended]


@dataclass
class Choice:
    """What has been taken so far, and what was left out for which reason."""

    limits: Limits
    taken: list[Ranked] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    download: float = 0.0

    def offer(self, entry: Entry, told: Recommended) -> None:
        """Takes an entry, or counts why it is left out."""
        reason = self._against(entry) or self._against_download(entry, told)
        if reason:
            self.left[reason] += 1
            return
        self.taken.append((entry, told))
        self.download += entry.download or 0

    def _against(self, entry: Entry) -> str:
        kin = [other for other, _ in self.taken if other.family == entry.family]
        if len(self.taken) >= self.limits.most:
            return ENOUGH
        if any(_twins(entry, other) for other in kin):
            return A_TWIN
        return A_FAMILY if len(kin) >= self.limits.per_family else ""

    def _against_download(self, entry: Entry, told: Recommended) -> str:
        most = self.limits.max_download
        if most is None:
            return ""
        if entry.download is None:
            return "of a size that is not known"
        if self.download + entry.download > most:
            return TOO_MUCH
        # What is left is filled by networks that are as good as usual, not by any that is small enough.
        return ENOUGH if self.left[TOO_MUCH] and told.mean < 0 else ""


def possible(entries: Sequence[Entry], limits: Limits) -> tuple[list[Entry], Counter[str]]:
    """The entries that the limits allow, each network once, and how many were left out for which reason."""
    left: Counter[str] = Counter()
    kept: dict[str, Entry] = {}
    for entry in entries:
        reason = limits.against(entry) or (THE_SAME if known_as(entry.model) in kept else "")
        if reason:
            left[reason] += 1
        else:
            kept[known_as(entry.model)] = entry
    return list(kept.values()), left


def in_order(entries: Sequence[Entry], found: Sequence[Recommended]) -> list[Ranked]:
    """Entries with what is expected of them, those first that may be the best.

    By expected accuracy and its error, added: a list that is to hold the best one has room for what is little
    known. Of level ones the more downloaded goes first.
    """
    by_name = {entry.model: entry for entry in entries}
    rows = [(by_name[row.model], row) for row in found]
    return sorted(rows, key=_rank)


def _rank(row: Ranked) -> tuple[float, int, str]:
    entry, told = row
    return -round(told.mean + told.sd, LEVEL), -(entry.downloads or 0), entry.model


def _twins(one: Entry, other: Entry) -> bool:
    """Whether two differ in nothing but how they were trained."""
    return one.architecture == other.architecture and one.trained_on == other.trained_on
