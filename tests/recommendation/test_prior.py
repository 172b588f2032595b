"""What results elsewhere say of candidates."""

import numpy as np
import pytest

from audition.recommendation.prior import Variances, prior_of
from audition.recommendation.tables import tables_of
from audition.truth import Truth

USUAL = Variances(family=0.0, model=0.5, table=0.3, dataset=0.2)


def table(*results, sets=4):
    names = ["ant", "bee", "cat", "dog"]
    return tables_of(Truth.of("t", {f"s{i}": dict(zip(names, results, strict=True)) for i in range(sets)}))


def test_without_a_table_nothing_is_expected_of_anyone():
    found = prior_of(["ant", "bee"], [], [], USUAL)
    assert found.mean.tolist() == [0, 0] and found.published == found.own == (0, 0)
    np.testing.assert_allclose(found.variance, 1.0)
    assert found.unit == pytest.approx(np.sqrt(1 / 2)), "two of variance 1 about their mean"


def test_one_model_of_one_table_by_hand():
    """Two models m = ±1 on one set: (x − y) has variance 2·(model + table + dataset), its mean shrinks to it."""
    truth = tables_of(Truth.of("t", {"s": {"ant": 2.0, "bee": 1.0}}))
    found = prior_of(["ant", "bee"], truth, [], USUAL)
    assert found.mean[0] - found.mean[1] == pytest.approx(2 * 0.5 / 1.0)
    own = prior_of(["ant", "bee"], [], truth, USUAL)
    assert own.mean[0] - own.mean[1] == pytest.approx(2 * (0.5 + 0.3) / 1.0)


def test_more_results_and_ones_own_count_for_more():
    few, many = (prior_of(["ant", "dog"], table(1, 2, 3, 4, sets=n), [], USUAL) for n in (1, 8))
    own = prior_of(["ant", "dog"], [], table(1, 2, 3, 4, sets=8), USUAL)
    assert 0 < np.ptp(few.mean) < np.ptp(many.mean) < np.ptp(own.mean)
    assert few.variance[0] > many.variance[0] > own.variance[0]
    assert (many.published, own.own) == ((8, 8), (8, 8))


def test_history_outweighs_a_table_that_says_the_opposite():
    found = prior_of(["ant", "dog"], table(1, 2, 3, 4), table(4, 3, 2, 1), USUAL)
    assert found.mean[0] > found.mean[1]


def test_relatives_are_expected_to_be_alike():
    kin = Variances(family=0.5, model=0.2, table=0.0, dataset=0.3)
    truth = tables_of(Truth.of("t", {"s": {"ant1": 3.0, "ant2": 2.9, "bee1": 1.0, "bee2": 0.9}}))
    found = prior_of(["ant3", "bee3", "cow"], truth, [], kin)
    assert found.mean[0] > found.mean[2] > found.mean[1]
    assert found.published == (0, 0, 0)


def test_size_says_something_where_the_tables_show_that_it_does():
    """In the published CNNs the large do better; so an unknown network with many parameters is expected to."""
    from audition.recommendation.tables import published

    cnns = [one for one in published() if one.name == "supervised_cnn"]
    found = prior_of(["x:one", "x:two"], cnns, [], USUAL, [60_000_000, 3_000_000])
    assert found.mean[0] > found.mean[1]


def test_layers_of_one_model_differ_by_the_data_set_alone():
    found = prior_of(["ant", "ant"], table(1, 2, 3, 4), [], USUAL)
    np.testing.assert_allclose(found.variance, USUAL.dataset)
    assert np.ptp(found.mean) == 0
