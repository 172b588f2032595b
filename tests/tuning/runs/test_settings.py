"""Settings: what is filled in, and what is refused."""

import pytest

from audition.errors import InputError

pytest.importorskip("torch", reason="torch is not installed")

from audition.tuning.runs.settings import SIZES, Settings, completed


def done(rows, kind="image", task="classification", device="cpu", **given):
    return completed(Settings(**given), kind=kind, task=task, rows=rows, device=device)


def test_what_is_given_stays():
    given = {"epochs": 3, "batch_size": 5, "optimiser": "adamw", "weight_decay": 0.0}
    given |= {"patience": 2, "average": 0.9, "precision": "bf16"}
    settings = done(50, **given)
    assert {name: getattr(settings, name) for name in given} == given
    assert settings.steps == 30


@pytest.mark.parametrize("kind", ["image", "text"])
def test_more_rows_have_fewer_epochs_and_more_steps(kind):
    sizes = [done(int(min(size, 1_000_000)), kind) for size, *_ in SIZES]
    epochs, steps = [one.epochs for one in sizes], [one.steps for one in sizes]
    assert epochs == sorted(epochs, reverse=True)
    assert steps == sorted(steps)


def test_images_and_texts_have_their_optimisers():
    assert (done(50).optimiser, done(50).weight_decay) == ("sgd", 5e-4)
    assert (done(50, "text").optimiser, done(50, "text").weight_decay) == ("adamw", 0.01)


def test_a_batch_is_no_larger_than_the_rows_there_are():
    assert done(3).batch_size == 3
    assert done(3, batch_size=64).batch_size == 3


def test_accumulated_batches_make_fewer_steps():
    assert done(100, batch_size=5, epochs=4).steps == 80
    assert done(100, batch_size=5, accumulate=4, epochs=4).steps == 20


def test_short_runs_go_to_their_end():
    assert done(50, epochs=2).patience >= 5
    assert done(50, epochs=90).patience == 45


def test_nothing_is_left_open_but_the_rate():
    settings = done(50)
    assert [name for name, value in vars(settings).items() if value is None] == ["rate"]
    assert completed(settings, kind="image", task="classification", rows=50, device="cpu") == settings


@pytest.mark.parametrize(
    "given, said",
    [
        ({"rate": 0}, "'rate' parameter must be a number above 0. Got 0"),
        ({"rate": float("nan")}, "'rate'"),
        ({"epochs": 0}, "'epochs' parameter must be a positive integer"),
        ({"batch_size": 1.5}, "'batch_size'"),
        ({"patience": True}, "'patience'"),
        ({"warm_up": 1}, "'warm_up' parameter must be a number from 0 to below 1"),
        ({"label_smoothing": -0.1}, "'label_smoothing'"),
        ({"average": 1.0}, "'average'"),
        ({"optimiser": "adam"}, "'optimiser' parameter must be one of None, 'sgd', 'adamw'. Got 'adam'"),
        ({"class_weights": "some"}, "'class_weights'"),
        ({"precision": "int8"}, "'precision'"),
        ({"seed": -1}, "'seed'"),
        ({"weight_decay": -1}, "'weight_decay'"),
        ({"clip": 0}, "'clip'"),
    ],
)
def test_what_cannot_be_is_refused(given, said):
    with pytest.raises(InputError) as caught:
        Settings(**given)
    assert said in str(caught.value)


@pytest.mark.parametrize("given", [{"label_smoothing": 0.1}, {"class_weights": "balanced"}])
def test_targets_that_are_numbers_have_no_classes_to_weigh(given):
    with pytest.raises(InputError, match="are for classes"):
        done(50, task="regression", **given)


def test_halves_are_for_gpus():
    with pytest.raises(InputError, match="'fp16' is for GPUs"):
        done(50, precision="fp16")
    assert done(50, precision="fp16", device="cuda:1").precision == "fp16"
