"""Results as what they say of each model, and how much of a result belongs to whom."""

import numpy as np
import pytest

from audition.recommendation.tables import published, tables_of
from audition.recommendation.variances import variances_of
from audition.truth import Truth


def test_results_are_standardised_within_each_data_set():
    (table,) = tables_of(Truth.of("t", {"a": {"x": 10.0, "y": 30.0}, "b": {"x": 0.6, "y": 0.5}}))
    np.testing.assert_allclose(table.results, [[-1, 1], [1, -1]])
    np.testing.assert_allclose(table.spreads, [10, 0.05])
    assert table.counts.tolist() == [2, 2]


def test_models_that_share_no_data_set_are_tables_of_their_own():
    """Images and text in one file say nothing of each other."""
    truth = Truth.of("t", {"images": {"x": 1.0, "y": 2.0}, "text": {"p": 5.0, "q": 3.0, "r": 1.0}})
    assert [table.models for table in tables_of(truth)] == [("x", "y"), ("p", "q", "r")]


def test_names_of_one_model_share_its_mean_and_equal_results_say_nothing():
    truth = Truth.of(
        "t", {"a": {"ResNet50": 80.0, "resnet50": 90.0, "y": 75.0}, "b": {"resnet50": 1.0, "y": 1.0}}
    )
    (table,) = tables_of(truth)
    assert table.models == ("resnet50", "y") and table.results.shape == (2, 1)
    assert table.spreads.tolist() == [5.0]


def test_published_tables_are_those_that_the_package_brings():
    names = [table.name for table in published()]
    assert names.count("huggingface_finetunes") == 2, "images and text"
    assert len(names) == 7


def test_variances_are_found_again():
    """Two tables of 200 models on 30 sets, drawn with known variances."""
    rng = np.random.default_rng(0)
    families = rng.normal(0, np.sqrt(0.3), 20).repeat(10)
    models = families + rng.normal(0, np.sqrt(0.2), 200)
    names = [f"{chr(97 + i // 10)}{i}" for i in range(200)]

    def table(name):
        here = models + rng.normal(0, np.sqrt(0.25), 200)
        return Truth.of(
            name,
            {f"{name}{t}": dict(zip(names, here + rng.normal(0, 0.5, 200), strict=True)) for t in range(30)},
        )

    found = variances_of([*tables_of(table("p")), *tables_of(table("q"))])
    assert found.dataset == pytest.approx(0.25, abs=0.05)
    assert found.table == pytest.approx(0.25, abs=0.05)
    assert found.family + found.model == pytest.approx(0.5, abs=0.07)
    assert found.family == pytest.approx(0.3, abs=0.15)


def test_a_truth_of_nothing_has_no_tables() -> None:
    assert tables_of(Truth.of("none", {})) == ()
