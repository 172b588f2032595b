"""Features that are kept: computed once, told apart by model and data, taken up where a run stopped."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

import audition
from audition.cache import Cache
from audition.data.memory import dataset_from_arrays
from audition.models.base import ModelIdentity, Outputs

ROWS = np.random.default_rng(0).normal(size=(90, 6)).astype(np.float32)
LABELS = np.arange(90) % 3


class Counting:
    """A model of rows that counts the items it sees; it has two layers and a head."""

    kind, layers, parameters = "rows", ("low", "high"), 42

    def __init__(self, name="counting", weights="w1", stop_after=None):
        self.name, self.identity, self.seen, self.stop_after = name, ModelIdentity(weights), 0, stop_after
        self.preprocess = audition.CallableModel("rows", lambda rows: rows, "rows").preprocess

    def forward(self, batch):
        if self.stop_after is not None and self.seen >= self.stop_after:
            raise KeyboardInterrupt
        self.seen += len(batch)
        odds = np.exp(batch[:, :3])
        return Outputs({"low": batch * 2, "high": batch**2}, odds / odds.sum(axis=1, keepdims=True))


def rank(model, cache, rows=ROWS, **options):
    return audition.rank([model], (rows, LABELS), metrics="logme,leep", cache=cache, batch_size=16, **options)


def test_a_second_run_computes_nothing_and_says_the_same(tmp_path):
    first, second = Counting(), Counting()
    scores = rank(first, tmp_path).best.scores
    assert rank(second, tmp_path).best.scores == scores
    assert (first.seen, second.seen) == (90, 0)
    assert audition.rank([Counting()], (ROWS, LABELS), metrics="logme,leep").best.scores == scores


@pytest.mark.parametrize(
    "other",
    [{"name": "another"}, {"weights": "w2"}],
    ids=["name", "weights"],
)
def test_another_model_is_never_served_these_features(tmp_path, other):
    rank(Counting(), tmp_path)
    model = Counting(**other)
    rank(model, tmp_path)
    assert model.seen == 90


def test_data_that_changed_are_noticed(tmp_path):
    rank(Counting(), tmp_path)
    changed = ROWS.copy()
    changed[7, 3] += 1e-6
    model = Counting()
    rank(model, tmp_path, rows=changed)
    assert model.seen == 90


def test_other_labels_are_no_other_data(tmp_path):
    """Features do not depend on labels: a second labelling of the same items costs nothing."""
    rank(Counting(), tmp_path)
    model = Counting()
    audition.rank([model], (ROWS, (LABELS + 1) // 2), metrics="logme", cache=tmp_path)
    assert model.seen == 0


def test_a_run_that_was_stopped_goes_on(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        rank(stopped := Counting(stop_after=48), tmp_path)
    model = Counting()
    scores = rank(model, tmp_path).best.scores
    assert stopped.seen == 48 and model.seen == 90 - 48
    assert scores == rank(Counting(), None).best.scores


def test_a_layer_more_is_computed_and_the_last_is_served(tmp_path):
    rank(Counting(), tmp_path)  # the last layer only
    model = Counting()
    layers = audition.extract(model, (ROWS, LABELS), cache=tmp_path).layers
    assert model.seen == 90 and list(layers) == ["low", "high"]
    again = Counting()
    low = audition.extract(again, (ROWS, LABELS), layers="low", cache=tmp_path).layers["low"]
    np.testing.assert_array_equal(low, ROWS * 2)
    assert again.seen == 0


def test_what_was_said_of_the_items_is_kept_too(tmp_path):
    class Saying(Counting):
        def forward(self, batch):
            given = super().forward(batch)
            return Outputs(given.features, given.source_probabilities, {"rows were cut": 2})

    notes = [rank(Saying(), tmp_path).best.notes for _ in range(3)]
    assert notes[0] == notes[1] == notes[2] and "12 of 90 rows were cut." in notes[0]


def test_a_model_without_an_identity_is_not_kept(tmp_path):
    model = audition.CallableModel("mine", lambda rows: rows, "rows")
    audition.rank([model], (ROWS, LABELS), cache=tmp_path)
    assert Cache(tmp_path).ls() == ()


def test_of_data_with_items_that_cannot_be_read_the_others_are_kept(tmp_path):
    from audition.errors import InputError

    data = dataset_from_arrays(ROWS, LABELS, name="rows")

    class Broken:
        name, kind, task = "broken", "rows", "classification"

        def __len__(self):
            return 90

        def items(self):
            for i, item in enumerate(data.items()):

                def fail():
                    raise InputError("unreadable")

                yield item if i else type(item)(item.name, item.label, fail, source=item.source)

    first, second, third = Counting(), Counting(), Counting()
    options = {"metrics": "logme", "cache": tmp_path, "skip_bad": True}
    rankings = [audition.rank([model], Broken(), **options) for model in (first, second)]
    assert [ranking.items for ranking in rankings] == [89, 89]
    assert rankings[0].best.scores == rankings[1].best.scores
    assert rankings[1].skipped == rankings[0].skipped != ()
    assert (first.seen, second.seen) == (89, 0)
    audition.extract(third, Broken(), cache=tmp_path, skip_bad=True, layers=None)
    assert third.seen == 0
    whole = Counting()
    rank(whole, tmp_path)
    assert whole.seen == 90


def test_zoo_networks_are_not_even_opened_the_second_time(tmp_path, framework, monkeypatch):
    framework("onnxruntime")
    framework("PIL")
    first = audition.rank("zoo:cnn-*", "sklearn:digits", cache=tmp_path)
    monkeypatch.setattr("audition.models.zoo.open_session", lambda *a: pytest.fail("opened"))
    second = audition.rank("zoo:cnn-*", "sklearn:digits", cache=tmp_path)
    assert [row.scores for row in second] == [row.scores for row in first]


SLOW = """
import sys, time
import numpy as np
import audition
from audition.cache import recording
sys.path.insert(0, sys.argv[1])
from test_keeping import LABELS, ROWS, Counting
recording.SHARD_BYTES = 1  # a shard a batch, so that there is much to break
class Slow(Counting):
    def forward(self, batch):
        time.sleep(0.01)
        return super().forward(batch)
print("ready", flush=True)
audition.extract(Slow(), (ROWS, LABELS), cache=sys.argv[2], batch_size=3)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_killed_at_random_moments_and_taken_up_again(tmp_path):
    """SIGKILL leaves whole shards only; at the end the features are those of an undisturbed run, bit by bit."""
    kills = int(os.environ.get("AUDITION_KILLS", "4"))
    rng = np.random.default_rng(0)
    for _ in range(kills):
        command = [sys.executable, "-c", SLOW, os.path.dirname(__file__), str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert Cache(tmp_path).verify().damaged == ()
    kept = audition.extract(Counting(), (ROWS, LABELS), cache=tmp_path, batch_size=3).layers
    fresh = audition.extract(Counting(), (ROWS, LABELS), batch_size=3).layers
    for layer in fresh:
        assert np.asarray(kept[layer]).tobytes() == np.asarray(fresh[layer]).tobytes()


def test_what_was_killed_before_its_last_note_is_whole_after_the_next_run(tmp_path, monkeypatch):
    with monkeypatch.context() as stopped:
        stopped.setattr(
            "audition.cache.entry.Entry.finish", lambda *given: True
        )  # nothing is written any more
        rank(Counting(), tmp_path)
    assert [entry.state for entry in Cache(tmp_path).ls()] == ["partial"]
    model = Counting()
    rank(model, tmp_path)
    assert model.seen == 0
    assert [entry.state for entry in Cache(tmp_path).ls()] == ["complete"]


class Cutting(Counting):
    """Cuts every item, and says so."""

    def forward(self, batch):
        return replace(super().forward(batch), counted={"rows were cut": len(batch)})


def test_what_was_done_to_items_of_an_earlier_run_is_not_denied(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        rank(Cutting(stop_after=32), tmp_path)
    assert rank(Cutting(), tmp_path).best.notes == ("At least 58 of 90 rows were cut.",)
    assert rank(Cutting("whole"), tmp_path).best.notes == ("90 of 90 rows were cut.",)
