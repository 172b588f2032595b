"""What timm has weights for: its own list, or where it is not installed the one that the package brings."""

from __future__ import annotations

import csv
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import NamedTuple

from audition.shortlisting.entry import Entry, Listing, named
from audition.shortlisting.licences import licence_of


class Known(NamedTuple):
    """What is known of weights: the number of parameters, the licence; None and "" where not."""

    parameters: int | None
    licence: str


def list_timm(pattern: str) -> Listing:
    """The weights that match a pattern without "timm:", in the order of their names."""
    shipped = known_timm()
    if find_spec("timm") is None:
        where, found = "the list that audition brings (timm is not installed)", shipped
    else:
        where, found = "timm's own list", _installed(shipped)
    entries = [_entry(name, known) for name, known in found.items() if fnmatchcase(name, pattern)]
    return Listing(entries, where)


def _entry(name: str, known: Known) -> Entry:
    return named(f"timm:{name}", known.parameters, known.licence)


def _installed(shipped: dict[str, Known]) -> dict[str, Known]:
    from timm import list_models
    from timm.models import get_pretrained_cfg

    found = {}
    for name in list_models(pretrained=True):
        licence = licence_of(getattr(get_pretrained_cfg(name), "license", ""))
        found[name] = Known(shipped[name].parameters if name in shipped else None, licence)
    return found


@cache
def known_timm() -> dict[str, Known]:
    """Every model of the table that the package brings; `python -m tools.timm_sizes` makes it."""
    text = (files("audition") / "shortlisting" / "timm.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["model"]: Known(int(row["parameters"]) if row["parameters"] else None, licence_of(row["licence"]))
        for row in rows
    }
