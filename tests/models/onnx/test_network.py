"""ONNX networks: tiny ones built here, whose outputs are known by hand, and the package's own zoo."""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from audition.errors import ModelError
from audition.models import Model, catalogue, open_model, zoo
from audition.models.onnx.network import OnnxModel, open_session, softmax
from audition.models.preprocess import ResizeImage
from audition.models.zoo import ZooModel, manifest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


@pytest.fixture(scope="module")
def tiny() -> bytes:
    """input [n, 3, 4, 4] -> maps (the input itself), tokens [n, 16, 3], features [n, 3], logits [n, 3]."""
    onnx: ModuleType = pytest.importorskip("onnx", reason="onnx is not installed")
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    shape = helper.make_tensor("shape", onnx.TensorProto.INT64, [3], [0, 3, 16])
    axes = helper.make_tensor("axes", onnx.TensorProto.INT64, [2], [2, 3])
    nodes = [
        helper.make_node("Identity", ["input"], ["maps"]),
        helper.make_node("Reshape", ["input", "shape"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["tokens"], perm=[0, 2, 1]),
        helper.make_node("ReduceMax", ["input"], ["features"], axes=[2, 3], keepdims=0),
        helper.make_node("Add", ["features", "features"], ["logits"]),
    ]
    shapes = {"maps": [3, 4, 4], "tokens": [16, 3], "features": [3], "logits": [3]}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input", floats, ["batch", 3, 4, 4])],
        [helper.make_tensor_value_info(name, floats, ["batch", *rest]) for name, rest in shapes.items()],
        [shape, axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


BATCH = np.random.default_rng(0).integers(0, 256, (5, 3, 4, 4), dtype=np.uint8)


def test_every_output_is_pooled_over_its_positions(tiny: bytes) -> None:
    model = OnnxModel("onnx:tiny", open_session(tiny, "onnx:tiny"), ("maps", "tokens", "features"), "logits")
    outputs = model.forward(BATCH)
    unit = BATCH.astype(np.float64) / 255
    assert isinstance(model, Model)
    assert list(outputs.features) == ["maps", "tokens", "features"]
    np.testing.assert_allclose(outputs.features["maps"], unit.mean(axis=(2, 3)), rtol=1e-6)
    np.testing.assert_allclose(outputs.features["tokens"], unit.mean(axis=(2, 3)), rtol=1e-6)
    np.testing.assert_allclose(outputs.features["features"], unit.max(axis=(2, 3)), rtol=1e-6)
    powers = np.exp(2 * unit.max(axis=(2, 3)))
    assert outputs.source_probabilities is not None
    np.testing.assert_allclose(
        outputs.source_probabilities, powers / powers.sum(axis=1, keepdims=True), rtol=1e-5
    )


def test_no_head_no_probabilities(tiny: bytes, tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx").write_bytes(tiny)
    model = OnnxModel("onnx:tiny", open_session(tmp_path / "tiny.onnx", "onnx:tiny"), ("features",))
    assert model.forward(BATCH).source_probabilities is None


def test_outputs_that_are_not_there(tiny: bytes) -> None:
    session = open_session(tiny, "onnx:tiny")
    with pytest.raises(ModelError, match="onnx:tiny has no output 'block9'; it has maps, tokens"):
        OnnxModel("onnx:tiny", session, ("block9",))
    with pytest.raises(ModelError, match="has no output 'head'"):
        OnnxModel("onnx:tiny", session, ("maps",), "head")


def test_a_batch_of_another_shape(tiny: bytes) -> None:
    model = OnnxModel("onnx:tiny", open_session(tiny, "onnx:tiny"), ("features",))
    with pytest.raises(ModelError, match="onnx:tiny cannot be run"):
        model.forward(np.zeros((2, 1, 4, 4), dtype=np.uint8))


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_a_network_that_cannot_be_loaded(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Cannot load onnx:bad"):
        open_session(content, "onnx:bad")
    with pytest.raises(ModelError, match="Cannot load onnx:gone"):
        open_session(tmp_path / "gone.onnx", "onnx:gone")


def test_softmax_of_large_logits() -> None:
    rows = softmax(np.array([[1e4, 1e4, -1e4], [-3e38, 0, 0]], dtype=np.float32))
    np.testing.assert_allclose(rows, [[0.5, 0.5, 0], [0, 0.5, 0.5]])
    assert rows.dtype == np.float32


IMAGES = np.random.default_rng(1).integers(0, 256, (3, 3, 32, 32), dtype=np.uint8)


@pytest.mark.parametrize("name", catalogue())
def test_each_network_of_the_zoo(name: str) -> None:
    model = open_model(name)
    record = manifest()[name.removeprefix("zoo:")]
    assert isinstance(model, ZooModel)
    assert isinstance(model, Model)
    assert (model.name, model.kind, model.preprocess) == (name, "image", ResizeImage(32, "RGB"))
    assert model.layers[-1] == "features"
    assert (model.architecture, model.source) == (record["architecture"], record["source"])
    assert model.parameters == record["parameters"] > 0
    assert model.description
    outputs = model.forward(IMAGES)
    assert tuple(outputs.features) == model.layers
    for values in outputs.features.values():
        assert values.ndim == 2
        assert np.isfinite(values).all()
    assert (outputs.source_probabilities is None) == (model.head is None) == (model.classes is None)
    if outputs.source_probabilities is not None:
        assert outputs.source_probabilities.shape == (3, model.classes)
        np.testing.assert_allclose(outputs.source_probabilities.sum(axis=1), 1, rtol=1e-5)


def test_the_networks_answer_for_each_image_alone() -> None:
    model = open_model("zoo:resnet-mnist")
    whole = model.forward(IMAGES).features
    for layer, values in model.forward(IMAGES[1:2]).features.items():
        np.testing.assert_allclose(values[0], whole[layer][1], rtol=1e-3, atol=1e-5)


def test_a_damaged_file_of_the_zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the zoo with one byte turned, and one without a file."""
    shutil.copytree(str(files("audition") / "zoo"), tmp_path / "zoo")
    network = tmp_path / "zoo" / manifest()["resnet-mnist"]["file"]
    content = bytearray(network.read_bytes())
    content[-1] ^= 1
    network.write_bytes(content)
    monkeypatch.setattr(zoo, "files", lambda package: tmp_path)
    with pytest.raises(ModelError, match=r"The file of zoo:resnet-mnist is damaged\. Install audition again"):
        open_model("zoo:resnet-mnist")
    network.unlink()
    with pytest.raises(ModelError, match="zoo:resnet-mnist cannot be read"):
        open_model("zoo:resnet-mnist")


def test_the_manifest_is_true_of_its_files() -> None:
    folder = files("audition") / "zoo"
    records: list[dict[str, Any]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert len({record["name"] for record in records}) == len(records)
    for record in records:
        content = folder.joinpath(record["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == record["sha256"]


def test_a_real_network_of_others(assets: Path) -> None:
    path = assets / "weights" / "resnet20_cifar10.onnx"
    model = OnnxModel("onnx:resnet20", open_session(path, "onnx:resnet20"), ("features",), "logits")
    outputs = model.forward(IMAGES)
    assert outputs.features["features"].shape == (3, 64)
    assert outputs.source_probabilities is not None
    assert outputs.source_probabilities.shape == (3, 10)
