"""The penalties and their gradients, against loops over numbers; and B-Tuning on a network that is its own teacher."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import b_tuning as oracle

from audition.data.memory import dataset_from_arrays
from audition.errors import InputError
from audition.labels import as_labels

pytest.importorskip("torch", reason="torch is not installed")

import torch

from audition.models.torch.module import TorchModel
from audition.tuning.networks.body import body_of
from audition.tuning.networks.network import Head, Network
from audition.tuning.teachers.penalties import L2SP, BTuning, Distillation
from audition.tuning.teachers.pooled import Pooled, pooled_teachers
from audition.tuning.teachers.posteriors import Posterior, fit_posterior

VIEWS, ITEMS, CLASSES, WIDTH = 2, 9, 3, 4
ROWS = torch.tensor([7, 0, 4, 3])
TASKS = ["classification", "multilabel", "regression"]


def problem(seed=0):
    """(posterior of the student, what teachers say, features [4, 4], outputs [4, 3]), all of float64."""
    rng = np.random.default_rng(seed)
    student = Posterior("student", "last", 0.1, rng.normal(size=(CLASSES, WIDTH)), 0.2)
    said = rng.uniform(-0.2, 1.2, (VIEWS, ITEMS, CLASSES)).astype(np.float32)
    pooled = Pooled(said, np.ones(1), (student,))
    return student, pooled, rng.normal(size=(4, WIDTH)), rng.normal(size=(4, CLASSES))


def value_and_gradient(penalty, features, outputs, view, of):
    """The penalty of float32 tensors, and its gradient with respect to one of them."""
    given = {"features": torch.tensor(features, dtype=torch.float32, requires_grad=True)}
    given["outputs"] = torch.tensor(outputs, dtype=torch.float32, requires_grad=True)
    value = penalty(None, given["features"], given["outputs"], ROWS, view)
    value.backward()
    other = given[{"features": "outputs", "outputs": "features"}[of]]
    assert value.dtype == torch.float32 and value.ndim == 0 and other.grad is None
    return value.item(), given[of].grad.numpy()


@pytest.mark.parametrize("view", range(VIEWS))
@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), tradeoff=st.floats(0.01, 1e3))
def test_b_tuning_and_its_gradient(seed, tradeoff, view):
    student, pooled, features, outputs = problem(seed)
    penalty = BTuning.of(student, pooled, tradeoff=tradeoff)
    value, gradient = value_and_gradient(penalty, features, outputs, view, "features")
    said = pooled.outputs[view, ROWS.numpy()].astype(float)
    assert value == pytest.approx(oracle.b_tuning(features, student.weights, said, tradeoff), rel=1e-5)
    expected = oracle.b_tuning_gradient(features, student.weights, said, tradeoff)
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6 * tradeoff)


def test_the_loop_of_the_gradient_is_the_slope_of_the_loss():
    student, pooled, features, _ = problem()
    said = pooled.outputs[0, ROWS.numpy()].astype(float)
    by_steps = oracle.slope(lambda moved: oracle.b_tuning(moved, student.weights, said, 100.0), features)
    by_formula = oracle.b_tuning_gradient(features, student.weights, said, 100.0)
    np.testing.assert_allclose(by_steps, by_formula, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("temperature", [1.0, 3.0])
@settings(max_examples=15)
@given(seed=st.integers(0, 2**32 - 1))
def test_distillation_and_its_gradient(seed, task, temperature):
    _, pooled, features, outputs = problem(seed)
    penalty = Distillation.of(pooled, task, temperature=temperature, tradeoff=0.7)
    value, gradient = value_and_gradient(penalty, features, outputs, 1, "outputs")
    said = pooled.outputs[1, ROWS.numpy()].astype(float)

    def slow(moved):
        return oracle.distillation(moved, said, 0.2, temperature, 0.7, task)

    assert value == pytest.approx(slow(outputs), rel=1e-4, abs=1e-5)
    np.testing.assert_allclose(gradient, oracle.slope(slow, outputs), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_a_student_that_says_what_its_teachers_say_has_nothing_to_learn_from_them(task):
    _, pooled, features, _ = problem()
    penalty = Distillation.of(pooled, task)
    value, gradient = value_and_gradient(penalty, features, penalty.logits[0, ROWS].numpy(), 0, "outputs")
    assert abs(value) < 1e-5 and abs(gradient).max() < 1e-5


def small_network(seed=0):
    """Pictures 8 x 8 -> four features -> three outputs, with a batch norm and a few hundred weights."""
    torch.manual_seed(seed)
    layers = [torch.nn.Conv2d(3, 4, 3, stride=2), torch.nn.BatchNorm2d(4), torch.nn.ReLU()]
    module = torch.nn.Sequential(*layers, torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    module[1].running_mean.normal_(0, 0.1)
    return TorchModel(f"small {seed}", module, preprocess=channels_first, mean=[0.5], std=[0.25], head=None)


def channels_first(picture):
    return np.moveaxis(np.asarray(picture), -1, 0)


def pictures():
    rng = np.random.default_rng(0)
    labels = np.arange(30) % 3
    pixels = rng.integers(0, 128, (30, 8, 8, 3)) + 60 * (labels == 1)[:, None, None, None]
    return dataset_from_arrays(pixels.astype(np.uint8), labels, name="pictures"), as_labels(labels)


def batch_of(data, rows):
    return np.stack([channels_first(item.decode()) for item in data.items()])[rows]


def own_teacher(tmp_path):
    """A network, B-Tuning with itself as the only teacher, and the data."""
    pytest.importorskip("PIL", reason="PIL is not installed")
    data, labels = pictures()
    model, rows = small_network(), np.arange(20)
    pooled = pooled_teachers(model, [data], labels, rows, cache=tmp_path, device="cpu")
    body = body_of(model)
    features = body(batch_of(data, np.arange(30))).detach().numpy()
    penalty = BTuning.of(fit_posterior(features, labels, rows), pooled)
    return Network(body, Head.of(features, 3, seed=0)), penalty, data


def test_a_network_that_is_its_only_teacher_begins_at_zero(tmp_path):
    """And leaves zero at the first step; the gradient is zero to rounding there, too."""
    network, penalty, data = own_teacher(tmp_path)
    network.train()
    rows = torch.arange(20)
    value = penalty(network, *network(batch_of(data, rows.numpy())), rows, 0)
    value.backward()
    assert 0 <= value.item() < 1e-8
    assert all(weight.grad is None or abs(weight.grad).max() < 1e-3 for weight in network.parameters())
    with torch.no_grad():
        next(network.body.parameters()).mul_(1.05)
    assert penalty(network, *network(batch_of(data, rows.numpy())), rows, 0).item() > 1e-3


def test_the_gradient_reaches_the_weights_of_a_network(tmp_path):
    """Autograd's against differences of the loops; of float32 features, these have three digits."""
    network, penalty, data = own_teacher(tmp_path)
    rows = np.arange(0, 20, 3)
    batch, weight = batch_of(data, rows), dict(network.body.named_parameters())["module.1.weight"]
    with torch.no_grad():
        weight.mul_(1.3)
    features, outputs = network(batch)
    value = penalty(network, features, outputs, torch.from_numpy(rows), 0)
    (gradient,) = torch.autograd.grad(value, [weight])

    def slow(values):
        with torch.no_grad():
            weight.copy_(torch.from_numpy(values))
            found = network(batch)[0].numpy()
        W, said = penalty.weights.double().numpy(), penalty.said[0, rows].double().numpy()
        return oracle.b_tuning(found.astype(float), W, said, 100.0)

    expected = oracle.slope(slow, weight.detach().numpy().copy(), step=1e-3)
    np.testing.assert_allclose(gradient.numpy(), expected, rtol=1e-3, atol=1e-3 * abs(expected).max())


def test_l2_sp_and_its_gradient(tmp_path):
    network, _, data = own_teacher(tmp_path)
    penalty = L2SP.of(network, alpha=0.3, beta=0.07)
    start = flat(network.body)
    assert penalty(network, *network(batch_of(data, [0])), ROWS[:1], 0).item() == pytest.approx(
        oracle.l2_sp(start, start, flat(network.head), 0.3, 0.07), rel=1e-5
    )
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(torch.linspace(-1, 2, weight.numel()).reshape(weight.shape))
    value = penalty(network, *network(batch_of(data, [0])), ROWS[:1], 0)
    value.backward()
    slow = oracle.l2_sp(flat(network.body), start, flat(network.head), 0.3, 0.07)
    assert value.item() == pytest.approx(slow, rel=1e-5)
    moved = torch.cat([weight.grad.flatten() for weight in network.body.parameters()]).numpy()
    np.testing.assert_allclose(moved, 0.3 * (flat(network.body) - start), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        network.head.linear.weight.grad, 0.07 * network.head.linear.weight.detach(), rtol=1e-5
    )


def flat(module):
    return torch.cat([weight.detach().flatten() for weight in module.parameters()]).numpy().astype(float)


def test_l2_sp_leaves_out_what_is_not_trained(tmp_path):
    network, _, data = own_teacher(tmp_path)
    network.body.requires_grad_(False)
    penalty = L2SP.of(network, beta=0.0)
    features, outputs = network(batch_of(data, [0]))
    assert penalty.names == () and penalty(network, features, outputs, ROWS[:1], 0).item() == 0


@pytest.mark.parametrize("make", [lambda t: BTuning.of(*problem()[:2], tradeoff=t), lambda t: Distillation.of(
    problem()[1], "classification", tradeoff=t)], ids=["b-tuning", "distillation"])  # fmt: skip
def test_the_tradeoff_scales(make):
    _, _, features, outputs = problem()
    given = [torch.tensor(each, dtype=torch.float32) for each in (features, outputs)]
    values = [make(tradeoff)(None, *given, ROWS, 0).item() for tradeoff in (0, 1, 10)]
    assert values[0] == 0 and values[2] == pytest.approx(10 * values[1], rel=1e-6) and values[1] > 0
    for wrong in (-1, np.inf, np.nan, "1", True):
        with pytest.raises(InputError, match="'tradeoff' parameter of tune must be 0 or a positive number"):
            make(wrong)


def test_halved_precision_of_the_network_does_not_reach_the_penalty():
    student, pooled, features, outputs = problem()
    penalty = BTuning.of(student, pooled)
    given = [torch.tensor(each, dtype=torch.float32) for each in (features, outputs)]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = penalty(None, *given, ROWS, 0)
    assert inside.dtype == torch.float32 and inside.item() == penalty(None, *given, ROWS, 0).item()


def test_posteriors_of_other_classes_than_the_teachers():
    student, pooled, _, _ = problem()
    fewer = Posterior("student", "last", 0.1, student.weights[:2], 0.2)
    with pytest.raises(InputError, match="student has a posterior of 2 classes, its teachers of 3"):
        BTuning.of(fewer, pooled)


@pytest.mark.parametrize("temperature", [0, -1.0, np.nan, True])
def test_a_temperature_that_is_none(temperature):
    with pytest.raises(InputError, match="'temperature' parameter of distillation must be a positive number"):
        Distillation.of(problem()[1], "classification", temperature=temperature)


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("apart", [0.7, 1.5, 3.0])
def test_where_the_truth_is_known_teachers_are_as_sure_as_they_may_be(classes, apart):
    """Balls of Gaussian noise: new rows cost 0.02 nats more than they must, and no other scale is better."""
    rng = np.random.default_rng(0)
    centres, codes = np.eye(12)[:classes] * apart, np.arange(4000) % classes
    features = centres[codes] + rng.normal(size=(4000, 12))
    data = dataset_from_arrays(features, codes, name="balls")
    with_ones = np.column_stack([features, np.ones(4000)])
    pooled = pooled_teachers(with_ones, [data], as_labels(codes), np.arange(2000))
    held = np.arange(2000, 4000)
    logits = Distillation.of(pooled, "classification").logits[0, held].double()
    best = torch.from_numpy(-((features[held, None] - centres) ** 2).sum(axis=2) / 2)

    def lost(given):
        return torch.nn.functional.cross_entropy(given, torch.from_numpy(codes[held])).item()

    assert lost(logits) - lost(best) < 0.02
    assert all(lost(logits) < lost(factor * logits) for factor in (0.6, 1.7))
    assert (logits.argmax(1).numpy() == pooled.outputs[0, held].argmax(axis=1)).all()


def test_teachers_without_noise_stay_soft():
    """Features that fit their training rows exactly leave no noise; the logits are finite all the same."""
    _, pooled, features, outputs = problem()
    exact = Pooled(pooled.outputs, np.ones(1), (SimpleNamespace(noise=0.0),))
    penalty = Distillation.of(exact, "classification")
    assert torch.isfinite(penalty.logits).all()
    value, gradient = value_and_gradient(penalty, features, outputs, 0, "outputs")
    assert np.isfinite(value) and np.isfinite(gradient).all()
