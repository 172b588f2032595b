"""What fine-tuning really gave: published tables, the user's own, and that of the built-in networks."""

from audition.truth.read import read_scores, read_truth
from audition.truth.shipped import load_truth, shipped_tables
from audition.truth.value import Truth
from audition.truth.zoo import Tuned, recorded_layers, recorded_truth

__all__ = [
    "Truth",
    "Tuned",
    "load_truth",
    "read_scores",
    "read_truth",
    "recorded_layers",
    "recorded_truth",
    "shipped_tables",
]
