"""What each place has that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from audition.data.base import DataKind
from audition.errors import InputError
from audition.models.registry import BUILT_IN, find_models
from audition.shortlisting.asked import Asked, check_kind
from audition.shortlisting.entry import Entry, Listing, named
from audition.shortlisting.hub import list_hub, with_held
from audition.shortlisting.sizes import parameters_of
from audition.shortlisting.timm_list import list_timm


def list_all(places: Sequence[Asked], kind: DataKind) -> list[Listing]:
    """The listings of several places; raises InputError where one holds nothing for such data."""
    found = [_list(asked, kind) for asked in places]
    for asked, listing in zip(places, found, strict=True):
        if not listing.entries:
            why = " ".join(["", *listing.notes])
            raise InputError(f"Nothing matches {asked} in {listing.where}.{why}")
    return [Listing(with_held(each.entries), each.where, each.notes) for each in found]


def _list(asked: Asked, kind: DataKind) -> Listing:
    check_kind(asked, kind)
    if asked.source == "timm":
        return list_timm(asked.pattern)
    if asked.source == "hf":
        return list_hub(asked, kind)
    return Listing(_named(asked), f"the list of {asked.source}")


def _named(asked: Asked) -> list[Entry]:
    found = [named(model, parameters_of(model)) for model in find_models(str(asked))]
    return [replace(entry, download=0) for entry in found] if asked.source in BUILT_IN else found
