"""The order to try candidates in: their scores joined with what is known of them, and how sure that is."""

from audition.recommendation.cost import Cost, Limit, beyond, pareto_front, parse_limit
from audition.recommendation.learned import Learned, learned
from audition.recommendation.lessons import Lesson, lesson_of
from audition.recommendation.names import known_as
from audition.recommendation.recommend import recommend, shares_first
from audition.recommendation.value import Candidate, Reason, Recommendation, Recommended

__all__ = [
    "Candidate",
    "Cost",
    "Learned",
    "Lesson",
    "Limit",
    "Reason",
    "Recommendation",
    "Recommended",
    "beyond",
    "known_as",
    "learned",
    "lesson_of",
    "pareto_front",
    "parse_limit",
    "recommend",
    "shares_first",
]
