"""A hub narrowed to a few candidates before anything is downloaded, with why each is in."""

from audition.shortlisting.entry import Entry
from audition.shortlisting.limits import Limits
from audition.shortlisting.shortlist import shortlist
from audition.shortlisting.value import Chosen, Shortlist

__all__ = ["Chosen", "Entry", "Limits", "Shortlist", "shortlist"]
