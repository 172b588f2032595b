"""Candidates x measures -> a ranking."""

from audition.ranking.forecast import Expected, Forecast, forecast
from audition.ranking.grouped import SourceRanking, rank_by_source
from audition.ranking.run import rank, rank_layers
from audition.ranking.standings import Row
from audition.ranking.value import Ranking

__all__ = [
    "Expected",
    "Forecast",
    "Ranking",
    "Row",
    "SourceRanking",
    "forecast",
    "rank",
    "rank_by_source",
    "rank_layers",
]
