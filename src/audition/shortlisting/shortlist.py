"""Candidates for a user's data out of whole hubs, before anything is downloaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from audition.data.base import Dataset
from audition.data.open import open_dataset
from audition.errors import InputError
from audition.recommendation import Candidate, recommend
from audition.shortlisting.asked import parse_asked
from audition.shortlisting.choose import Choice, Ranked, in_order, possible
from audition.shortlisting.entry import Entry, Listing
from audition.shortlisting.licences import check_licences
from audition.shortlisting.limits import Limits, parse_download, parse_params
from audition.shortlisting.listings import list_all
from audition.shortlisting.value import Chosen, Shortlist
from audition.shortlisting.why import why
from audition.truth import Truth


def shortlist(
    data: Any,
    sources: str | Sequence[str],
    *,
    max_params: float | str | None = None,
    max_download: float | str | None = None,
    licences: str | Sequence[str] = (),
    per_family: int = 3,
    most: int = 12,
    history: Truth | None = None,
) -> Shortlist:
    """A few candidates for the data, those first that may be the best, with why each is in; nothing is downloaded.

    data: whatever `rank` takes; only its kind and task are looked at. sources: where to look, such as
    "timm:*", "torchvision:resnet*", "hf:task=image-classification" (also author, search, library, with & between).
    max_params: of one candidate, a number or "30M"; without it 100 million, held against none of unknown size.
    max_download: of all candidates, bytes or "2GB". licences: those to take; "permissive" for all that ask
    for no more than to be named. per_family: so many of one family at most. most: so many in all.
    history: the user's own results of fine-tuning (`read_truth`).
    Raises InputError for a source that holds nothing for such data, for limits that are none, and for a licence
    that nothing has.
    """
    asked = [sources] if isinstance(sources, str) else list(sources)
    limits = Limits(
        parse_params(max_params) if isinstance(max_params, str) else max_params,
        parse_download(max_download) if isinstance(max_download, str) else max_download,
        (licences,) if isinstance(licences, str) else tuple(licences),
        per_family,
        most,
    )
    if not asked:
        raise InputError("Say where to look for candidates: 'timm:*', or hf:task=image-classification.")
    dataset = open_dataset(data)
    listings = list_all([parse_asked(text) for text in asked], dataset.kind)
    entries = [entry for listing in listings for entry in listing.entries]
    check_licences(limits.licences, {entry.licence for entry in entries})
    candidates, left = _choose(entries, limits, dataset, history)
    return _value(candidates, left, dataset, asked, listings)


def _choose(
    entries: Sequence[Entry], limits: Limits, dataset: Dataset, history: Truth | None
) -> tuple[list[Ranked], Counter[str]]:
    kept, left = possible(entries, limits)
    if not kept:
        return [], left
    rows = [Candidate(entry.model, parameters=entry.parameters) for entry in kept]
    choice = Choice(limits, left=left)
    for entry, told in in_order(kept, recommend(rows, task=dataset.task, history=history).candidates):
        choice.offer(entry, told)
    return choice.taken, choice.left


def _value(
    taken: Sequence[Ranked],
    left: Counter[str],
    dataset: Dataset,
    asked: Sequence[str],
    listings: Sequence[Listing],
) -> Shortlist:
    return Shortlist(
        _chosen(taken),
        dataset.name,
        dataset.kind,
        dataset.task,
        tuple(asked),
        tuple(dict.fromkeys(listing.where for listing in listings)),
        sum(len(listing.entries) for listing in listings),
        dict(left.most_common()),
        tuple(dict.fromkeys(note for listing in listings for note in listing.notes)),
    )


def _chosen(taken: Sequence[Ranked]) -> tuple[Chosen, ...]:
    seen: Counter[str] = Counter()
    rows = []
    for place, (entry, told) in enumerate(taken, start=1):
        reasons = why((entry, told), seen[entry.family])
        seen[entry.family] += 1
        rows.append(_row(place, entry, reasons))
    return tuple(rows)


def _row(place: int, entry: Entry, reasons: tuple[str, ...]) -> Chosen:
    return Chosen(
        place,
        entry.model,
        entry.family,
        entry.architecture,
        entry.trained_on,
        entry.parameters,
        entry.download,
        entry.licence,
        entry.downloads,
        reasons,
    )
