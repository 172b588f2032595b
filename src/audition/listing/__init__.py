"""What the commands print beside rankings: measures, models, scores."""

from __future__ import annotations

import os
import sys

from rich.console import Console

from audition.listing.measures import print_metric, print_metrics
from audition.listing.models import print_models
from audition.listing.scores import alone, print_features, print_scores, scores_as_json
from audition.ranking.words import WIDE

__all__ = [
    "alone",
    "console",
    "print_features",
    "print_metric",
    "print_metrics",
    "print_models",
    "print_scores",
    "scores_as_json",
]


def console() -> Console:
    """Standard output; as wide as the terminal or COLUMNS say, or wide enough for any table where nothing says."""
    told = sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(width=None if told else WIDE)
