"""How sure a score and an order of candidates are."""

from audition.uncertainty.advice import more_rows
from audition.uncertainty.closed import has_closed_form
from audition.uncertainty.interval import Interval, interval
from audition.uncertainty.kept import Kept, keep_rows
from audition.uncertainty.observed import observed, observed_of
from audition.uncertainty.resampled import (
    Resampled,
    resampled,
    resampled_among,
    resamples_for,
    score_resampled,
)
from audition.uncertainty.resamples import Resamples, make_resamples
from audition.uncertainty.standing import Contest, Standing, contenders, contest_of, standings

__all__ = [
    "Contest",
    "Interval",
    "Kept",
    "Resampled",
    "Resamples",
    "Standing",
    "contenders",
    "contest_of",
    "has_closed_form",
    "interval",
    "keep_rows",
    "make_resamples",
    "more_rows",
    "observed",
    "observed_of",
    "resampled",
    "resampled_among",
    "resamples_for",
    "score_resampled",
    "standings",
]
