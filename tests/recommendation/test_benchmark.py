"""The benchmark of the recommendation: what it holds out, the hybrid, and its files."""

from dataclasses import replace

import pytest

from benchmarks.recommendation.judge import FULL, Held, hold_out, hybrid, regret
from benchmarks.recommendation.learn import history_of, tables_without
from benchmarks.recommendation.pools import TLLIB, TUNED, Pool, published, read, write

MODELS = "abcde"


def made(target, *accuracy, probe=(1, 2, 3, 4, 5)):
    scores = {"linear_probe": dict(zip(MODELS, map(float, probe), strict=True))}
    return Pool(TUNED, target, "classification", dict(zip(MODELS, accuracy, strict=True)), scores)


def test_pools_are_the_same_after_a_file(tmp_path):
    write(published(), tmp_path / "pools.csv")
    assert read(tmp_path / "pools.csv") == published()


def test_the_fault_of_the_published_table_is_left_out_on_its_data_set_alone():
    without = [pool.target for pool in published() if "nce" not in pool.scores]
    assert without == ["DTD"]
    assert all("nce" in pool.scores for pool in published(with_faults=True))


def test_the_same_data_under_other_names_is_held_out_too():
    pools = [made("flowers", 1, 2, 3, 4, 5), made("flowers_20", 1, 2, 3, 4, 5), made("mnist", 1, 2, 3, 4, 5)]
    assert history_of(pools, pools[0]).datasets == ("mnist",)
    before = {table.name: table.results.shape[1] for table in tables_without("none of them")}
    after = {table.name: table.results.shape[1] for table in tables_without("cars", but=TLLIB)}
    assert TLLIB not in after and after["supervised_cnn"] == before["supervised_cnn"] - 1


def test_accuracies_of_a_held_out_target_are_not_looked_at():
    pools = published()
    turned = replace(pools[0], accuracy={model: -value for model, value in pools[0].accuracy.items()})
    assert hold_out(pools, pools[0]).found == hold_out([turned, *pools[1:]], turned).found


def test_the_hybrid_takes_turns_between_the_list_and_the_probe():
    here = made("new", 10, 20, 30, 50, 40, probe=(9, 1, 2, 8, 3))
    others = [made(name, 1, 2, 5, 3, 4, probe=(1, 1, 1, 1, 1)) for name in ("one", "two")]
    held = Held(here, {})
    assert hybrid(others, held, "linear_probe")[:4] == ["c", "a", "e", "d"]
    assert regret(here, ["c", "a"]) == pytest.approx(20.0)
    assert regret(here, ["c", "a", "e", "d"]) == 0


def test_every_form_orders_the_same_models():
    pools = published()
    held = hold_out(pools, pools[0])
    assert FULL in held.found
    for found in held.found.values():
        assert {row.model for row in found} == set(pools[0].accuracy)
