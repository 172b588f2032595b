"""A head on a body: standardised features, a small linear layer, and the same as one layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from audition.errors import InputError  # noqa: E402
from audition.models import TorchModel  # noqa: E402
from audition.models.preprocess import AsRow  # noqa: E402
from audition.tuning.networks.body import body_of  # noqa: E402
from audition.tuning.networks.network import Head, Network  # noqa: E402

nn: Any = torch.nn
DRAW = np.random.default_rng(0)
FEATURES = (DRAW.standard_normal((50, 6)) * 300 + 1000).astype(np.float32)


def test_a_head_sees_features_less_their_mean_over_their_spread() -> None:
    head = Head.of(FEATURES, 3, seed=0)
    np.testing.assert_allclose(head.centre, FEATURES.mean(axis=0), rtol=1e-6)
    spread = np.sqrt(((FEATURES - FEATURES.mean(axis=0, dtype=np.float64)) ** 2).mean())
    assert float(head.scale) == pytest.approx(spread, rel=1e-6)
    seen = (FEATURES - FEATURES.mean(axis=0)) / spread
    expected = seen @ head.linear.weight.detach().numpy().T
    np.testing.assert_allclose(head(torch.from_numpy(FEATURES)).detach(), expected, rtol=1e-4, atol=1e-5)
    assert {name for name, _ in head.named_parameters()} == {"linear.weight", "linear.bias"}
    assert set(head.state_dict()) == {"centre", "scale", "linear.weight", "linear.bias"}


def test_weights_are_small_and_hang_on_the_seed_alone() -> None:
    torch.manual_seed(0)
    first = Head.of(FEATURES, 3, seed=7)
    torch.manual_seed(1)
    again, other = Head.of(FEATURES, 3, seed=7), Head.of(FEATURES, 3, seed=8)
    assert torch.equal(first.linear.weight, again.linear.weight)
    assert not torch.equal(first.linear.weight, other.linear.weight)
    assert 0 < float(first.linear.weight.detach().abs().max()) < 0.1
    assert not first.linear.bias.detach().any()


def test_a_head_takes_no_numbers_from_others() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    Head.of(FEATURES, 3, seed=7)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_one_plain_layer_is_the_same(scale: float) -> None:
    features = torch.from_numpy(FEATURES * np.float32(scale))
    head = Head.of(features.numpy(), 3, seed=0)
    with torch.no_grad():
        head.linear.weight.normal_(generator=torch.Generator().manual_seed(0))
        head.linear.bias.normal_(generator=torch.Generator().manual_seed(1))
        plain = head.plain()
        assert isinstance(plain, nn.Linear)
        torch.testing.assert_close(plain(features), head(features), rtol=1e-5, atol=1e-5)


def test_features_that_never_change_and_such_that_are_none() -> None:
    head = Head.of(np.ones((4, 2)), 2, seed=0)
    assert float(head.scale) == 1.0
    for wrong in (np.array([[1.0, np.nan]]), np.empty((0, 3)), np.ones(3)):
        with pytest.raises(InputError, match=r"features \[N, D\] of finite numbers"):
            Head.of(wrong, 2, seed=0)


def test_a_network_gives_features_and_outputs() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(4, 6), nn.ReLU())
    model = TorchModel("mine", module, kind="rows", preprocess=AsRow())
    rows = DRAW.standard_normal((5, 4)).astype(np.float32)
    body = body_of(model)
    network = Network(body, Head.of(body(rows).detach().numpy(), 3, seed=0))
    features, outputs = network(rows)
    assert features.shape == (5, 6) and outputs.shape == (5, 3)
    torch.testing.assert_close(outputs, network.head(body(rows)))
    outputs.square().sum().backward()
    assert {name for name, weight in network.named_parameters() if weight.grad is not None} == {
        "body.module.0.weight", "body.module.0.bias", "head.linear.weight", "head.linear.bias",
    }  # fmt: skip
    assert network.train().body.training and not network.eval().body.training
