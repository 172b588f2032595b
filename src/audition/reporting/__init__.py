"""What a ranking says, gathered once, and its views: HTML, Markdown, JSON, a terminal, figures."""

from audition.reporting.comparison import Comparison, compare
from audition.reporting.figures import PLOTS, plot
from audition.reporting.gather import report
from audition.reporting.value import Report

__all__ = ["PLOTS", "Comparison", "Report", "compare", "plot", "report"]
