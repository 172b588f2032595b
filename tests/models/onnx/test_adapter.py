"""A user's own ONNX file, made here so that its outputs are known by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import InputError, ModelError
from audition.models import Model, open_model
from audition.models.onnx.weights import count_weights, files_beside
from audition.models.pixels import frame
from audition.models.registry import model_identity

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 3, 8, 8), dtype=np.uint8)


def save(
    path: Path, outputs: dict[str, str], shape: list[Any], kind: int | None = None, inputs: int = 1
) -> Path:
    """A network whose outputs are each one operator of its input: "Identity" or "GlobalMaxPool" or "Flatten"."""
    helper = onnx.helper
    kind = kind or onnx.TensorProto.FLOAT
    nodes = [helper.make_node(operator, ["input"], [name]) for name, operator in outputs.items()]
    given = [helper.make_tensor_value_info(name, kind, shape) for name in ("input", "other")[:inputs]]
    graph = helper.make_graph(
        nodes, "tiny", given, [helper.make_tensor_value_info(name, kind, None) for name in outputs]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def test_outputs_are_layers_and_logits_the_head(tmp_path: Path) -> None:
    path = save(tmp_path / "net.onnx", {"maps": "Identity", "logits": "Flatten"}, ["n", 3, 8, 8])
    model = open_model(f"onnx:{path}?mean=0.5,0.25,0&std=0.5,1,2&pool=max")
    assert isinstance(model, Model)
    assert model.layers == ("maps",)
    assert model.preprocess == frame((8, 8), None)
    outputs = model.forward(PIXELS)
    own = (PIXELS / 255 - np.array([0.5, 0.25, 0]).reshape(1, 3, 1, 1)) / np.array([0.5, 1, 2]).reshape(
        1, 3, 1, 1
    )
    np.testing.assert_allclose(outputs.features["maps"], own.max(axis=(2, 3)), rtol=1e-5, atol=1e-6)
    powers = np.exp(own.reshape(4, -1))
    np.testing.assert_allclose(
        outputs.source_probabilities, powers / powers.sum(axis=1, keepdims=True), rtol=1e-4
    )


def test_one_output(tmp_path: Path) -> None:
    path = save(tmp_path / "a.onnx", {"pooled": "Flatten"}, ["n", 1, 8, 8])
    model = open_model(f"onnx:{path}")
    assert model.layers == ("pooled",)
    assert model.preprocess == frame((8, 8), None, channels=1)
    outputs = model.forward(PIXELS[:, :1])
    np.testing.assert_allclose(outputs.features["pooled"], PIXELS[:, 0].reshape(4, -1) / 255, rtol=1e-6)
    assert outputs.source_probabilities is None
    path = save(tmp_path / "b.onnx", {"logits": "Flatten"}, ["n", 3, 8, 8])
    assert open_model(f"onnx:{path}").layers == ("logits",), "better than none"


def test_free_sizes(tmp_path: Path) -> None:
    path = save(tmp_path / "a.onnx", {"pooled": "Flatten"}, ["n", "c", "h", "w"])
    with pytest.raises(
        InputError, match=r"takes pictures of any size: say which by \?size=\.\.\., the one it was"
    ):
        open_model(f"onnx:{path}")
    assert open_model(f"onnx:{path}?size=6,8&channels=1&crop=0.5").preprocess == frame(
        (6, 8), 0.5, channels=1
    )


@pytest.mark.parametrize("option", ["size=16", "channels=1"])
def test_what_the_file_fixes(option: str, tmp_path: Path) -> None:
    path = save(tmp_path / "a.onnx", {"pooled": "Flatten"}, ["n", 3, 8, 8])
    name, _, value = option.partition("=")
    with pytest.raises(InputError, match=rf"takes {name}=\d and no other: leave {name}={value} out"):
        open_model(f"onnx:{path}?{option}")
    open_model(f"onnx:{path}?size=8&channels=3")


def test_networks_of_something_else(tmp_path: Path) -> None:
    integers = save(tmp_path / "a.onnx", {"x": "Flatten"}, ["n", 3, 8, 8], onnx.TensorProto.INT64)
    rows = save(tmp_path / "b.onnx", {"x": "Flatten"}, ["n", 64])
    two = save(tmp_path / "c.onnx", {"x": "Flatten"}, ["n", 3, 8, 8], inputs=2)
    for path in (integers, rows, two):
        with pytest.raises(
            ModelError, match=r"takes input tensor\(.*where one float32 \[n, channels, height, width\]"
        ):
            open_model(f"onnx:{path}")
    last = save(tmp_path / "d.onnx", {"x": "Flatten"}, ["n", 8, 8, 3])
    with pytest.raises(
        ModelError, match="takes 8 channels, in .*; pictures have 1 or 3, and they come first"
    ):
        open_model(f"onnx:{last}")


def test_files_that_are_not(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file 'gone.onnx' for onnx:gone.onnx"):
        open_model("onnx:gone.onnx")
    (tmp_path / "a@b.onnx").write_bytes(b"nothing")
    with pytest.raises(InputError, match="A file has no revision: write @ in its name as %40"):
        open_model(f"onnx:{tmp_path / 'a@b.onnx'}")
    with pytest.raises(ModelError, match="Cannot load onnx:"):
        open_model(f"onnx:{tmp_path / 'a%40b.onnx'}")
    with pytest.raises(
        InputError, match=r"There is no option 'checkpoint' of onnx:.*\. There are: channels, crop"
    ):
        open_model("onnx:a.onnx?checkpoint=b")


def test_weights_are_counted(tmp_path: Path) -> None:
    helper, floats = onnx.helper, onnx.TensorProto
    weights = [
        onnx.numpy_helper.from_array(np.zeros((3, 200, 1, 1), dtype=np.float32), "single"),
        helper.make_tensor("half", floats.FLOAT16, [7], [0] * 7),
        helper.make_tensor("shape", floats.INT64, [5], [1] * 5),
        helper.make_tensor("scalar", floats.DOUBLE, [], [1.0]),
    ]
    graph = helper.make_graph([helper.make_node("Flatten", ["input"], ["x"])], "tiny", [], [], weights)
    (tmp_path / "net.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    assert count_weights(tmp_path / "net.onnx") == 608
    path = save(tmp_path / "none.onnx", {"pooled": "Flatten"}, ["n", 3, 8, 8])
    assert open_model(f"onnx:{path}").parameters is None  # type: ignore[attr-defined]


def save_beside(path: Path, scale: float) -> None:
    """A network whose weights lie in a file beside it, as torch.onnx writes them."""
    helper = onnx.helper
    weights = onnx.numpy_helper.from_array(np.full((4, 3, 1, 1), scale, np.float32), "weights")
    given = [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, ["n", 3, 8, 8])]
    wanted = [helper.make_tensor_value_info("maps", onnx.TensorProto.FLOAT, None)]
    nodes = [helper.make_node("Conv", ["input", "weights"], ["maps"])]
    graph = helper.make_graph(nodes, "tiny", given, wanted, [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    beside = path.with_suffix(".onnx.data")
    beside.unlink(missing_ok=True)
    onnx.save_model(model, path, save_as_external_data=True, location=beside.name, size_threshold=0)


def test_weights_beside_the_file_belong_to_its_identity(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    save_beside(path, 1.0)
    assert files_beside(path) == (tmp_path / "net.onnx.data",)
    before, text = model_identity(f"onnx:{path}"), path.read_bytes()
    save_beside(path, 2.0)
    assert path.read_bytes() == text, "only the other file has changed"
    assert model_identity(f"onnx:{path}") not in (before, None)
    (tmp_path / "net.onnx.data").unlink()
    assert model_identity(f"onnx:{path}") is None


def test_a_damaged_file_has_no_identity(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"\x3a\xff")
    assert model_identity(f"onnx:{tmp_path / 'net.onnx'}") is None
