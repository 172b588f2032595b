"""Sources, wildcards, and what a wrong name is told."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from audition.errors import InputError, MissingExtraError, ModelError, UnknownNameError
from audition.models import CallableModel, Model, ModelSpec, catalogue, find_models, open_model
from audition.models.registry import SOURCES


def test_catalogue_is_the_zoo_and_each_name_parses() -> None:
    names = catalogue()
    assert "zoo:resnet-mnist" in names
    assert len(set(names)) == len(names)
    assert all(str(ModelSpec.parse(name)) == name for name in names)


def test_every_adapter_can_be_imported_without_its_library() -> None:
    import importlib

    assert all(hasattr(importlib.import_module(module), "load") for module in SOURCES.values())


def test_wildcards_take_files_of_networks_alone(tmp_path: Path) -> None:
    for name in ("b.onnx", "A.ONNX", "env.sh", "run.log", "c.pt", "d.pt2"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert find_models(f"onnx:{tmp_path}/*") == [f"onnx:{tmp_path}/A.ONNX", f"onnx:{tmp_path}/b.onnx"]
    assert find_models(f"torchscript:{tmp_path}/*") == [f"torchscript:{tmp_path}/c.pt"]
    assert find_models(f"exported:{tmp_path}/*") == [f"exported:{tmp_path}/d.pt2"]
    with pytest.raises(InputError, match=r"There is no such file or folder that ends in \.onnx\."):
        find_models(f"onnx:{tmp_path}/*.sh")


def test_wildcards() -> None:
    assert find_models("zoo:*") == [name for name in catalogue() if name.startswith("zoo:")]
    mnist = find_models("zoo:*-mnist")
    assert mnist == [name for name in catalogue() if name.endswith("-mnist")]
    assert len(mnist) > 1
    assert find_models("*-mnist") == mnist
    assert set(find_models("zoo:[rv]*-mnist")) < set(mnist)


def test_options_go_to_every_match() -> None:
    assert find_models("zoo:*-mnist?pool=max") == [f"{name}?pool=max" for name in find_models("zoo:*-mnist")]


@pytest.mark.parametrize("name", ["zoo:resnet-mnist", "timm:resnet18", "onnx:a.onnx?size=96"])
def test_a_name_without_wildcards_stands_for_itself(name: str) -> None:
    assert find_models(name) == [name]


def test_no_match() -> None:
    with pytest.raises(InputError, match=r"No model matches 'zoo:x\*'\. 'audition models' lists all\."):
        find_models("zoo:x*")
    with pytest.raises(UnknownNameError, match=r"no model source 'zzo'\. Did you mean 'zoo'\?"):
        find_models("zzo:*")


def test_a_source_that_cannot_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "mine", "audition.models.custom")  # a module without `names`
    with pytest.raises(InputError, match="The source 'mine' cannot list its models"):
        find_models("mine:*")
    assert "zoo:resnet-mnist" in catalogue()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("zoo:resnet-mnits", r"There is no model 'zoo:resnet-mnits'\. Did you mean 'zoo:resnet-mnist'\?"),
        ("resnet-mnist", r"There is no model 'resnet-mnist'\. Did you mean 'zoo:resnet-mnist'\? Names start"),
        ("zzo:resnet-mnist", r"There is no model source 'zzo'\. Did you mean 'zoo'\?"),
        (
            "zoo:../../etc/passwd",
            r"There is no model 'zoo:\.\./\.\./etc/passwd'.*'audition models' lists all",
        ),
        ("zoo:manifest.json", "There is no model"),
    ],
)
def test_unknown_names(name: str, sentence: str) -> None:
    with pytest.raises(UnknownNameError, match=sentence):
        open_model(name)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("./net.onnx", "onnx:./net.onnx"),
        ("C:\\net.onnx", r"onnx:C:\\net.onnx"),
        ("net.PT", r"torchscript:net.PT, or timm:NAME\?checkpoint=net.PT for weights"),
        ("net.pt2", "exported:net.pt2"),
        ("net.safetensors", r"timm:NAME\?checkpoint=net.safetensors"),
    ],
)
def test_files_of_networks(name: str, written: str) -> None:
    with pytest.raises(
        InputError, match=rf"is a file.* named by their source: write {written}\. .*'audition score'"
    ):
        open_model(name)


@pytest.mark.parametrize("name", ["zoo:resnet-mnist@v1", "zoo:resnet-mnist?size=64"])
def test_the_zoo_has_no_revisions_and_options(name: str) -> None:
    with pytest.raises(InputError, match="have no revisions and options: write 'zoo:resnet-mnist'"):
        open_model(name)


def test_a_model_comes_back_as_it_is() -> None:
    model = CallableModel("mine", lambda batch: batch, "rows")
    assert isinstance(model, Model)
    assert open_model(model) is model


@pytest.mark.parametrize("thing", [None, 3, len])
def test_anything_else(thing: Any) -> None:
    with pytest.raises(InputError, match="A model is a name such as 'zoo:resnet-mnist' or a Model; got"):
        open_model(thing)


def test_without_onnxruntime_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(
        MissingExtraError, match=r"onnxruntime is not installed: pip install 'audition\[onnx\]'"
    ):
        open_model("zoo:resnet-mnist")
    assert find_models("zoo:*")  # naming what there is needs no library


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            RuntimeError("CUDA out of memory"),
            "zoo:resnet-mnist cannot be opened: it does not fit into memory",
        ),
        (MemoryError(), "it does not fit into memory"),
        (ZeroDivisionError("by zero"), "zoo:resnet-mnist cannot be opened: ZeroDivisionError: by zero"),
    ],
)
def test_what_no_adapter_foresaw_is_said_in_a_sentence(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(spec: Any) -> Any:
        raise error

    monkeypatch.setattr("audition.models.zoo.load", fail)
    with pytest.raises(ModelError, match=sentence):
        open_model("zoo:resnet-mnist")
