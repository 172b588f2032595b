"""What is said, at once, when weights are not here and cannot be fetched; no test reaches a network."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from audition.data import reach
from audition.errors import ModelError
from audition.models import hub, open_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONFIG = {"model_type": "bert", "vocab_size": 9000, "hidden_size": 64, "num_hidden_layers": 2}
CONFIG |= {"num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 64}


@pytest.fixture(params=[True, False], ids=["offline", "unreachable"])
def why(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """An empty cache, and one of two reasons why nothing can be fetched: it, with {} for the host."""
    constants = pytest.importorskip("huggingface_hub.constants")

    def no_address(*_: object) -> object:
        raise OSError("Name or service not known")

    for proxy in reach.PROXIES:
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", request.param)
    monkeypatch.setattr("socket.getaddrinfo", no_address)
    reach.reachable.cache_clear()
    return "HF_HUB_OFFLINE is set" if request.param else "{} cannot be reached"


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    """The folder of the cache for hf:org/name, with its configuration and no weights."""
    repository = tmp_path / "hub" / "models--org--name"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    folder = repository / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    return folder


def said(name: str) -> str:
    with pytest.raises(ModelError) as told:
        open_model(name)
    return str(told.value)


def test_torchvision(why: str) -> None:
    pytest.importorskip("torchvision", reason="torchvision is not installed")
    url = "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth"
    assert said("torchvision:squeezenet1_1") == (
        "The weights of torchvision:squeezenet1_1 could not be fetched: "
        f"{why.format('download.pytorch.org')} and they are not in the cache ({url}, 4.729 MB). "
        "Go on where there is a network, or name a local file with checkpoint=FILE."
    )


def test_timm(why: str) -> None:
    pytest.importorskip("timm", reason="timm is not installed")
    assert (
        f"{why.format('huggingface.co')} and they are not in the cache (timm/resnet10t.c3_in1k, about 22 MB"
        in said("timm:resnet10t.c3_in1k")
    )


@pytest.mark.parametrize("source", ["hf", "st"])
def test_a_repository_of_which_nothing_is_held(why: str, source: str) -> None:
    pytest.importorskip("sentence_transformers", reason="sentence_transformers is not installed")
    sentence = said(f"{source}:org/none")
    assert sentence.startswith(f"{source}:org/none is not in the cache and ")
    assert "https://huggingface.co/org/none would be downloaded" in sentence
    assert "or name a local folder." in sentence


@pytest.mark.parametrize("source", ["hf", "st"])
def test_a_repository_without_its_weights(why: str, snapshot: Path, source: str) -> None:
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    pytest.importorskip("sentence_transformers", reason="sentence_transformers is not installed")
    network = transformers.BertModel(transformers.BertConfig(**CONFIG))
    megabytes = round(sum(weight.numel() for weight in network.parameters()) * 4 / 1e6)
    assert megabytes > 0
    assert (
        f"(org/name, about {megabytes} MB in float32). Go on where there is a network, or name a local folder."
        in said(f"{source}:org/name")
    )


@pytest.mark.parametrize("file", hub.FILES)
def test_weights_that_are_held(why: str, snapshot: Path, file: str) -> None:
    """In one file or, by their index, in several: then nobody asks how large they are."""
    with pytest.raises(ModelError, match="the name could not be fetched"):
        hub.check_hub("the name", "org/name", lambda: None)
    (snapshot / file).write_text("{}")
    hub.check_hub("the name", "org/name", lambda: pytest.fail("asked"))
    with pytest.raises(ModelError, match="of a size not known here"):
        hub.check_hub("the name", "org/name", lambda: None, revision="another")


def test_a_download_that_torch_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    url = "https://download.invalid/weights/net-0123.pth?download=true"
    assert not hub.torch_holds(url)
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / "net-0123.pth").write_bytes(b"")
    assert hub.torch_holds(url)


def test_a_download_that_is_held_is_not_asked_for(why: str) -> None:
    url = "https://download.invalid/net.h5"
    hub.check_download("the name", url, "3 MB", held=True)
    with pytest.raises(ModelError) as told:
        hub.check_download("the name", url, "3 MB", held=False)
    assert f"{why.format('download.invalid')} and they are not in the cache ({url}, 3 MB)" in str(told.value)


@pytest.mark.parametrize(("value", "offline"), [("1", True), ("true", True), ("", False), ("0", False)])
def test_offline_where_the_hub_s_client_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, value: str, offline: bool
) -> None:
    monkeypatch.setitem(hub.sys.modules, "huggingface_hub.constants", None)
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    assert hub.is_offline() == offline
