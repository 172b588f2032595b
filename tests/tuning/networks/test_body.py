"""A body: features of one layer with gradients, what the layer depends on and nothing else."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from audition.errors import InputError, ModelError, UnknownNameError  # noqa: E402
from audition.models import CallableModel, TorchModel, open_model  # noqa: E402
from audition.models.preprocess import AsRow, ResizeImage  # noqa: E402
from audition.tuning.networks.body import Body, body_of  # noqa: E402
from audition.tuning.networks.cutting import Dropped  # noqa: E402
from audition.tuning.networks.example import example_of  # noqa: E402
from audition.tuning.networks.narrow import take_pixels_first  # noqa: E402

nn: Any = torch.nn
PIXELS = np.random.default_rng(0).integers(0, 256, (6, 3, 8, 8), dtype=np.uint8)


class Network(nn.Module):  # type: ignore[misc, name-defined]
    """Three blocks with batch norms, dropout, a head, and a weight that no feature depends on."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.one = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.two = nn.Sequential(nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6), nn.ReLU())
        self.drop = nn.Dropout(0.5)
        self.three = nn.Conv2d(6, 5, 3)
        self.idle = nn.Parameter(torch.ones(2))
        self.fc = nn.Linear(5, 7)

    def forward(self, images: Any) -> Any:
        return self.fc(self.three(self.drop(self.two(self.one(images)))).mean((2, 3)))


def model(**options: Any) -> TorchModel:
    return TorchModel("mine", Network(), preprocess=ResizeImage(8), **options)


def test_features_are_those_of_the_model() -> None:
    own = model()
    expected = own.forward(PIXELS).features
    for layer in own.layers:
        body = body_of(own, layer)
        assert (body.layer, body.width) == (layer, expected[layer].shape[1])
        assert (body.name, body.kind, body.preprocess) == ("mine", "image", own.preprocess)
        with torch.no_grad():
            np.testing.assert_allclose(body(PIXELS), expected[layer], rtol=1e-6, atol=1e-6)
    assert body_of(own).layer == "features"


def test_it_holds_what_the_layer_depends_on_and_nothing_else() -> None:
    body = body_of(model(), "two")
    parts = {name.split(".")[1] for name in body.state_dict()}
    assert parts == {"one", "two"}
    assert {name.split(".")[1] for name, _ in body_of(model()).named_parameters()} == {"one", "two", "three"}
    assert isinstance(body.module.three, Dropped) and isinstance(body.module.fc, Dropped)
    with pytest.raises(ModelError, match="the blocks beyond were dropped"):
        body.module(torch.zeros(1, 3, 8, 8))


def test_gradients_reach_every_weight() -> None:
    for layer in ("one", "two", "features"):
        body = body_of(model(), layer).train()
        body(PIXELS).square().sum().backward()
        gradients = {name: weight.grad for name, weight in body.named_parameters()}
        assert all(gradient is not None for gradient in gradients.values())
        assert float(gradients["module.one.0.weight"].abs().sum()) > 0


def test_the_model_is_never_changed() -> None:
    own = model()
    before, names = own.forward(PIXELS).features, list(own.module.state_dict())
    body = body_of(own, "two").train()
    body(PIXELS).sum().backward()
    with torch.no_grad():
        for weight in body.parameters():
            weight.zero_()
    body_of(own, "one", beyond="reset")
    assert list(own.module.state_dict()) == names
    for layer, features in own.forward(PIXELS).features.items():
        np.testing.assert_array_equal(features, before[layer])


def test_norms_stay_as_they_are_and_dropout_does_not() -> None:
    body = body_of(model())
    norms = {name: tensor.clone() for name, tensor in body.state_dict().items() if "running" in name}
    assert not body.training
    body.train()
    first, second = body(PIXELS), body(PIXELS)
    assert not torch.equal(first, second)  # dropout
    assert all(torch.equal(body.state_dict()[name], tensor) for name, tensor in norms.items())
    body.frozen_norms = False
    body.train()
    body(PIXELS)
    assert not any(torch.equal(body.state_dict()[name], tensor) for name, tensor in norms.items())
    body.eval()
    assert not body.module.one[1].training and torch.equal(body(PIXELS), body(PIXELS))


def test_blocks_beyond_are_drawn_anew() -> None:
    own = model()
    whole, body = body_of(own).state_dict(), body_of(own, "one", beyond="reset", seed=3)
    assert (body.layer, body.width, body.chosen, body.beyond) == ("features", 5, "one", "reset")
    kept = {name for name, tensor in body.state_dict().items() if torch.equal(tensor, whole[name])}
    assert kept >= {name for name in whole if name.startswith("module.one.")}
    assert not kept & {"module.two.0.weight", "module.two.0.bias", "module.three.weight", "module.three.bias"}
    again, other = (body_of(own, "one", beyond="reset", seed=seed).state_dict() for seed in (3, 4))
    assert all(torch.equal(tensor, again[name]) for name, tensor in body.state_dict().items())
    assert not torch.equal(other["module.two.0.weight"], again["module.two.0.weight"])
    assert body_of(own, "features", beyond="reset").state_dict().keys() == whole.keys()


def test_new_norms_settle_on_what_they_see() -> None:
    body = body_of(model(), "one", beyond="reset")
    body.settle(PIXELS)
    with torch.no_grad():
        frozen = body(PIXELS)
        body.train()
        body.module.drop.eval()
        assert not body.module.one[1].training and body.module.two[1].training
        np.testing.assert_allclose(body(PIXELS), frozen, rtol=0.02, atol=1e-3)  # n and n - 1


def test_drawing_anew_takes_no_numbers_from_others() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    own = model()
    torch.manual_seed(5)
    body_of(own, "one", beyond="reset")
    assert torch.equal(torch.rand(3), expected)


def test_a_network_that_was_used_before_under_inference_mode() -> None:
    """It keeps what it computed: as such it could take part in no graph."""

    class Keeping(Network):
        scale: Any = None

        def forward(self, images: Any) -> Any:
            if self.scale is None:
                self.scale = torch.full((1,), 2.0)
            return super().forward(images * self.scale)

    own = TorchModel("mine", Keeping(), preprocess=ResizeImage(8))
    expected = own.forward(PIXELS).features["two"]
    assert own.module.scale.is_inference()
    body = body_of(own, "two")
    given = body(PIXELS)
    given.sum().backward()
    np.testing.assert_allclose(given.detach(), expected, rtol=1e-5, atol=1e-6)


def test_half_precision_is_tuned_in_whole() -> None:
    body = body_of(model(precision="bf16"))
    assert {weight.dtype for weight in body.parameters()} == {torch.float32}
    assert body(PIXELS).dtype == torch.float32


def test_a_body_can_be_copied() -> None:
    body = body_of(model(), "two")
    twin = copy.deepcopy(body)
    with torch.no_grad():
        twin.module.one[0].weight.zero_()
        assert not torch.equal(twin(PIXELS), body(PIXELS))
    twin.load_state_dict(body.state_dict())
    assert torch.equal(twin(PIXELS), body(PIXELS))


def test_rows_texts_and_what_cannot_be_made_up() -> None:
    rows = np.random.default_rng(1).standard_normal((4, 6)).astype(np.float32)
    network = nn.Sequential(nn.Linear(6, 3))
    own = TorchModel("mine", network, kind="rows", preprocess=AsRow())
    assert example_of(own).shape == (2, 6)
    np.testing.assert_allclose(body_of(own)(rows).detach(), own.forward(rows).features["features"], rtol=1e-6)
    odd = TorchModel("mine", nn.Sequential(nn.Conv1d(1, 2, 3)), kind="rows", preprocess=AsRow(), blocks="0")
    with pytest.raises(InputError, match="mine takes rows: give body_of an example"):
        body_of(odd)
    assert body_of(odd, "0", example=np.zeros((2, 1, 6), dtype=np.float32)).width == 4


def test_what_cannot_be() -> None:
    with pytest.raises(UnknownNameError, match=r"There is no layer 'tow' of mine\. Did you mean 'two'\?"):
        body_of(model(), "tow")
    with pytest.raises(InputError, match='beyond is "drop" or "reset"; got \'leave\''):
        body_of(model(), "two", beyond="leave")  # type: ignore[arg-type]
    keys = CallableModel("keys", lambda batch: batch.mean(axis=(2, 3)), "image")
    with pytest.raises(InputError, match="it can be a teacher, and no student"):
        body_of(keys)
    still = TorchModel("mine", nn.Sequential(nn.Flatten()), preprocess=ResizeImage(8), head=None, blocks="0")
    with pytest.raises(ModelError, match="depend on no weight: there is nothing to tune"):
        body_of(still)


class Fails(Network):
    def forward(self, images: Any) -> Any:
        raise KeyError("a mask")


def test_a_network_that_fails_is_one_sentence() -> None:
    with pytest.raises(ModelError, match="mine cannot be trained: KeyError: 'a mask'"):
        body_of(TorchModel("mine", Fails(), preprocess=ResizeImage(8)))


def test_a_narrow_convolution_that_jumps_is_the_same() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 4, 1, stride=(2, 3)), nn.Conv2d(4, 20, 3, stride=2), nn.Conv2d(20, 4, 1, 2)
    )
    changed = copy.deepcopy(network)
    take_pixels_first(changed)
    assert [part.stride for part in changed] == [(1, 1), (2, 2), (2, 2)]
    images = torch.rand(2, 3, 33, 35).contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(changed(images), network(images))
    assert list(changed.state_dict()) == list(network.state_dict())


@pytest.mark.parametrize("name", ["zoo:resnet-mnist", "zoo:vit-mnist"])
def test_networks_of_the_zoo(name: str) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    own = open_model(name)
    pixels = np.random.default_rng(0).integers(0, 256, (3, 3, 32, 32), dtype=np.uint8)
    expected = own.forward(pixels).features
    sizes = []
    for layer in own.layers:
        body = body_of(own, layer)
        np.testing.assert_allclose(body(pixels).detach(), expected[layer], rtol=1e-5, atol=1e-5)
        body(pixels).square().sum().backward()
        assert all(weight.grad is not None for weight in body.parameters())
        sizes.append(sum(weight.numel() for weight in body.parameters()))
    assert sizes[:-1] == sorted(set(sizes[:-1])) and sizes[-1] >= sizes[-2]


def test_a_real_text_encoder(assets: Path) -> None:
    pytest.importorskip("transformers", reason="transformers is not installed")
    folder = assets / "text" / "models" / "all-MiniLM-L6-v2_vocab7k"
    own = open_model(f"hf:{folder}?num_hidden_layers=3")
    texts = np.array(["a fine film", "dull", "long, and I slept through most of it"], dtype=object)
    expected = own.forward(texts).features
    body: Body = body_of(own, "layer2")
    np.testing.assert_allclose(body(texts).detach(), expected["layer2"], rtol=1e-5, atol=1e-6)
    assert not any("layer.2." in name or "pooler" in name for name in body.state_dict())
    body.train()
    body(texts).square().sum().backward()
    assert all(
        float(weight.grad.abs().sum()) > 0
        for name, weight in body.named_parameters()
        if "key.bias" not in name
    )
