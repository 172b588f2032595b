"""One-pass, mergeable float64 statistics of features and labels."""

from audition.statistics.build import (
    class_moments_of,
    mean_and_scatter,
    statistics_of,
    stream_statistics,
    sufficient_statistics,
)
from audition.statistics.builder import Builder
from audition.statistics.device import DeviceBuilder
from audition.statistics.value import Statistics

__all__ = [
    "Builder",
    "DeviceBuilder",
    "Statistics",
    "class_moments_of",
    "mean_and_scatter",
    "statistics_of",
    "stream_statistics",
    "sufficient_statistics",
]
