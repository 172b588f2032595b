"""The file of what has been learned."""

from pathlib import Path

import numpy as np
import pytest

from audition.errors import InputError
from audition.recommendation import Learned, learned
from audition.recommendation.learned import ENOUGH
from benchmarks.recommendation.learn import learn
from benchmarks.recommendation.pools import read

POOLS = Path(__file__).parents[2] / "benchmarks" / "recommendation" / "results" / "pools.csv"


def test_the_file_is_what_the_committed_scores_and_results_teach():
    """`python -m benchmarks.recommendation learn` was run after its inputs changed."""
    assert learned().to_json() == learn(read(POOLS)).to_json()


def test_written_and_read_again_it_is_the_same():
    again = Learned.from_json(learned().to_json())
    assert (again.variances, again.spread, again.sources) == (
        learned().variances,
        learned().spread,
        learned().sources,
    )
    for one, other in zip(learned().lessons, again.lessons, strict=True):
        assert (one.target, one.measures, one.task, one.models) == (
            other.target,
            other.measures,
            other.task,
            other.models,
        )
        np.testing.assert_array_equal(one.moments, other.moments)


def test_every_lesson_is_of_standardised_columns_and_says_where_it_is_from():
    for lesson in learned().lessons:
        diagonal = np.diag(lesson.moments)
        assert diagonal[0] == pytest.approx(1, abs=1e-4) and (diagonal < 1.0001).all()
        assert np.linalg.eigvalsh(lesson.moments).min() > -1e-3
        assert lesson.source in learned().sources and lesson.models >= 10


def test_a_task_with_few_lessons_takes_those_of_others():
    assert len(learned().of_task("classification")) >= ENOUGH
    assert learned().of_task("unheard of") == learned().lessons


def test_another_format_is_refused():
    with pytest.raises(InputError, match="no audition-recommendation of version 1"):
        Learned.from_json('{"format": "audition-recommendation", "format_version": 2}')
