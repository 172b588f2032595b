"""The loop: it learns, keeps the best state, is the same in every run, and leaves the user's chance alone."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")

import torch
from tuning.small import Pictured, Small, pictures, ready, rows, same_weights, timeless

from audition.errors import InputError
from audition.tuning.rows.examples import Examples
from audition.tuning.rows.parts import Parts
from audition.tuning.runs.loop import fit
from audition.tuning.runs.progress import TuningWatch

TASKS = {"classification": 0.8, "multilabel": 0.9, "regression": 0.7}


def outputs(network, examples, part):
    with torch.no_grad():
        return network(examples.items(part))[1].numpy()


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
def test_it_learns_and_ends_in_its_best_state(task, optimiser):
    examples, network = rows(task), Small()
    rate = 0.05 if optimiser == "sgd" else 0.01
    objective, settings = ready(examples, rate=rate, optimiser=optimiser, steps=120, patience=99)
    fitted = fit(network, examples, objective, settings)
    assert fitted.held_out >= TASKS[task]
    held_out, best = examples.parts.held_out, fitted.curve.best
    score = objective.score(outputs(network, examples, held_out), examples.targets[held_out])
    assert score == fitted.held_out == best.held_out_score == max(row.held_out_score for row in fitted.curve)
    assert (fitted.best_step, fitted.stopped) == (best.step, "All 120 steps were made.")
    assert not network.training


def test_the_same_seed_gives_the_same_weights_bit_for_bit():
    examples = rows(views=3)
    objective, settings = ready(examples)
    first, again, other = Small(), Small(), Small()
    curves = [fit(network, examples, objective, settings).curve for network in (first, again)]
    fit(other, examples, objective, replace(settings, seed=1))
    assert same_weights(first, again) and timeless(curves[0]) == timeless(curves[1])
    assert not same_weights(first, other)


def test_the_users_generators_are_not_touched():
    examples = rows()
    objective, settings = ready(examples)
    weights = torch.get_rng_state()
    np.random.seed(5)  # noqa: NPY002  # the user's own
    first = Small()
    fit(first, examples, objective, settings)
    assert torch.equal(torch.get_rng_state(), weights)
    assert np.random.random() == np.random.RandomState(5).random()  # noqa: NPY002
    torch.manual_seed(99)
    second = Small()
    fit(second, examples, objective, settings)
    assert same_weights(first, second)


@pytest.mark.parametrize("given", [{"class_weights": "balanced"}, {"label_smoothing": 0.1}])
def test_accumulated_batches_are_one_large_one(given):
    examples = rows()
    objective, whole = ready(examples, batch_size=12, **given)
    _, pieces = ready(examples, batch_size=4, accumulate=3, **given)
    one, other = Small(dropout=0), Small(dropout=0)
    fit(one, examples, objective, whole)
    fit(other, examples, objective, pieces)
    for ours, theirs in zip(one.state_dict().values(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_steps_are_those_of_torch():
    """One update of SGD by hand: clipped, the head at ten times the rate, no decay of biases."""
    examples, network, ours = rows(), Small(dropout=0), Small(dropout=0)
    objective, settings = ready(examples, steps=1, batch_size=45, weight_decay=0.1, warm_up=0.0)
    fit(ours, examples, objective, settings)
    train = examples.parts.train
    loss = torch.nn.functional.cross_entropy(
        network(examples.items(train))[1], torch.from_numpy(examples.targets[train])
    )
    loss.backward()
    norm = torch.sqrt(sum(weight.grad.square().sum() for weight in network.parameters()))
    for name, weight in network.named_parameters():
        gradient = weight.grad / max(1.0, float(norm)) + (0.1 * weight.detach() if weight.ndim > 1 else 0)
        rate = 0.05 * (10 if name.startswith("head") else 1)
        expected = (
            weight.detach() - rate * 1.9 * gradient
        )  # Nesterov: the gradient, and 0.9 of the first velocity
        torch.testing.assert_close(ours.get_parameter(name).detach(), expected, rtol=1e-5, atol=1e-6)


def test_the_head_alone():
    examples = rows(views=2)
    objective, settings = ready(examples, head_only=True)
    network, start = Small(), Small()
    fitted = fit(network, examples, objective, settings)
    assert same_weights(network.body, start.body) and not same_weights(network.head, start.head)
    held_out = examples.parts.held_out
    assert (
        objective.score(outputs(network, examples, held_out), examples.targets[held_out])
        == fitted.held_out
        >= 0.6
    )


def test_the_body_runs_once_a_view_for_the_head_alone():
    examples, network = rows(views=2), Small()
    objective, settings = ready(examples, head_only=True, batch_size=15, steps=200)
    seen = []
    network.body.register_forward_hook(lambda module, given, out: seen.append(len(out)))
    fit(network, examples, objective, settings)
    assert sum(seen) == 2 * 60


def test_averaged_weights_are_judged_and_kept():
    examples = rows()
    objective, settings = ready(examples, average=0.9, steps=60)
    plain, averaged = Small(), Small()
    fit(plain, examples, objective, replace(settings, average=0.0))
    fitted = fit(averaged, examples, objective, settings)
    held_out = examples.parts.held_out
    assert (
        objective.score(outputs(averaged, examples, held_out), examples.targets[held_out]) == fitted.held_out
    )
    assert not same_weights(plain, averaged)


def test_an_average_is_that_of_the_weights():
    """Of a bias whose gradient is fixed: by hand, step by step."""
    from audition.tuning.runs.average import Average

    network = torch.nn.Linear(1, 1)
    average, expected = Average(network, 0.5), network.weight.detach().clone()
    for step in range(1, 20):
        with torch.no_grad():
            network.weight += step
        average.update(step)
        decay = min(0.5, step / (step + 9))
        expected = decay * expected + (1 - decay) * network.weight.detach()
    torch.testing.assert_close(average.weights["weight"], expected)
    before = network.weight.detach().clone()
    with average.in_place():
        torch.testing.assert_close(network.weight.detach(), expected)
    assert torch.equal(network.weight.detach(), before)


def test_it_stops_where_nothing_gets_better():
    examples = rows()
    objective, settings = ready(examples, rate=1e-9, steps=400, patience=4)
    fitted = fit(Small(), examples, objective, settings)
    assert fitted.curve.since_best == 4
    last = fitted.curve.rows[-1].step
    assert fitted.stopped == f"Stopped after step {last} of 400: the last 4 looks were no better."


def test_without_held_out_rows_the_last_state_is_kept():
    examples = rows()
    everything, none = np.arange(60), np.arange(0)
    examples = Examples(examples.views, examples.targets, examples.task, Parts(everything, none, none))
    objective, settings = ready(examples)
    fitted = fit(Small(), examples, objective, settings)
    assert fitted.best_step == 40 and np.isnan(fitted.held_out)


def test_a_penalty_is_added_and_told_apart():
    examples, calls = rows(views=2), []

    def penalty(network, features, outputs, numbers, view):
        calls.append(view)
        assert features.shape == (len(numbers), 6) and outputs.shape == (len(numbers), 3)
        torch.testing.assert_close(network.head(features), outputs)
        return 5 * features.square().mean()

    objective, settings = ready(examples)
    free, held = Small(), Small()
    fit(free, examples, objective, settings)
    fitted = fit(held, examples, objective, settings, penalty=penalty)
    assert set(calls) == {0, 1} and len(calls) == 40
    sizes = [
        float(network(examples.items(np.arange(60)))[0].detach().square().mean()) for network in (held, free)
    ]
    assert sizes[0] < 0.5 * sizes[1]
    assert fitted.curve.rows[0].penalty > fitted.curve.rows[-1].penalty > 0


def test_pictures_and_batch_norms_learn():
    examples = pictures()
    objective, settings = ready(examples, rate=0.02)
    assert fit(Pictured(), examples, objective, settings).held_out == 1


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_losses_stay_in_full_precision(precision):
    seen = []

    def penalty(network, features, outputs, numbers, view):
        seen.extend((features.dtype, outputs.dtype))
        return outputs.sum() * 0

    examples = rows()
    objective, settings = ready(examples, precision=precision)
    assert fit(Small(), examples, objective, settings, penalty=penalty).held_out >= 0.6
    assert set(seen) == {torch.float32}


def test_it_tells_every_step_and_look():
    class Told(TuningWatch):
        def __init__(self):
            self.steps, self.looks, self.said = 0, [], []

        def begins(self, steps, done, score_name):
            self.said.append((steps, done, score_name))

        def step(self, loss):
            self.steps += 1

        def look(self, look, best):
            self.looks.append((look, best))

        def close(self):
            self.said.append("closed")

    examples, told = rows(), Told()
    objective, settings = ready(examples)
    fitted = fit(Small(), examples, objective, settings, watch=told)
    assert told.said == [(40, 0, "accuracy"), "closed"] and told.steps == 40
    assert tuple(look for look, _ in told.looks) == fitted.curve.rows
    assert [look.step for look, best in told.looks if best][-1] == fitted.best_step


def test_settings_that_are_not_complete():
    from audition.tuning.runs.settings import Settings

    examples = rows()
    with pytest.raises(InputError, match="no rate or no steps"):
        fit(Small(), examples, ready(examples)[0], Settings())
