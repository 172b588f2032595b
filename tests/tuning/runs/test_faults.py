"""What can go wrong while a network is tuned: one sentence, and the best state is kept."""

import os
import sys
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch
from tuning.small import Pictured, Small, pictures, ready, rows, same_weights, timeless

from audition.errors import InputError, ModelError
from audition.tuning.runs import checkpoint
from audition.tuning.runs.checkpoint import NAME
from audition.tuning.runs.faults import DivergedError
from audition.tuning.runs.loop import fit
from audition.tuning.runs.progress import TuningWatch

EVERYTHING = np.arange(60)


class Poisoned:
    """A penalty that is no number from some call on."""

    def __init__(self, after):
        self.left = after

    def __call__(self, network, features, outputs, numbers, view):
        self.left -= 1
        return outputs.sum() * (float("nan") if self.left < 0 else 0.0)


def test_a_loss_that_is_no_number_ends_the_run_in_its_best_state():
    examples, network = rows(), Small()
    objective, settings = ready(examples)
    fitted = fit(network, examples, objective, settings, penalty=Poisoned(20))
    best = fitted.best_step
    assert fitted.diverged and not fit(Small(), examples, objective, settings).diverged
    assert fitted.stopped == (
        "The loss was no number in step 21, with a rate of 0.05: try a lower rate. "
        f"The state after step {best} is kept."
    )
    assert [row.step for row in fitted.curve] == [6, 11, 17]
    held_out = examples.parts.held_out
    with torch.no_grad():
        outputs = network(examples.items(held_out))[1].numpy()
    assert objective.score(outputs, examples.targets[held_out]) == fitted.held_out


def test_a_loss_that_is_no_number_before_the_first_look():
    examples = rows()
    objective, settings = ready(examples)
    with pytest.raises(DivergedError, match=r"in step 1, with a rate of 0\.05: try a lower rate\.$"):
        fit(Small(), examples, objective, settings, penalty=Poisoned(0))


def test_outputs_that_are_no_numbers_are_not_judged():
    """The weights become so large in an update that the held-out rows have no finite outputs."""
    examples = rows("regression")
    objective, settings = ready(examples, rate=1e36, steps=5, warm_up=0.0)
    with pytest.raises(DivergedError):
        fit(Small(), examples, objective, settings)


class Narrow(Small):
    """There is memory for a few rows at a time only."""

    def __init__(self, room, **given):
        super().__init__(**given)
        self.room, self.seen = room, []

    def forward(self, batch):
        if len(batch) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        self.seen.append((self.training, len(batch)))
        return super().forward(batch)


def test_where_memory_runs_out_pieces_make_the_same_update():
    examples = rows()
    objective, settings = ready(examples, batch_size=16, steps=30, label_smoothing=0.1)
    wide, narrow = Small(dropout=0), Narrow(5, dropout=0)
    expected = fit(wide, examples, objective, settings)
    fitted = fit(narrow, examples, objective, settings)
    for ours, theirs in zip(narrow.state_dict().values(), wide.state_dict().values(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)
    assert [row.step for row in fitted.curve] == [row.step for row in expected.curve]
    assert sum(number for training, number in narrow.seen if training) == 30 * 16


def test_pieces_that_fit_are_remembered_in_the_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SHARE", float("inf"))

    class Stopping(TuningWatch):
        def look(self, look, best):
            if look.step >= 8:
                raise KeyboardInterrupt

    examples = rows()
    objective, settings = ready(examples, batch_size=16, steps=30)
    whole, again = Narrow(5), Narrow(5)
    expected = fit(whole, examples, objective, settings)
    with pytest.raises(KeyboardInterrupt):
        fit(Narrow(5), examples, objective, settings, folder=tmp_path, watch=Stopping())
    fitted = fit(again, examples, objective, settings, folder=tmp_path, resume=True)
    assert same_weights(whole, again) and timeless(fitted.curve) == timeless(expected.curve)


class Failing(Pictured):
    """The head fails once, when the norms of the body have seen the pictures already."""

    def __init__(self, error):
        super().__init__()
        self.error = error
        self.head.register_forward_pre_hook(self.fail)

    def fail(self, *_):
        if self.training and self.error is not None:
            error, self.error = self.error, None
            raise error


def test_what_norms_have_seen_of_a_pass_without_room_does_not_count():
    examples = pictures()
    objective, settings = ready(examples, steps=1, batch_size=8)
    network, whole = Failing(torch.OutOfMemoryError("CUDA out of memory.")), Pictured()
    fit(network, examples, objective, settings)
    fit(whole, examples, objective, replace(settings, batch_size=4, accumulate=2))
    norm = network.body[1]
    assert norm.num_batches_tracked == 2  # two halves, and not the whole before
    assert norm.running_mean.abs().sum() > 0


def test_an_interrupt_within_a_pass_keeps_no_half_a_step(tmp_path):
    examples = pictures()
    objective, settings = ready(examples)
    whole, network, again = Pictured(), Failing(KeyboardInterrupt()), Pictured()
    fit(whole, examples, objective, settings)
    with pytest.raises(KeyboardInterrupt, match="Stopped after step 0 of 40"):
        fit(network, examples, objective, settings, folder=tmp_path)
    assert network.body[1].num_batches_tracked == 0

    class Late(TuningWatch):
        def step(self, loss):
            late.error = KeyboardInterrupt() if late.body[1].num_batches_tracked == 9 else None

    late = Failing(None)
    with pytest.raises(KeyboardInterrupt, match=r"Stopped after step 9 of 40; .* goes on from step 9\."):
        fit(late, examples, objective, settings, folder=tmp_path, watch=Late())
    fit(again, examples, objective, settings, folder=tmp_path, resume=True)
    assert same_weights(again, whole)


@pytest.mark.parametrize("given", [{}, {"head_only": True}])
def test_not_even_one_row_fits(given):
    class None_(Small):
        def __init__(self):
            super().__init__()
            self.body.forward = self.fail

        def fail(self, batch):
            raise MemoryError

    examples = rows()
    objective, settings = ready(examples, **given)
    with pytest.raises(ModelError, match="not even with one row at a time: tune the head alone"):
        fit(None_(), examples, objective, settings)


def test_the_head_alone_fits_where_features_are_made_in_pieces():
    class Narrower(Small):
        def __init__(self):
            super().__init__()
            inner = self.body.forward
            self.body.forward = lambda batch: self.fail() if len(batch) > 3 else inner(batch)

        def fail(self):
            raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")

    examples = rows()
    objective, settings = ready(examples, head_only=True)
    narrow, wide = Narrower(), Small()
    fit(narrow, examples, objective, settings)
    fit(wide, examples, objective, settings)
    for ours, theirs in zip(narrow.state_dict().values(), wide.state_dict().values(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_another_error_is_not_hidden():
    class Broken(Small):
        def forward(self, batch):
            raise RuntimeError("size mismatch")

    examples = rows()
    objective, settings = ready(examples)
    with pytest.raises(RuntimeError, match="size mismatch"):
        fit(Broken(), examples, objective, settings)


class FullFrom(TuningWatch):
    """From some look on no file may grow beyond a few bytes, as on a full disk; look 0 is the start."""

    def __init__(self, look):
        self.left = look

    def begins(self, steps, done, score_name):
        self.fill()

    def look(self, look, best):
        self.left -= 1
        self.fill()

    def fill(self):
        import resource

        if not self.left:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

    def close(self):
        import resource

        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.mark.skipif(sys.platform == "win32", reason="the size of files has no limit to set on Windows")
@pytest.mark.parametrize("look", [0, 3])
def test_a_full_disk_leaves_the_checkpoint_before(look, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "SHARE", float("inf"))
    examples, network = rows(), Small()
    objective, settings = ready(examples)
    with pytest.raises(InputError) as caught:
        fit(network, examples, objective, settings, folder=tmp_path, watch=FullFrom(look))
    before = "There is no earlier one" if look == 0 else "The one of step 11 is whole"
    assert str(caught.value) == (
        f"{str(tmp_path / NAME)!r} cannot be written: File too large. {before}: make room, then go on with "
        "resume=True (--resume)."
    )
    assert os.listdir(tmp_path) == ([] if look == 0 else [NAME])
    again, whole = Small(), Small()
    fit(again, examples, objective, settings, folder=tmp_path, resume=True)
    fit(whole, examples, objective, settings)
    assert same_weights(again, whole)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    examples = rows()
    objective, settings = ready(examples)
    with pytest.raises(InputError, match="cannot be made"):
        fit(Small(), examples, objective, settings, folder=tmp_path / "file")
