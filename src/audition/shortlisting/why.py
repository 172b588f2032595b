"""Why a candidate is in, in words."""

from __future__ import annotations

from audition.recommendation import Recommended
from audition.recommendation.cost import amount
from audition.recommendation.value import OWN, PUBLISHED
from audition.recommendation.words import said
from audition.shortlisting.choose import Ranked
from audition.shortlisting.entry import Entry

BUILT_IN = "zoo:"
FIRST = ("the first", "the second", "the third")


def why(ranked: Ranked, nth: int) -> tuple[str, ...]:
    """What speaks for a candidate, the weightiest first; nth: of its family, from 0."""
    entry, told = ranked
    terms = [said(reason) for reason in told.why if reason.what in (OWN, PUBLISHED)]
    kin = FIRST[nth] if nth < len(FIRST) else f"number {nth + 1}"
    family = [f"{kin} of the family {entry.family}"] if entry.family else []
    return (*(terms or [_unknown(told)]), *family, *_facts(entry))


def _unknown(told: Recommended) -> str:
    """Where no term tells it from the others."""
    if told.known:
        return "by published results as good as the others"
    return "little is known of it" if told.why else "of usual size, and nothing is published of it"


def _facts(entry: Entry) -> list[str]:
    facts = []
    if entry.trained_on:
        facts.append(f"trained on {entry.trained_on}")
    if entry.download == 0:
        facts.append("part of audition" if entry.model.startswith(BUILT_IN) else "downloaded already")
    if entry.downloads is not None:
        facts.append(f"{amount('parameters', entry.downloads)} downloads a month")
    return facts
