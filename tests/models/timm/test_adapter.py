"""timm's networks: features, head and pixels equal to its own calls; what is said where something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.data import reach
from audition.errors import InputError, MissingExtraError, ModelError
from audition.models import find_models, hub, open_model

timm = pytest.importorskip("timm", reason="timm is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 3, 64, 64), dtype=np.uint8)
LAYERS = {
    "resnet10t": ("act1", "layer1", "layer2", "layer3", "layer4", "features"),
    "mobilenetv3_small_050": ("bn1", "blocks.0", "blocks.1", "blocks.3", "blocks.5", "features"),
    "vit_tiny_patch16_224": (*(f"blocks.{depth}" for depth in range(12)), "features"),
    "deit_tiny_distilled_patch16_224": (*(f"blocks.{depth}" for depth in range(12)), "features"),
    "swin_tiny_patch4_window7_224": ("layers.0", "layers.1", "layers.2", "layers.3", "features"),
    "convnext_atto": ("stages.0", "stages.1", "stages.2", "stages.3", "features"),
}


def saved(tmp_path: Path, name: str, **arguments: Any) -> tuple[Path, Any]:
    """A network of timm with a file of its weights; they are small random numbers, and the same every time."""
    torch.manual_seed(0)
    network = timm.create_model(name, **arguments).eval()
    path = tmp_path / f"{name}.pth"
    torch.save(network.state_dict(), path)
    return path, network


@pytest.mark.parametrize("name", LAYERS)
def test_equal_to_its_own_calls(name: str, tmp_path: Path) -> None:
    arguments = {"img_size": 64} if timm.get_pretrained_cfg(name).fixed_input_size else {}
    path, network = saved(tmp_path, name, num_classes=11, **arguments)
    model = open_model(f"timm:{name}?checkpoint={path}&num_classes=11&size=64")
    assert model.layers == LAYERS[name]
    assert model.preprocess.size == (64, 64)  # type: ignore[attr-defined]
    outputs = model.forward(PIXELS)
    mean, std = (torch.tensor(network.pretrained_cfg[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    with torch.no_grad():
        maps = network.forward_features((torch.from_numpy(PIXELS) / 255 - mean) / std)
        seen = network.forward_head(maps, pre_logits=True)
        said = network.forward_head(maps).softmax(1)
    np.testing.assert_allclose(outputs.features["features"], seen, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(outputs.source_probabilities, said, rtol=1e-5, atol=1e-6)
    widths = [entry["num_chs"] for entry in network.feature_info]
    assert [outputs.features[layer].shape for layer in model.layers[:-1]] == [(2, width) for width in widths]


def test_a_pooling_that_was_asked_for(tmp_path: Path) -> None:
    path, network = saved(tmp_path, "vit_tiny_patch16_224", img_size=64)
    images = torch.from_numpy(PIXELS) / 127.5 - 1
    with torch.no_grad():
        tokens = network.forward_features(images)
    for pool, expected in {
        "mean": tokens[:, 1:].mean(1),
        "max": tokens[:, 1:].amax(1),
        "cls": tokens[:, 0],
        "last": tokens[:, -1],
    }.items():
        model = open_model(f"timm:vit_tiny_patch16_224?checkpoint={path}&size=64&pool={pool}")
        given = model.forward(PIXELS)
        np.testing.assert_allclose(given.features["features"], expected, rtol=1e-5, atol=1e-5)
        assert given.source_probabilities is not None, "the head sees what it always saw"


def test_untrained_networks_have_no_probabilities() -> None:
    assert open_model("timm:resnet10t?pretrained=false&size=64").forward(PIXELS).source_probabilities is None


def test_one_channel(tmp_path: Path) -> None:
    model = open_model("timm:resnet10t?pretrained=false&channels=1&size=32")
    assert model.mean == pytest.approx((0.449,))  # type: ignore[attr-defined]
    assert model.preprocess.mode == "L"  # type: ignore[attr-defined]
    assert model.forward(PIXELS[:, :1]).features["layer1"].shape == (2, 64)


def test_an_architecture_that_names_no_blocks() -> None:
    """Its own parts then, the head left out."""
    name = "coat_lite_tiny"
    model = open_model(f"timm:{name}?pretrained=false")
    assert "head" not in model.layers
    assert model.layers[-1] == "features"


def test_wildcards_and_tags() -> None:
    found = find_models("timm:*resnet18*?pool=max")
    assert "timm:resnet18.a1_in1k?pool=max" in found
    assert all("resnet18" in name for name in found)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "resnet81",
            r"There is no model 'timm:resnet81'\. Did you mean 'timm:resnet18'\? \"audition models 'timm:\*'\"",
        ),
        (
            "resnet18.a9_in1k",
            r"There is no model 'timm:resnet18.a9_in1k'\. Did you mean 'timm:resnet18.a\d_in1k'",
        ),
        ("resnet18@main", r"timm's weights have tags, not revisions: write timm:resnet18\.TAG"),
        (
            "mobilenetv2_100?pretrained=false&pad_typ=same",
            r"There is no option 'pad_typ' of timm:mob.*mean 'pad_type'\?",
        ),
        ("mobilenetv2_100?pretrained=false&siz=3", r"There is no option 'siz' of .* Did you mean 'size'\?"),
        ("vgg13_nope", "There is no model"),
    ],
)
def test_names_and_options_that_are_not(name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        open_model(f"timm:{name}")


def test_a_wrong_option_is_found_before_weights_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "reachable", lambda _: False)
    with pytest.raises(InputError, match="There is no option 'pad_typ' of timm:mob.*mean 'pad_type'"):
        open_model("timm:mobilenetv2_100?pad_typ=same")


def test_a_value_that_a_network_cannot_take() -> None:
    with pytest.raises(ModelError, match="timm:resnet10t.* cannot be built: "):
        open_model("timm:resnet10t?pretrained=false&num_classes=many")


def test_an_architecture_without_weights() -> None:
    name = next(name for name in timm.list_models() if not timm.models.is_model_pretrained(name))
    with pytest.raises(
        InputError, match=rf"timm has no weights for {name}: give them by timm:{name}\?checkpoint=FILE"
    ):
        open_model(f"timm:{name}")


def test_weights_of_another_architecture(tmp_path: Path) -> None:
    path, _ = saved(tmp_path, "resnet10t", num_classes=5)
    with pytest.raises(
        ModelError, match=r"do not fit timm:resnet10t\?.*: fc.weight is \[5, 512\] where \[1000, 512\]"
    ):
        open_model(f"timm:resnet10t?checkpoint={path}")


class TestHub:
    """No test reaches the hub: what it would say is put in its place."""

    @pytest.fixture(autouse=True)
    def _no_cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        constants = pytest.importorskip("huggingface_hub.constants")
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
        for proxy in reach.PROXIES:
            monkeypatch.delenv(proxy, raising=False)
        self.constants = constants
        reach.reachable.cache_clear()

    def test_offline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(self.constants, "HF_HUB_OFFLINE", True)
        with pytest.raises(
            ModelError,
            match=r"^The weights of timm:resnet18.a1_in1k could not be fetched: HF_HUB_OFFLINE is set and they are "
            r"not in the cache \(timm/resnet18.a1_in1k, about 47 MB in float32\)\. Go on where there is a "
            r"network, or name a local file with checkpoint=FILE\.$",
        ):
            open_model("timm:resnet18.a1_in1k")

    def test_no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_address(*_: Any) -> Any:
            raise OSError("Name or service not known")

        monkeypatch.setattr(self.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr("socket.getaddrinfo", no_address)
        with pytest.raises(
            ModelError, match="huggingface.co cannot be reached and they are not in the cache"
        ):
            open_model("timm:resnet18.a1_in1k")

    def test_a_hub_that_breaks_off(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: Any, **__: Any) -> Any:
            raise ConnectionError("connection reset")

        monkeypatch.setattr(hub, "reachable", lambda _: True)
        monkeypatch.setattr(self.constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(timm, "create_model", broken)
        with pytest.raises(ModelError, match="timm:resnet18.a1_in1k could not be fetched: connection reset"):
            open_model("timm:resnet18.a1_in1k")

    def test_behind_a_proxy_the_hub_is_asked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://localhost:1")
        assert reach.reachable("https://hub.invalid")


def test_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtraError, match=r"timm is not installed: pip install 'audition\[timm\]'"):
        open_model("timm:resnet18")
