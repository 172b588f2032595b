"""`tune`, from data to a network that answers: methods, teachers, layers, tests, what is refused."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from tuning.coloured import model, pictures

import audition
from audition.errors import InputError, UnknownNameError
from audition.tuning.settings import Settings
from audition.tuning.tune import tune

QUICK = Settings(rate=0.02, epochs=4, batch_size=8)
DATA = pictures()


def accuracy(tuned, part="held_out"):
    return tuned.metrics[part]["scores"]["accuracy"]["value"]


@pytest.mark.parametrize(
    "method, teachers",
    [("plain", 0), ("l2-sp", 0), ("b-tuning", 2), ("distillation", 1), (None, 2)],
)
def test_each_method_learns(method, teachers):
    named = [model("first", 5, 1), model("second", 7, 2)][:teachers]
    tuned = tune(model(), DATA, method=method, teachers=named, settings=QUICK, views=2)
    assert accuracy(tuned) >= 0.9
    assert sorted(tuned.classes) == ["blue", "red"]
    new, names = pictures(20, seed=9)
    assert (tuned.predict(new) == names).mean() >= 0.9
    wanted = {"plain": "fine-tuning", "l2-sp": "L2-SP", "distillation": "distillation"}
    assert wanted.get(method, "B-Tuning") in tuned.provenance["method"]
    assert len(tuned.provenance.get("teachers", [])) == teachers


def test_the_same_seed_gives_the_same_network():
    first, again = (tune(model(), DATA, settings=QUICK) for _ in range(2))
    states = first.network.state_dict(), again.network.state_dict()
    assert all(np.array_equal(states[0][name], states[1][name]) for name in states[0])


def test_a_rate_is_chosen_where_none_is_given():
    tuned = tune(model(), DATA, settings=Settings(epochs=3))
    assert tuned.settings["rate"] in (0.003, 0.01, 0.03, 0.1)
    assert len(tuned.provenance["rates"]) == 4
    assert sum("chosen" in line for line in tuned.provenance["rates"]) == 1


def test_the_first_of_a_ranking_is_tuned_and_the_next_teach():
    models = [model("good"), model("fair", 4, 3), audition.CallableModel("blind", blind, "image")]
    ranking = audition.rank(models, DATA, order="logme")
    with pytest.raises(UnknownNameError, match="Names start with a source"):
        tune(None, DATA, ranking=ranking, teachers=1, settings=QUICK)  # a ranking holds names, not networks
    tuned = tune(models[0], DATA, ranking=ranking, teachers=[models[1]], settings=QUICK)
    assert tuned.provenance["ranking"][0]["place"] == 1
    assert tuned.provenance["teachers"] == ["fair (100 %)"]


def blind(batch):
    return np.ones((len(batch), 2)) * np.arange(len(batch))[:, None]


def test_from_a_layer():
    whole, part = tune(model(), DATA, settings=QUICK), tune(model(), DATA, layer="0", settings=QUICK)
    assert len(part.network.state_dict()) < len(whole.network.state_dict())
    assert part.network.body.layer == "0"
    anew = tune(model(), DATA, layer="0", beyond="reset", settings=QUICK)
    assert anew.network.body.layer == "features"
    assert accuracy(anew) >= 0.8


def test_head_only_leaves_the_body_as_it_was():
    before = {name: value.clone() for name, value in model().module.state_dict().items()}
    tuned = tune(model(), DATA, settings=Settings(rate=0.03, epochs=10, head_only=True))
    after = tuned.network.body.module.state_dict()
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert accuracy(tuned) >= 0.9


@pytest.mark.parametrize("test, rows", [(0.25, 15), (pictures(30, seed=5), 30)])
def test_rows_that_take_no_part(test, rows):
    tuned = tune(model(), DATA, test=test, settings=QUICK)
    assert tuned.metrics["test"]["rows"] == rows
    assert accuracy(tuned, "test") >= 0.8


def test_groups_are_on_one_side():
    images, labels = DATA
    groups = np.arange(len(labels)) // 4
    tuned = tune(model(), (images, labels, groups), settings=QUICK)
    assert tuned.provenance["grouped"]
    assert tuned.provenance["rows"]["held_out"] % 4 == 0


def test_numbers_come_back_in_their_own_units():
    images, _ = DATA
    redness = images[..., 0].mean(axis=(1, 2)).astype(float) * 100
    tuned = tune(model(), audition.open_dataset((images, redness), task="regression"), settings=QUICK)
    found = tuned.predict(images)
    assert found.shape == (60,)
    assert abs(found.mean() - redness.mean()) < redness.std()
    assert tuned.metrics["held_out"]["scores"]["R²"]["value"] > 0.3


def test_several_labels():
    images, names = DATA
    labels = [{name, "picture"} if place % 3 else {name} for place, name in enumerate(names)]
    tuned = tune(model(), (images, labels), settings=QUICK)
    assert tuned.task == "multilabel" and set(tuned.classes) == {"red", "blue", "picture"}


def test_what_is_saved_is_loaded(tmp_path):
    tuned = tune("zoo:cnn-mnist", DATA, settings=Settings(rate=0.01, epochs=1), out=tmp_path / "tuned")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tuned"]  # the checkpoints are gone
    again = type(tuned).load(tmp_path / "tuned")
    np.testing.assert_allclose(again.predict_proba(DATA[0]), tuned.predict_proba(DATA[0]), atol=1e-6)


def test_a_run_that_was_broken_off_is_not_overwritten(tmp_path):
    (tmp_path / "tuned.tuning").mkdir()
    with pytest.raises(InputError, match=r"go on by resume=True \(--resume\), or remove it"):
        tune(model(), DATA, settings=QUICK, out=tmp_path / "tuned")


@pytest.mark.parametrize(
    "options, said",
    [
        ({"teachers": 2}, "2 teachers of which ranking"),
        ({"method": "b-tuning"}, "B-Tuning needs teachers"),
        ({"method": "plain", "teachers": [model()]}, "has no teachers"),
        ({"method": "magic"}, "magic"),
        ({"layer": "9"}, "no layer '9' of small"),
        ({"held_out": 1.5}, "held_out"),
        ({"views": 0}, "views"),
        ({"test": ["not", "data", "at", "all"]}, "Cannot use list"),
    ],
)
def test_what_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        tune(model(), DATA, settings=QUICK, **options)


def test_a_network_that_cannot_be_trained_says_what_can():
    with pytest.raises(InputError, match="teacher"):
        tune(audition.CallableModel("blind", blind, "image"), DATA, settings=QUICK)


def test_nothing_to_tune():
    with pytest.raises(InputError, match="name a model, or give a ranking"):
        tune(None, DATA)
