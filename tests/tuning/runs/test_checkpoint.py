"""Runs that are broken off go on as if nothing had been, and only where they belong.

AUDITION_KILLS says how often the kill test kills; 3 in the suite, 20 before a release.
"""

import os
import random
import signal
import sys
import time

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch
from tuning import worker
from tuning.killing import Children
from tuning.small import Pictured, Small, pictures, ready, rows, same_weights, timeless

from audition.errors import InputError
from audition.tuning.rows.examples import Examples
from audition.tuning.runs import checkpoint
from audition.tuning.runs.checkpoint import NAME
from audition.tuning.runs.loop import fit
from audition.tuning.runs.progress import TuningWatch

KILLS = int(os.environ.get("AUDITION_KILLS", "3"))


class Stopping(TuningWatch):
    """An interrupt by the user after some steps."""

    def __init__(self, after):
        self.left = after

    def step(self, loss):
        self.left -= 1
        if not self.left:
            signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def at_every_look(monkeypatch):
    monkeypatch.setattr(checkpoint, "SHARE", float("inf"))


def broken_off(folder, after, make=Small, examples=None, **given):
    """A run that is interrupted in a step, from the beginning or the checkpoint; what it says."""
    examples = examples or rows()
    objective, settings = ready(examples, **given)
    with pytest.raises(KeyboardInterrupt) as caught:
        fit(
            make(),
            examples,
            objective,
            settings,
            folder=folder,
            resume=(folder / NAME).exists(),
            watch=Stopping(after),
        )
    return str(caught.value)


def gone_on(folder, make=Small, examples=None, **given):
    examples = examples or rows()
    objective, settings = ready(examples, **given)
    network = make()
    return network, fit(network, examples, objective, settings, folder=folder, resume=True).curve


def undisturbed(make=Small, examples=None, **given):
    examples = examples or rows()
    objective, settings = ready(examples, **given)
    network = make()
    return network, fit(network, examples, objective, settings).curve


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"optimiser": "adamw", "rate": 0.01},
        {"average": 0.9},
        {"head_only": True},
        {"accumulate": 2, "steps": 30},
    ],
    ids=str,
)
def test_it_goes_on_to_the_last_digit(given, tmp_path):
    for _ in range(3):
        broken_off(tmp_path, 12 if "steps" not in given else 9, **given)
    network, curve = gone_on(tmp_path, **given)
    expected, its_curve = undisturbed(**given)
    assert same_weights(network, expected) and timeless(curve) == timeless(its_curve)


def test_networks_of_pictures_go_on_to_the_last_digit(tmp_path):
    """Their weights lie in memory with channels last, and their batch norms count."""
    broken_off(tmp_path, 17, Pictured, pictures())
    network, curve = gone_on(tmp_path, Pictured, pictures())
    expected, its_curve = undisturbed(Pictured, pictures())
    assert same_weights(network, expected) and timeless(curve) == timeless(its_curve)


def test_an_interrupt_says_how_to_go_on(tmp_path):
    assert (
        broken_off(tmp_path, 20)
        == "Stopped after step 20 of 40; resume=True (--resume) goes on from step 17."
    )
    examples = rows()
    objective, settings = ready(examples)
    with pytest.raises(KeyboardInterrupt, match="there is no checkpoint to go on from"):
        fit(Small(), examples, objective, settings, watch=Stopping(3))


def test_an_interrupt_between_steps_loses_nothing(tmp_path, monkeypatch):
    from audition.tuning.runs.updates import Updates

    gradients = Updates.gradients

    def interrupted(self, step):
        if step.number == 20:
            signal.raise_signal(signal.SIGINT)
        return gradients(self, step)

    examples = rows()
    objective, settings = ready(examples)
    with monkeypatch.context() as patched:
        patched.setattr(Updates, "gradients", interrupted)
        with pytest.raises(
            KeyboardInterrupt, match=r"Stopped after step 19 of 40; .* goes on from step 19\."
        ):
            fit(Small(), examples, objective, settings, folder=tmp_path)
    assert same_weights(gone_on(tmp_path)[0], undisturbed()[0])


def test_a_run_that_has_ended_is_read_and_not_made_again(tmp_path):
    first, curve = gone_on(tmp_path)
    examples, told = rows(), Stopping(1)
    objective, settings = ready(examples)
    again = Small()
    fitted = fit(again, examples, objective, settings, folder=tmp_path, resume=True, watch=told)
    assert told.left == 1 and same_weights(first, again)
    assert fitted.curve == curve  # the seconds, too


def test_seconds_go_on_and_do_not_count_the_break(tmp_path):
    broken_off(tmp_path, 20)
    time.sleep(0.3)
    _, curve = gone_on(tmp_path)
    seconds = [row.seconds for row in curve]
    assert seconds == sorted(seconds)
    assert max(np.diff(seconds)) < 0.3


def test_a_checkpoint_is_never_overwritten_unasked(tmp_path):
    broken_off(tmp_path, 12)
    kept = (tmp_path / NAME).read_bytes()
    examples = rows()
    objective, settings = ready(examples)
    with pytest.raises(InputError, match="is there already: resume=True"):
        fit(Small(), examples, objective, settings, folder=tmp_path)
    assert (tmp_path / NAME).read_bytes() == kept
    with pytest.raises(InputError, match="Name the folder"):
        fit(Small(), examples, objective, settings, resume=True)


def squares(network, features, outputs, numbers, view):
    return features.square().mean()


def shifted(examples):
    return Examples(
        tuple(view + 1 for view in examples.views), examples.targets, examples.task, examples.parts
    )


@pytest.mark.parametrize(
    "make, change, given, penalty, said",
    [
        (
            Small,
            None,
            {"rate": 0.01},
            None,
            "made with rate=0.05, not 0.01: resume with that, or begin anew in",
        ),
        (Small, None, {"steps": 50}, None, "made with steps=40, not 50"),
        (Small, shifted, {}, None, "belongs to other data"),
        (lambda: Small(seed=1), None, {}, None, "belongs to another model"),
        (lambda: Small(width=7), None, {}, None, "belongs to another model"),
        (Small, None, {}, squares, "belongs to another penalty"),
    ],
)
def test_a_run_that_is_another_is_refused(make, change, given, penalty, said, tmp_path):
    broken_off(tmp_path, 12)
    kept = (tmp_path / NAME).read_bytes()
    examples = rows() if change is None else change(rows())
    objective, settings = ready(examples, **given)
    with pytest.raises(InputError, match=said):
        fit(make(), examples, objective, settings, penalty=penalty, folder=tmp_path, resume=True)
    assert (tmp_path / NAME).read_bytes() == kept


def test_penalties_are_told_apart_by_what_they_hold():
    from audition.tuning.runs.fingerprint import fingerprint_of

    class Weighted:
        def __init__(self, weight, targets):
            self.weight, self.targets = weight, {"a": torch.from_numpy(targets)}

    examples = rows()
    settings = ready(examples)[1]
    held = [
        Weighted(1.0, np.zeros(3)),
        Weighted(1.0, np.zeros(3)),
        Weighted(2.0, np.zeros(3)),
        Weighted(1.0, np.ones(3)),
    ]
    first, same, other, another = (
        fingerprint_of(Small(), examples, settings, one)["penalty"] for one in held
    )
    assert first == same and len({first, other, another}) == 3


@pytest.mark.parametrize("broken", [b"", b"\0" * 100, None])
def test_a_file_that_is_no_checkpoint(broken, tmp_path):
    broken_off(tmp_path, 12)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:-10] if broken is None else broken)
    with pytest.raises(InputError, match="is no whole checkpoint: remove it to begin anew"):
        gone_on(tmp_path)


def test_what_safetensors_left_of_a_killed_run_is_removed(tmp_path):
    """It writes to a file of its own, and gives that the name."""
    (tmp_path / ".tmpa1B2c3").write_bytes(b"x")
    (tmp_path / ".tmpfiles").write_bytes(b"mine")
    gone_on(tmp_path)
    assert [path.name for path in tmp_path.glob(".tmp*")] == [".tmpfiles"]


def test_checkpoints_take_a_share_of_the_time_at_most(tmp_path, monkeypatch):
    """The first at once; then none until writing it was a twentieth of the time, and 20 s apart without a look."""
    now = [0.0]
    monkeypatch.setattr(checkpoint, "SHARE", 0.05)
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(checkpoint, "write", lambda *given: now.__setitem__(0, now[0] + 0.5))
    keeper = checkpoint.Keeper(tmp_path, {})
    assert keeper.due(True)
    keeper.keep(checkpoint.Standing(1, {}, {}))
    due = {}
    for passed in (1.0, 9.9, 10.1, 19.9, 20.1):
        now[0] = 0.5 + passed
        due[passed] = keeper.due(True), keeper.due(False)
    assert due == {
        1.0: (False, False),
        9.9: (False, False),
        10.1: (True, False),
        19.9: (True, False),
        20.1: (True, True),
    }


@pytest.fixture
def children(tmp_path):
    """Runs that go on from the checkpoint of a folder."""
    runs = Children(worker.__file__, tmp_path)
    assert runs.ready == "ready"
    yield runs
    runs.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_killed_at_random_moments_and_resumed(children, tmp_path):
    """The same weights and the same curve as a run that nobody disturbs, bit by bit."""
    moments, kept, expected = random.Random(0), [], worker.run(None)
    for _ in range(KILLS):
        child = children.start()
        time.sleep(moments.uniform(0.05, 0.4))
        children.kill(child)
        kept.append((tmp_path / NAME).exists())
        if (tmp_path / worker.DONE).exists():  # it was faster: begin again
            assert done(tmp_path) == expected
    child = children.start("half")
    assert children.says() == "writing"
    children.kill(child)
    assert list(tmp_path.glob(".*.part"))
    assert any(kept)
    children.run_to_the_end()
    assert done(tmp_path) == expected
    assert not list(tmp_path.glob(".*.part"))


def done(folder):
    """What a run said at its end; nothing of it is left."""
    said = (folder / worker.DONE).read_text(encoding="utf-8")
    (folder / worker.DONE).unlink()
    (folder / NAME).unlink()
    return said
