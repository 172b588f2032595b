"""One network tuned on divided data: where it computes, and that a run that is broken off goes on, rates and all.

AUDITION_KILLS says how often the kill test kills; 3 in the suite, 20 before a release.
"""

import json
import os
import random
import shutil
import signal
import sys
import time

import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch
from tuning import tune_worker
from tuning.coloured import model, pictures
from tuning.killing import Children

from audition.errors import InputError, ModelError
from audition.tuning.runs import checkpoint
from audition.tuning.runs.checkpoint import NAME as CHECKPOINT
from audition.tuning.runs.progress import TuningWatch
from audition.tuning.runs.rates_kept import NAME as RATES
from audition.tuning.runs.settings import Settings
from audition.tuning.tune import tune

KILLS = int(os.environ.get("AUDITION_KILLS", "3"))
QUICK = Settings(rate=0.02, steps=10, batch_size=8)
CHOSEN = Settings(steps=30, batch_size=8)
DATA = pictures()


def weights_of(tuned):
    return {name: value.clone() for name, value in tuned.network.state_dict().items()}


class Stopping(TuningWatch):
    """An interrupt by the user after some steps of all runs together."""

    def __init__(self, after):
        self.left, self.called = after, []

    def __call__(self, progress, name):
        self.called.append(name)
        return self

    def step(self, loss):
        self.left -= 1
        if not self.left:
            signal.raise_signal(signal.SIGINT)


@pytest.fixture
def told(monkeypatch):
    """What is told of all runs; called: their names."""
    watch = Stopping(0)
    monkeypatch.setattr("audition.tuning.job.tuning_watch", watch)
    return watch


def test_the_device_that_is_asked_for_is_taken(monkeypatch):
    """An ONNX network becomes one of torch when it is tuned, and there, too."""
    pytest.importorskip("onnx", reason="onnx is not installed")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    tuned = tune("zoo:cnn-mnist", DATA, settings=QUICK, device="cpu")
    assert {weight.device.type for weight in tuned.network.parameters()} == {"cpu"}


def test_a_network_that_was_opened_elsewhere_is_refused():
    opened = model()
    opened.device = torch.device("meta")
    with pytest.raises(InputError, match="small was opened on meta, and cpu is asked for: open it there, or"):
        tune(opened, DATA, settings=QUICK, device="cpu")


def test_rates_that_were_tried_are_not_tried_again(tmp_path, told):
    whole = tune(model(), DATA, settings=CHOSEN)
    tried = told.called[:4]
    told.left, told.called = 45, []
    with pytest.raises(KeyboardInterrupt, match="of which 2 are kept: resume=True"):
        tune(model(), DATA, settings=CHOSEN, out=tmp_path / "tuned")
    assert told.called == tried[:3]
    told.called = []
    again = tune(model(), DATA, settings=CHOSEN, out=tmp_path / "tuned", resume=True)
    assert told.called == [*tried[2:], "small"]
    assert again.provenance["rates"] == whole.provenance["rates"]
    first, second = weights_of(whole), weights_of(again)
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_run_behind_its_search_keeps_the_rate(tmp_path, told, monkeypatch):
    monkeypatch.setattr(checkpoint, "SHARE", float("inf"))
    told.left = 4 * 20 + 15
    with pytest.raises(KeyboardInterrupt, match="goes on from step"):
        tune(model(), DATA, settings=CHOSEN, out=tmp_path / "tuned")
    assert {path.name for path in (tmp_path / "tuned.tuning").iterdir()} == {CHECKPOINT, RATES}
    told.called = []
    tuned = tune(model(), DATA, settings=CHOSEN, out=tmp_path / "tuned", resume=True)
    assert told.called == ["small"]
    assert len(tuned.provenance["rates"]) == 4


def test_rates_of_another_run_are_refused(tmp_path, told):
    told.left = 25
    with pytest.raises(KeyboardInterrupt):
        tune(model(), DATA, settings=CHOSEN, out=tmp_path / "tuned")
    other = Settings(steps=30, batch_size=4)
    with pytest.raises(InputError, match=r"rates\.json' was made with batch_size=8, not 4"):
        tune(model(), DATA, settings=other, out=tmp_path / "tuned", resume=True)


def test_a_search_in_which_all_diverge_leaves_nothing_to_go_on_from(tmp_path):
    lost = Settings(steps=30, batch_size=8, head_factor=1e38)
    with pytest.raises(ModelError, match=r"Every rate from 0\.003 on diverged: give a lower one"):
        tune(model(), DATA, settings=lost, out=tmp_path / "tuned")
    assert not list(tmp_path.iterdir())
    tune(model(), DATA, settings=QUICK, out=tmp_path / "tuned")


def test_a_folder_that_takes_nothing_is_found_out_before_the_search(tmp_path, told):
    (tmp_path / "tuned.tuning").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        tune(model(), DATA, settings=CHOSEN, out=tmp_path / "tuned", resume=True)
    assert told.called == []


@pytest.fixture
def children(tmp_path):
    """Runs that go on with that of a folder."""
    runs = Children(tune_worker.__file__, tmp_path)
    yield runs
    runs.close()


def wait_for(path, number):
    """Until so many rates have been tried."""
    while not path.exists() or len(json.loads(path.read_text())["tried"]) < number:
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_tune_is_killed_and_goes_on(children, tmp_path):
    """In the search for a rate, and at random moments: the same file of weights as of a run that nobody disturbs."""
    seconds = float(children.ready)
    expected = (tmp_path / "whole" / "model.safetensors").read_bytes()
    rates = tmp_path / "tuned.tuning" / RATES
    child = children.start()
    wait_for(rates, 2)
    children.kill(child)
    before = json.loads(rates.read_text())["tried"]
    moments = random.Random(0)
    for _ in range(KILLS - 1):
        child = children.start()
        time.sleep(moments.uniform(0.02, 0.6) * seconds)
        children.kill(child)
        if (tmp_path / "tuned").exists():  # it was faster: begin again
            assert (tmp_path / "tuned" / "model.safetensors").read_bytes() == expected
            shutil.rmtree(tmp_path / "tuned")
            shutil.rmtree(tmp_path / "tuned.tuning", ignore_errors=True)
    if rates.exists():
        assert json.loads(rates.read_text())["tried"][: len(before)] == before
    children.run_to_the_end()
    assert (tmp_path / "tuned" / "model.safetensors").read_bytes() == expected
    assert not (tmp_path / "tuned.tuning").exists()
