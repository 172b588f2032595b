"""`tune`, from data to a network that answers: methods, teachers, layers, tests, what is refused."""

from datetime import date

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

from tuning.coloured import model, pictures
from tuning.damaged import Damaged

import audition
from audition.errors import AuditionError, InputError, UnknownNameError
from audition.models.preprocess import ResizeImage
from audition.models.torch.module import TorchModel
from audition.tuning.runs.settings import Settings
from audition.tuning.tune import Terms, tune

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


@pytest.mark.parametrize(
    "test, share", [(0, 0.0), (0.25, 0.25), (np.float32(0.25), 0.25), (None, 0.0), (DATA, 0.0)]
)
def test_what_is_tested_on_is_a_share_or_other_data(test, share):
    terms = Terms(test=test)
    assert terms.share == share
    assert (terms.other() is not None) == (test is DATA)


def test_it_says_where_teachers_do_better_as_they_are():
    """One that knows the answers, and a student that learns nothing."""
    answers = np.eye(2)[[int(name == "red") for name in DATA[1]]]
    answers += np.random.default_rng(0).normal(0, 0.1, answers.shape)
    still = Settings(rate=1e-9, epochs=1, batch_size=16)
    tuned = tune(model(), DATA, teachers=[answers], settings=still, views=1)
    (note,) = [note for note in tuned.provenance["notes"] if "do better as they are" in note]
    assert f"accuracy 1.000, what was tuned has {accuracy(tuned):.3f}" in note
    learned = tune(model(), DATA, teachers=[answers], settings=QUICK, views=1)
    assert accuracy(learned) == 1 and not any("as they are" in note for note in learned.provenance["notes"])


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
    with pytest.raises(InputError, match="holds a run that came to its end: there is nothing to go on with"):
        tune("zoo:cnn-mnist", DATA, out=tmp_path / "tuned", resume=True)


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
        ({"test": DATA}, "60 of 60 items"),
        ({"test": (DATA[0][:2], ["red", "green"])}, "'green', which the rows to learn from do not have"),
        ({"resume": True}, "say which by out"),
        ({"out": "."}, "exists already"),
        ({"teachers": None}, "'teachers' parameter must be"),
        ({"teachers": [model("first")], "temperature": 0}, "'temperature' parameter"),
        ({"tradeoff": 3.0}, "fine-tuning has none"),
        ({"trust": "hf:some/one"}, "no model 'hf:some/one' in this run"),
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


def test_one_teacher_need_not_be_in_a_list():
    features = np.random.default_rng(0).normal(size=(60, 5)) + DATA[0].mean(axis=(1, 2))[:, [0, 1, 2, 0, 2]]
    for teacher in (model("first"), features, model("first").module):
        tuned = tune(model(), DATA, teachers=teacher, settings=QUICK, views=1)
        assert len(tuned.provenance["teachers"]) == 1


def test_the_tradeoff_that_counts_is_told():
    given = {"teachers": [model("first")], "method": "distillation", "settings": QUICK, "views": 1}
    usual, none = tune(model(), DATA, **given), tune(model(), DATA, tradeoff=0.0, **given)
    assert (usual.provenance["tradeoff"], none.provenance["tradeoff"]) == (1.0, 0.0)
    states = usual.network.state_dict(), none.network.state_dict()
    assert not all(np.array_equal(states[0][name], states[1][name]) for name in states[0])


def test_b_tuning_of_a_head_alone_is_refused():
    with pytest.raises(InputError, match="B-Tuning teaches the body"):
        tune(model(), DATA, teachers=[model("first")], settings=Settings(rate=0.01, head_only=True))


def test_classes_that_cannot_be_saved_are_found_before_anything_is_run(tmp_path):
    days = [{"red": date(2020, 1, 1), "blue": date(2020, 1, 2)}[name] for name in DATA[1]]
    unreadable = Damaged(audition.open_dataset((DATA[0], days)), (0,))
    with pytest.raises(InputError, match="cannot be saved"):
        tune(model(), unreadable, settings=QUICK, out=tmp_path / "tuned")


@pytest.mark.parametrize(
    "teacher, said",
    [
        ((model("first"), "9"), "no layer '9' of first"),
        (audition.CallableModel("reader", lambda texts: texts, "text", preprocess=str), "takes texts"),
        ("zoo:cnn-mnits", "cnn-mnist"),
    ],
)
def test_teachers_are_looked_at_before_items_are_decoded(teacher, said):
    unreadable = Damaged(audition.open_dataset(DATA), (0,))
    with pytest.raises(InputError, match=said):
        tune(model(), unreadable, teachers=[teacher], settings=QUICK)


def test_teachers_may_be_trusted():
    with pytest.raises(AuditionError) as caught:
        tune(model(), DATA, teachers=["hf:./nowhere"], trust=["hf:./nowhere"], settings=QUICK)
    assert "in this run" not in str(caught.value)


def test_what_was_computed_before_follows_the_items_that_can_be_read():
    damaged = Damaged(audition.open_dataset(DATA), (3, 20))
    given = np.random.default_rng(0).normal(size=(60, 5))
    tuned = tune(model(), damaged, teachers=[given], skip_bad=True, settings=QUICK, views=1)
    assert sum(tuned.provenance["rows"].values()) == 58 and len(tuned.provenance["skipped"]) == 2


def test_test_data_leave_their_trace():
    tuned = tune(model(), DATA, test=pictures(30, seed=5), settings=QUICK)
    assert tuned.provenance["test_data"] | {"digest": ""} == {
        "name": "arrays",
        "digest": "",
        "rows": 30,
        "skipped": [],
    }
    assert tuned.provenance["notes"] == []


def picky(picture):
    if np.asarray(picture).min() == 255:
        raise ValueError("too bright")
    return ResizeImage(8)(picture)


def test_a_network_is_not_lost_by_a_test_that_cannot_be_made():
    bright, names = pictures(10, seed=5)
    bright[4] = 255
    student = TorchModel("picky", model().module, preprocess=picky, blocks=["0", "2"], head=None)
    tuned = tune(student, DATA, test=(bright, names), settings=QUICK)
    assert tuned.test is None and tuned.held_out is not None
    (note,) = tuned.provenance["notes"]
    assert "The test could not be made" in note and "too bright" in note


def test_a_ranking_of_all_rows_has_seen_those_of_the_test():
    from audition.tuning.results.card import card
    from audition.tuning.results.words import lines

    models = [model("good"), model("fair", 4, 3)]
    ranking = audition.rank(models, DATA, order="logme")
    tuned = tune(models[0], DATA, ranking=ranking, test=0.2, settings=QUICK)
    (note,) = tuned.provenance["notes"]
    assert "may have seen these with their labels" in note
    assert f"Note: {note}" in lines(tuned) and note in card(tuned)
    assert tune(models[0], DATA, ranking=ranking, settings=QUICK).provenance["notes"] == []
    other = audition.rank(models, audition.open_dataset(pictures(20, seed=7), name="other"), order="logme")
    (note,) = tune(models[0], DATA, ranking=other, settings=QUICK).provenance["notes"]
    assert note == "The ranking was made on 20 items of 'other', not on 'arrays': it may not hold there."


def test_what_there_is_to_know_of_the_division_is_shown():
    from audition.tuning.results.words import lines

    images, names = pictures(21)
    tuned = tune(model(), (images, [*names[:-1], "green"]), settings=QUICK)
    assert any(line.startswith("Note: 1 class has one row only") for line in lines(tuned))
