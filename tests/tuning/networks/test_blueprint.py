"""Blueprints: a network is built again without its weights, elsewhere, and nothing outside its folder is opened."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

from audition.errors import InputError, MissingExtraError, ModelError  # noqa: E402
from audition.models import TorchModel, open_model  # noqa: E402
from audition.models.preprocess import ResizeImage  # noqa: E402
from audition.models.torch.library import opening_on  # noqa: E402
from audition.tuning.networks.blueprint import Blueprint, draw, rebuild  # noqa: E402
from audition.tuning.networks.body import body_of  # noqa: E402
from audition.tuning.networks.example import example_of  # noqa: E402

nn: Any = torch.nn
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "an", "example", "cat", "##s"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be fetched; a local socket may be asked for its own name."""

    def refused(*_: Any) -> None:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


def again(model: Any, layer: str | None, beyond: Any, folder: Path) -> Blueprint:
    """Drawn, told as JSON, moved, built again, filled: the same features to the last bit."""
    body = body_of(model, layer, beyond=beyond)
    made, moved = folder / "made", folder / "moved"
    made.mkdir(parents=True)
    told = json.loads(json.dumps(asdict(draw(model, body, made))))
    blueprint = Blueprint(**{**told, "files": tuple(told["files"])})
    made.rename(moved)
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    opened, second = rebuild(blueprint, moved)
    assert torch.equal(torch.rand(2), expected)
    second.load_state_dict(body.state_dict())
    batch = example_of(body.model)
    assert second.preprocess == body.preprocess
    assert opened.kind == model.kind and tuple(opened.layers) == tuple(model.layers)
    with torch.no_grad():
        assert torch.equal(second(batch), body(batch))
    assert all((moved / name).is_file() for name in blueprint.files)
    return blueprint


@pytest.mark.parametrize(("layer", "beyond"), [(None, "drop"), ("block1", "drop"), ("block1", "reset")])
def test_a_network_of_the_zoo(layer: str | None, beyond: str, tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    blueprint = again(open_model("zoo:resnet-mnist"), layer, beyond, tmp_path)
    assert blueprint.spec == "zoo:resnet-mnist" and blueprint.files == ("network/graph.onnx",)


def test_a_library_builds_its_network_by_its_name(tmp_path: Path) -> None:
    pytest.importorskip("timm", reason="timm is not installed")
    name = "timm:test_resnet?pretrained=false&size=32&num_classes=3&mean=0.5"
    blueprint = again(open_model(name), None, "drop", tmp_path / "timm")
    assert blueprint.spec == "timm:test_resnet?size=32&num_classes=3&mean=0.5&pretrained=false"
    blueprint = again(
        open_model("torchvision:squeezenet1_1?weights=none&size=64"), "features.3", "drop", tmp_path
    )
    assert blueprint.spec == "torchvision:squeezenet1_1?size=64&weights=none"
    assert blueprint.files == ()


def test_weights_of_a_file_are_left_out(assets: Path, tmp_path: Path) -> None:
    pytest.importorskip("torchvision", reason="torchvision is not installed")
    weights = assets / "weights" / "squeezenet1_1.safetensors"
    blueprint = again(
        open_model(f"torchvision:squeezenet1_1?checkpoint={weights}"), "features.3", "drop", tmp_path
    )
    assert "checkpoint" not in blueprint.spec


def test_a_network_of_texts(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=3, num_attention_heads=2,
        intermediate_size=24, max_position_embeddings=20, initializer_range=0.5,
    )  # fmt: skip
    folder = tmp_path / "bert"
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    vocabulary = {word: place for place, word in enumerate(WORDS)}
    transformers.BertTokenizer(vocab=vocabulary, model_max_length=20).save_pretrained(folder)
    model = open_model(f"hf:{folder}?pool=cls&max_length=9&num_hidden_layers=2")
    for layer, beyond in ((None, "drop"), ("layer1", "drop"), ("layer1", "reset")):
        blueprint = again(model, layer, beyond, tmp_path / f"{layer}-{beyond}")
        assert blueprint.spec == "hf:./network?pool=cls&max_length=9&pretrained=false"
        assert {"network/config.json", "network/tokenizer.json"} <= set(blueprint.files)
        assert not any(name.endswith((".safetensors", ".bin")) for name in blueprint.files)


def test_networks_of_pictures_and_sounds(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    pytest.importorskip("torchvision", reason="torchvision is not installed")
    torch.manual_seed(0)
    small = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    pictures, sounds = tmp_path / "vit", tmp_path / "wave"
    transformers.ViTModel(transformers.ViTConfig(image_size=16, patch_size=8, **small)).save_pretrained(
        pictures
    )
    size = {"height": 16, "width": 16}
    transformers.ViTImageProcessor(size=size).save_pretrained(pictures)
    again(open_model(f"hf:{pictures}"), "layer1", "drop", tmp_path / "pictures")
    config = transformers.Wav2Vec2Config(
        conv_dim=(8, 8), conv_stride=(5, 4), conv_kernel=(10, 8), num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2, vocab_size=8, **small,
    )  # fmt: skip
    transformers.Wav2Vec2Model(config).save_pretrained(sounds)
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(sounds)
    again(open_model(f"hf:{sounds}?max_seconds=1"), None, "drop", tmp_path / "sounds")


def test_a_table_of_static_vectors(assets: Path, tmp_path: Path) -> None:
    pytest.importorskip("tokenizers", reason="transformers is not installed")
    folder = assets / "text" / "models" / "glove-6B-50d_20k"
    blueprint = again(open_model(f"st:{folder}?max_length=7"), None, "drop", tmp_path)
    assert blueprint.files == ("network/table.json", "network/tokenizer.json")


def own(name: str = "mine") -> TorchModel:
    torch.manual_seed(0)
    return TorchModel(
        name, nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), preprocess=ResizeImage(8), blocks="0"
    )


@pytest.mark.parametrize("name", ["mine", "timm:test_resnet?pretrained=false"])
def test_a_module_of_ones_own_has_to_be_given(name: str, tmp_path: Path) -> None:
    """Whatever it is called."""
    model = own(name)
    body = body_of(model, "0")
    blueprint = draw(model, body, tmp_path)
    assert (blueprint.spec, blueprint.files) == ("", ())
    with pytest.raises(InputError, match=r"was a module of your own.*load_tuned\(folder, module=...\)"):
        rebuild(blueprint, tmp_path)
    given, second = rebuild(blueprint, tmp_path, module=own())
    second.load_state_dict(body.state_dict())
    batch = example_of(body.model)
    assert given.name == "mine" and torch.equal(second(batch), body(batch))
    with pytest.raises(ModelError, match="mine gives 4 features at '0' where 5 were tuned"):
        rebuild(replace(blueprint, width=5), tmp_path, module=own())


@pytest.mark.parametrize("name", ["timm:no_such_network", "timm:org/name", "openclip:ViT-B-32?cache=a/b"])
def test_names_that_no_blueprint_can_have_ask_for_the_module(name: str, tmp_path: Path) -> None:
    pytest.importorskip("timm", reason="timm is not installed")
    assert draw(own(name), body_of(own(name), "0"), tmp_path).spec == ""


def test_a_library_that_fails_is_no_reason_to_write_what_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such a folder could never be loaded again, and nobody would know."""
    pytest.importorskip("onnx", reason="onnx is not installed")
    model = open_model("zoo:resnet-mnist")
    body = body_of(model)

    def missing(*_: Any) -> None:
        raise MissingExtraError("something", "tune")

    monkeypatch.setattr("audition.tuning.networks.blueprint._opened", missing)
    with pytest.raises(MissingExtraError, match="something is not installed"):
        draw(model, body, tmp_path)


def test_the_trial_is_made_on_the_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU that is full of the network that was tuned takes no second one."""
    pytest.importorskip("onnx", reason="onnx is not installed")
    with opening_on("cpu"):
        model = open_model("zoo:cnn-mnist")
        body = body_of(model)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert draw(model, body, tmp_path).spec == "zoo:cnn-mnist"


EVIL = [
    ("onnx:/etc/net.onnx", (), "cannot be built without weights"),
    ("onnx:../net.onnx", (), "cannot be built without weights"),
    ("hf:./elsewhere?pretrained=false", (), "cannot be built without weights"),
    ("hf:./network", (), "cannot be built without weights"),
    ("hf:org/name?pretrained=false", (), "cannot be built without weights"),
    ("module:os:system", (), "cannot be built without weights"),
    ("torchscript:network/net.pt", (), "cannot be built without weights"),
    ("timm:resnet18", (), "which is not opened"),
    ("timm:hf-hub:org/name?pretrained=false", (), "which is not opened"),
    ("timm:resnet18?checkpoint=w.pth&pretrained=false", (), "sets checkpoint='w.pth'"),
    ("timm:resnet18?checkpoint_path=w.pth&pretrained=false", (), "sets checkpoint_path="),
    ("timm:resnet18?pretrained=true", (), "sets pretrained='true'"),
    ("torchvision:resnet18?weights=DEFAULT", (), "sets weights='DEFAULT'"),
    ("timm:resnet18?cache=a/b&pretrained=false", (), "sets cache='a/b'"),
    ("zoo:resnet-mnist", ("../graph.onnx",), "lies outside its folder"),
    ("zoo:resnet-mnist", ("/etc/passwd",), "lies outside its folder"),
    ("zoo:resnet-mnist", ("network\\..\\a",), "lies outside its folder"),
    ("zoo:resnet-mnist", ("network/link",), "lies outside its folder"),
    ("zoo:resnet-mnist", ("network/graph.onnx",), "holds no network/graph.onnx"),
]


@pytest.mark.parametrize(("spec", "files", "why"), EVIL)
def test_what_a_blueprint_may_not_name(spec: str, files: tuple[str, ...], why: str, tmp_path: Path) -> None:
    folder = tmp_path / "tuned"
    (folder / "network").mkdir(parents=True)
    (tmp_path / "graph.onnx").write_bytes(b"")
    (folder / "network" / "link").symlink_to(tmp_path / "graph.onnx")
    with pytest.raises(InputError, match=why.replace("(", r"\(")):
        rebuild(Blueprint(spec, "features", "drop", 56, files), folder)


def test_what_is_damaged_or_there_already(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="beyond is 'keep'"):
        rebuild(Blueprint("zoo:resnet-mnist", "features", "keep", 56, ()), tmp_path)
    (tmp_path / "network").mkdir()
    with pytest.raises(InputError, match="exists already: give a new folder"):
        draw(own(), body_of(own()), tmp_path)
    (tmp_path / "network" / "table.json").write_text("[]", encoding="utf-8")
    pytest.importorskip("tokenizers", reason="transformers is not installed")
    with pytest.raises(InputError, match="is damaged"):
        rebuild(Blueprint("st:./network", "features", "drop", 50, ("network/table.json",)), tmp_path)
