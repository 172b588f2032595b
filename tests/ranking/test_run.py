"""Ranking models and layers: one decode an item, one forward pass a model, failures in their rows."""

from collections import Counter

import numpy as np
import pytest

from audition import logme, rank, rank_layers
from audition.data.base import Item
from audition.data.open import open_dataset
from audition.errors import InputError, UnknownNameError
from audition.models.base import Outputs
from audition.models.custom import CallableModel

RNG = np.random.default_rng(0)
ROWS, LABELS = RNG.normal(size=(60, 6)), np.arange(60) % 3
ROWS[:, :3] += 2 * np.eye(3)[LABELS]
DATA = (ROWS, LABELS)


def model(name, function, **options):
    return CallableModel(name, function, "rows", **options)


GOOD = model("good", lambda batch: batch)
NOISE = model("noise", lambda batch: np.random.default_rng(1).normal(size=batch.shape))


def test_the_better_features_come_first():
    ranking = rank([NOISE, GOOD], DATA)
    assert [row.model for row in ranking] == ["good", "noise"]
    assert ranking.best.scores["logme"] == pytest.approx(logme(ROWS.astype(np.float32), LABELS))
    assert (ranking.items, ranking.task, ranking.order) == (60, "classification", "consensus")


@pytest.mark.parametrize(
    "options, order",
    [
        ({"order": "mean place"}, "mean place"),
        ({"metrics": "lfc,h_score"}, "consensus"),
        ({"metrics": "lfc"}, "lfc"),
        ({"metrics": "lfc", "order": "mean place"}, "lfc"),
        ({"layers": "all"}, "mean place"),
    ],
)
def test_the_order_where_none_is_asked_for(options, order):
    """A measure alone is its own order, and of layers nothing is known beside their scores."""
    assert rank([NOISE, GOOD], DATA, **options).order == order


def test_measures_of_which_nothing_was_learned_have_no_consensus():
    assert rank([NOISE, GOOD], DATA, metrics="lfc+ped,h_score+ped").order == "mean place"


def test_each_item_is_decoded_once_and_each_batch_forwarded_once():
    decoded, forwarded = Counter(), Counter()

    class Counting:
        name, kind, task = "counting", "rows", "classification"

        def __len__(self):
            return 60

        def items(self):
            for i in range(60):
                yield Item(str(i), int(LABELS[i]), lambda i=i: decoded.update([i]) or ROWS[i])

    def layered(batch):
        forwarded.update(["batches"])
        return {"one": batch, "two": batch[:, :2]}

    both = [model("a", layered, layers=("one", "two")), model("b", layered, layers=("one", "two"))]
    ranking = rank(both, Counting(), metrics="logme,lfc,h_score,transrate", layers="all", batch_size=16)
    assert len(ranking) == 4
    assert set(decoded.values()) == {1} and len(decoded) == 60
    assert forwarded["batches"] == 2 * 4


def test_a_model_that_fails_keeps_its_row():
    def broken(batch):
        raise RuntimeError("no memory for this")

    ranking = rank([model("broken", broken), GOOD], DATA)
    assert ranking[0].model == "good"
    assert ranking[1].place is None
    assert "no memory for this" in ranking[1].error


def test_a_model_of_another_kind_keeps_its_row():
    images = CallableModel("images", lambda batch: batch, "image")
    ranking = rank([images, GOOD], DATA)
    assert "takes images" in ranking["images"].error


def test_no_model_that_takes_the_data_is_a_mistake():
    with pytest.raises(InputError, match="takes images but"):
        rank([CallableModel("images", lambda batch: batch, "image")], DATA)


def test_source_probabilities_reach_the_measures_that_need_them():
    head = np.full((60, 2), 0.5)
    with_head = model("head", lambda batch: Outputs({"features": batch}, head[: len(batch)]))
    ranking = rank([with_head, GOOD], DATA, metrics="leep,logme")
    assert ranking["head"].scores["leep"] is not None
    assert ranking["good"].scores["leep"] is None
    assert "leep" in ranking["good"].notes[0]


def test_regression():
    target = ROWS[:, 0] + 0.1 * RNG.normal(size=60)
    ranking = rank([NOISE, GOOD], (ROWS, target))
    assert ranking.task == "regression"
    assert ranking.best.model == "good"
    with pytest.raises(InputError, match="gbc is not defined for regression"):
        rank([GOOD], (ROWS, target), metrics="gbc")


def test_names_are_checked_before_anything_runs():
    def never(batch):
        pytest.fail("ran")

    with pytest.raises(UnknownNameError, match="Did you mean 'logme'"):
        rank([model("never", never)], DATA, metrics="lgme")
    with pytest.raises(UnknownNameError, match="no order 'lfc'"):
        rank([model("never", never)], DATA, metrics="logme,h_score", order="lfc")
    with pytest.raises(InputError, match="No model was named"):
        rank([], DATA)


def test_a_measure_of_the_head_says_nothing_of_layers():
    both = model("a", lambda batch: {"one": batch, "two": batch[:, :2]}, layers=("one", "two"))
    with pytest.raises(InputError, match="leep looks at the model's head, which is the same for every layer"):
        rank_layers(both, DATA, metrics="logme,leep")
    with pytest.raises(InputError, match="nce looks at the model's head"):
        rank([both, GOOD], DATA, metrics="nce", layers="all")


def test_models_without_a_score_are_not_recommended():
    ranking = rank([GOOD, NOISE], DATA, metrics="leep")
    assert ranking.placed == ()
    assert "leep gave no score: leep needs source_probabilities" in ranking["good"].error
    assert ranking.verdict.startswith("None of the candidates could be ranked: leep")


def test_two_models_of_one_name():
    with pytest.raises(InputError, match="Two models are called 'good'"):
        rank([GOOD, model("good", lambda batch: -batch)], DATA)
    assert len(rank([GOOD, GOOD], DATA)) == 1


@pytest.mark.parametrize("thing", [None, 3, [3], [GOOD, None]])
def test_what_is_no_model(thing):
    with pytest.raises(InputError, match="or a Model; got"):
        rank(thing, DATA)


@pytest.mark.parametrize("size", [0, -1, 2.0, True])
def test_the_batch_size_is_checked_first(size):
    with pytest.raises(InputError, match="'batch_size' parameter must be a positive integer"):
        rank([GOOD], "nowhere", batch_size=size)
    with pytest.raises(InputError, match="'batch_size' parameter must be a positive integer"):
        rank_layers(GOOD, "nowhere", batch_size=size)


class TestZoo:
    @pytest.fixture(autouse=True)
    def _needs(self, framework):
        framework("onnxruntime")
        framework("PIL")

    def test_patterns_and_layers(self):
        items = list(open_dataset("sklearn:digits").items())[:200]
        images = np.stack([np.asarray(item.decode()) for item in items])
        data = images, [item.label for item in items]
        ranking = rank("zoo:cnn-*", data, layers="all")
        assert {row.model for row in ranking} == {"zoo:cnn-cifar10", "zoo:cnn-mnist", "zoo:cnn-omniglot"}
        assert len(ranking) > 9
        layers = rank_layers("zoo:cnn-mnist", data)
        assert {row.model for row in layers} == {"zoo:cnn-mnist"}
        assert layers["zoo:cnn-mnist"].place == 1

    def test_unknown_names(self):
        with pytest.raises(UnknownNameError, match="Did you mean 'zoo:cnn-mnist'"):
            rank("zoo:cnn-mnits", "sklearn:digits")
        with pytest.raises(InputError, match="No model matches"):
            rank("zoo:nothing*", "sklearn:digits")
