"""A torch module as a model: its blocks, its head, one pass for all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import InputError, ModelError, UnknownNameError
from audition.extraction import extract
from audition.models import Model, TorchModel, open_model
from audition.models.pixels import FitImage
from audition.models.torch import module as torch_module

torch = pytest.importorskip("torch", reason="torch is not installed")
nn: Any = torch.nn

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8), dtype=np.uint8)


class Network(nn.Module):  # type: ignore[misc, name-defined]
    """A stem, a list of two blocks, a head with a classifier of 7 behind a dropout; as networks are built."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.layers = nn.Sequential(
            nn.Sequential(nn.Conv2d(4, 6, 3), nn.ReLU(True)), nn.Sequential(nn.Conv2d(6, 8, 3))
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Dropout(0.5), nn.Linear(8, 7))

    def forward(self, images: Any) -> Any:
        return self.fc(self.pool(self.layers(self.stem(images))).flatten(1))


def own(network: Any, pixels: Any) -> dict[str, Any]:
    """What the network gives, step by step, in its own library."""
    with torch.no_grad():
        stem = network.eval().stem(torch.from_numpy(pixels).float() / 255)
        first = network.layers[0](stem)
        second = network.layers[1](first)
        seen = network.pool(second).flatten(1)
        return {
            "stem": stem.mean((2, 3)),
            "layers.0": first.mean((2, 3)),
            "layers.1": second.mean((2, 3)),
            "features": seen,
            "probabilities": network.fc(seen).softmax(1),
        }


def check(given: Any, expected: Any) -> None:
    np.testing.assert_allclose(given, expected, rtol=1e-5, atol=1e-6)


def test_every_block_the_features_and_the_head_in_one_pass() -> None:
    network = Network().train()
    model = TorchModel("mine", network)
    assert isinstance(model, Model)
    assert model.layers == ("stem", "layers.0", "layers.1", "features")
    assert model.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert repr(model) == f"TorchModel('mine', layers={model.layers!r})"
    outputs = model.forward(PIXELS)
    expected = own(network, PIXELS)
    assert tuple(outputs.features) == model.layers
    for layer, values in outputs.features.items():
        assert values.dtype == np.float32
        check(values, expected[layer])
    check(outputs.source_probabilities, expected["probabilities"])
    assert not network.training


def test_only_what_is_asked_for() -> None:
    model = TorchModel("mine", Network())
    outputs = model.forward(PIXELS, ["layers.0"])
    assert list(outputs.features) == ["layers.0"]
    check(outputs.features["layers.0"], model.forward(PIXELS).features["layers.0"])
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.module.modules())


def test_a_large_batch_goes_through_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = TorchModel("mine", Network()).forward(PIXELS)
    monkeypatch.setattr(torch_module, "CPU_VALUES", 2 * PIXELS[0].size)
    pieces = TorchModel("mine", Network()).forward(PIXELS)
    assert list(pieces.features) == list(whole.features)
    for layer, values in pieces.features.items():
        check(values, whole.features[layer])
    check(pieces.source_probabilities, whole.source_probabilities)
    untrained = TorchModel("mine", Network(), probabilities=False).forward(PIXELS)
    assert untrained.source_probabilities is None


def test_mean_std_and_pool() -> None:
    network = Network()
    model = TorchModel("mine", network, mean=[0.5], std=[0.1, 0.2, 0.4], pool="max", blocks="stem")
    with torch.no_grad():
        images = (torch.from_numpy(PIXELS) / 255 - 0.5) / torch.tensor([0.1, 0.2, 0.4]).view(1, 3, 1, 1)
        check(model.forward(PIXELS).features["stem"], network.stem(images).amax((2, 3)))


def test_patterns_stay_within_a_name() -> None:
    network = Network()
    assert TorchModel("mine", network, blocks="layers.*").layers == ("layers.0", "layers.1", "features")
    assert TorchModel("mine", network, blocks=["layers.1", "st*"]).layers == ("stem", "layers.1", "features")
    with pytest.raises(InputError, match=r"No module of mine matches block\*; there are stem, stem.0,"):
        TorchModel("mine", network, blocks="block*")


def test_heads() -> None:
    network = Network()
    without = TorchModel("mine", network, head=None).forward(PIXELS)
    assert without.features["features"].shape == (5, 7)
    assert without.source_probabilities is None
    named = TorchModel("mine", network, head="fc.1")
    check(named.forward(PIXELS).features["features"], own(network, PIXELS)["features"])
    untrained = TorchModel("mine", network, probabilities=False).forward(PIXELS)
    assert untrained.features["features"].shape == (5, 8)
    assert untrained.source_probabilities is None
    with pytest.raises(UnknownNameError, match=r"There is no module 'fcc' of mine\. Did you mean 'fc'\?"):
        TorchModel("mine", network, head="fcc")


def test_a_block_and_a_head_that_never_run() -> None:
    network = Network()
    network.spare = nn.Linear(2, 2)
    model = TorchModel("mine", network)
    assert model.forward(PIXELS, ["stem"])
    with pytest.raises(ModelError, match="mine never ran its block 'spare', or it gives no tensor"):
        model.forward(PIXELS)
    with pytest.raises(ModelError, match="mine never ran its head: name another, or head=None"):
        TorchModel("mine", network, head="spare").forward(PIXELS, ["stem"])


def test_tokens_and_channels_last() -> None:
    tokens = nn.Sequential(nn.Unflatten(2, (8, 1)), nn.Flatten(3), nn.Flatten(2))  # [n, 3, 64]: three tokens
    given = TorchModel("mine", tokens, blocks="2", prefix=1).forward(PIXELS).features["2"]
    check(given, (PIXELS / 255).reshape(5, 3, 64)[:, 1:].mean(axis=1))
    last = TorchModel("mine", nn.Sequential(nn.Identity()), blocks="0", channels_last=True)
    check(last.forward(PIXELS).features["0"], (PIXELS / 255).mean(axis=(1, 2)))


def test_rows() -> None:
    rows = np.random.default_rng(1).standard_normal((4, 6)).astype(np.float32)
    network = nn.Sequential(nn.Linear(6, 3))
    model = TorchModel("mine", network, kind="rows", preprocess=FitImage((1, 1), (1, 1)))
    with torch.no_grad():
        check(model.forward(rows).features["features"], network(torch.from_numpy(rows)))
    with pytest.raises(InputError, match="The model mine takes rows: give it a preprocess"):
        TorchModel("mine", network, kind="rows")


def test_half_precision_is_close() -> None:
    whole = TorchModel("mine", Network()).forward(PIXELS).features["features"]
    half = TorchModel("mine", Network(), precision="bf16").forward(PIXELS).features["features"]
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, whole, atol=0.02)  # bfloat16 has 8 bits


def test_a_module_is_a_model() -> None:
    model = open_model(Network())
    assert isinstance(model, TorchModel)
    assert model.name == "Network"
    features = extract(Network(), (PIXELS.transpose(0, 2, 3, 1), ["a", "b", "a", "b", "a"]), layers="all")
    assert tuple(features.layers) == model.layers
    assert features.source_probabilities is not None


@pytest.mark.parametrize(
    "words", ["CUDA out of memory. Tried to allocate", "DefaultCPUAllocator: can't allocate memory"]
)
def test_too_large_a_batch(words: str) -> None:
    def run(images: Any) -> Any:
        raise RuntimeError(words)

    with pytest.raises(MemoryError, match="allocate"):
        TorchModel("mine", Network(), run=run).forward(PIXELS)


def small(activation: Any) -> Any:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 4, 3), activation, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def other_forward() -> Any:
    """Weights and parts of `Network`, and another way through them."""

    class Other(Network):
        def forward(self, images: Any) -> Any:
            return super().forward(images) * 2

    return Other()


def test_models_that_give_other_features_have_another_identity() -> None:
    models = [
        TorchModel("mine", small(nn.ReLU())),
        TorchModel("mine", small(nn.GELU())),  # the same weights
        TorchModel("mine", small(nn.ReLU()), mean=[0.5]),
        TorchModel("mine", small(nn.ReLU()), std=[0.5]),
        TorchModel("mine", small(nn.ReLU()), pool="max"),
        TorchModel("mine", small(nn.ReLU()), precision="bf16"),
        TorchModel("mine", small(nn.ReLU()), preprocess=FitImage((8, 8), (8, 8))),
        TorchModel("mine", Network()),
        TorchModel("mine", other_forward()),
    ]
    identities = [model.identity for model in models]
    assert len(set(identities)) == len(models) and None not in identities
    assert TorchModel("mine", small(nn.ReLU())).identity == identities[0]


def grey(picture: Any) -> Any:
    return np.asarray(picture.convert("L"))[None]


def test_a_preprocess_that_nothing_tells_from_another_has_no_identity() -> None:
    shift = 3
    assert (
        TorchModel("mine", small(nn.ReLU()), preprocess=lambda item: np.asarray(item) + shift).identity
        is None
    )
    assert TorchModel("mine", small(nn.ReLU()), preprocess=grey).identity is not None


def test_one_model_is_never_served_the_features_of_another(tmp_path: Path) -> None:
    pictures = PIXELS.transpose(0, 2, 3, 1), [0, 1, 0, 1, 0]
    found = [
        np.asarray(
            extract(TorchModel("mine", small(kind), mean=mean), pictures, cache=tmp_path).layers["features"]
        )
        for kind, mean in ((nn.ReLU(), [0.0]), (nn.ReLU(), [0.5]), (nn.GELU(), [0.5]))
    ]
    assert not np.allclose(found[0], found[1]) and not np.allclose(found[1], found[2])


def test_a_precision_that_there_is_not() -> None:
    with pytest.raises(UnknownNameError, match="precision 'fp8'"):
        TorchModel("mine", Network(), precision="fp8")
