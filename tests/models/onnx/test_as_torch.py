"""ONNX networks in torch: onnxruntime's features, gradients for every weight, and what has no counterpart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audition.errors import InputError, ModelError
from audition.models import open_model
from audition.models.onnx.network import OnnxModel, open_session
from audition.models.trainable import as_trainable
from audition.models.zoo import names

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

OF_ASSETS = [
    "mini_xception_fer_060?size=64&mean=0.5&std=0.5", "mini_xception_gender?size=64&mean=0.5&std=0.5",
    "big_xception_fer_066?size=64&mean=0.5&std=0.5", "mcunet_vww_80?size=80&mean=0.5&std=0.5",
    "mtcnn_onet?size=48&mean=0.5&std=0.5", "mobilenetv1_025_128?size=128&mean=0.5&std=0.5",
    "mobilenetv1_050_160?size=160", "mobilenetv1_075_192?size=192", "resnet20_cifar10?size=32",
    "resnet32_cifar10?size=32", "resnet44_cifar10?size=32", "resnet56_cifar10?size=32",
    "resnet8_cifar10?size=32&mean=0&std=0.00392157", "resnet8_large_cifar10?size=32&mean=0&std=0.00392157",
    "deeplab_mnv2_050_pascal?size=225", "deeplab_mnv2_100_pascal?size=225",
    "deeplab_mnetedgetpu_cityscapes?size=225",
]  # fmt: skip


def same_in_torch(name: str) -> Any:
    """Features and probabilities to 1e-5 of their size, and a gradient for every weight they hang on."""
    model: Any = open_model(name)
    draw = np.random.default_rng(0)
    channels = 1 if model.preprocess.mode == "L" else 3
    size = model.preprocess.size
    sides = (size, size) if isinstance(size, int) else size
    pixels = draw.integers(0, 256, (2, channels, *sides), dtype=np.uint8)
    expected, own = model.forward(pixels), as_trainable(model)
    assert (own.name, own.layers, own.preprocess) == (model.name, model.layers, model.preprocess)
    for _ in range(2):  # the second time with what was kept of the first
        given = own.forward(pixels)
        for layer, features in expected.features.items():
            scale = np.abs(features).max()
            np.testing.assert_allclose(given.features[layer], features, atol=1e-5 * scale, rtol=1e-5)
    if expected.source_probabilities is not None:
        np.testing.assert_allclose(given.source_probabilities, expected.source_probabilities, atol=1e-5)
    last = own.tensors(pixels, [own.layers[-1]])[own.layers[-1]]
    last.square().sum().backward()
    reached = [weight for weight in own.trunk.parameters() if weight.grad is not None]
    assert reached and all(bool(weight.grad.isfinite().all()) for weight in reached)
    return own


@pytest.mark.parametrize("name", names())
def test_every_network_of_the_zoo(name: str) -> None:
    own = same_in_torch(f"zoo:{name}")
    without = [weight for weight in own.trunk.parameters() if weight.grad is None]
    assert sum(weight.ndim for weight in without) in (0, 3)  # the head's matrix and bias, where it has one


@pytest.mark.parametrize("name", OF_ASSETS)
def test_real_networks(name: str, assets: Path) -> None:
    file, _, options = name.partition("?")
    same_in_torch(f"onnx:{assets / 'weights' / file}.onnx?{options}")


def saved(path: Path, nodes: list[Any], weights: dict[str, Any], version: int = 17) -> Path:
    """A network of pictures [n, 3, 8, 8] with the output "features"."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    given = [helper.make_tensor_value_info("input", kind, ["n", 3, 8, 8])]
    gives = [helper.make_tensor_value_info("features", kind, None)]
    tensors = [onnx.numpy_helper.from_array(value, name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "tiny", given, gives, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def node(kind: str, *names: str, **attributes: Any) -> Any:
    *inputs, output = names
    return onnx.helper.make_node(kind, inputs, [output], **attributes)


def whole(*numbers: int) -> Any:
    return np.array(numbers, dtype=np.int64)


SMALL = np.random.default_rng(0).standard_normal((4, 3, 1, 1)).astype(np.float32)
OPERATIONS: dict[str, tuple[int, list[Any], dict[str, Any]]] = {
    "older forms": (
        9,
        [
            node("Pad", "input", "a", pads=[0, 0, 1, 0, 0, 0, 0, 1]),
            node("Clip", "a", "b", min=0.1, max=0.8),
            node("Slice", "b", "c", starts=[1], ends=[9], axes=[2]),
            node("ReduceMean", "c", "d", axes=[2, 3], keepdims=0),
            node("Unsqueeze", "d", "e", axes=[1]),
            node("Squeeze", "e", "f", axes=[1]),
            node("Softmax", "f", "features"),
        ],
        {},
    ),
    "newer forms": (
        18,
        [
            node("ReduceMean", "input", "axes", "a", keepdims=1),
            node("Slice", "input", "start", "end", "axis", "step", "b"),
            node("Sub", "b", "a", "c"),
            node("ReduceMax", "c", "axes", "features", keepdims=0),
        ],
        {"axes": whole(2, 3), "start": whole(-1), "end": whole(-(2**63)), "axis": whole(1), "step": whole(-1)},
    ),
    "activations": (
        17,
        [
            node("LeakyRelu", "input", "a", alpha=0.3),
            node("HardSigmoid", "a", "b"),
            node("HardSwish", "b", "c"),
            node("Elu", "c", "d"),
            node("Tanh", "d", "e"),
            node("Sigmoid", "e", "f"),
            node("Gather", "f", "places", "g", axis=1),
            node("GlobalMaxPool", "g", "h"),
            node("Flatten", "h", "features"),
        ],
        {"places": whole(2, -3)},
    ),
    "strides of a narrow kernel": (
        17,
        [
            node("Conv", "input", "kernel", "a", kernel_shape=[1, 1], strides=[2, 2]),
            node("MaxPool", "a", "b", kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 1, 1]),
            node("AveragePool", "b", "c", kernel_shape=[2, 2], pads=[1, 1, 1, 1]),
            node("GlobalAveragePool", "c", "d"),
            node("Flatten", "d", "features"),
        ],
        {"kernel": SMALL},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations(name: str, tmp_path: Path) -> None:
    version, nodes, weights = OPERATIONS[name]
    path = saved(tmp_path / "net.onnx", nodes, weights, version)
    model: Any = open_model(f"onnx:{path}")
    pixels = np.random.default_rng(0).integers(0, 256, (3, 3, 8, 8), dtype=np.uint8)
    given = as_trainable(model).forward(pixels).features["features"]
    np.testing.assert_allclose(given, model.forward(pixels).features["features"], rtol=1e-5, atol=1e-6)


def test_an_operation_without_a_counterpart_is_named(tmp_path: Path) -> None:
    path = saved(tmp_path / "net.onnx", [node("Hardmax", "input", "features")], {})
    with pytest.raises(
        ModelError, match="has the ONNX operation Hardmax, which has no counterpart in torch here"
    ):
        as_trainable(open_model(f"onnx:{path}"))


def test_a_form_without_a_counterpart_is_named(tmp_path: Path) -> None:
    nodes = [node("MaxPool", "input", "features", kernel_shape=[2, 2], auto_pad="SAME_UPPER")]
    own = as_trainable(open_model(f"onnx:{saved(tmp_path / 'net.onnx', nodes, {})}"))
    with pytest.raises(ModelError, match="the ONNX operation MaxPool with auto_pad=SAME_UPPER, which has no"):
        own.forward(np.zeros((1, 3, 8, 8), dtype=np.uint8))


def test_a_damaged_file_and_one_that_was_not_named(tmp_path: Path) -> None:
    path = saved(tmp_path / "net.onnx", [node("Relu", "input", "features")], {})
    session = open_session(path, "mine")
    with pytest.raises(InputError, match="give OnnxModel its file=... to train it"):
        as_trainable(OnnxModel("mine", session, ("features",)))
    with pytest.raises(ModelError, match="mine cannot be read"):
        as_trainable(OnnxModel("mine", session, ("features",), file=b"no network"))


def test_what_hangs_on_the_shape_may_meet_weights_after_a_pass_without_gradients() -> None:
    own = as_trainable(open_model("zoo:vit-mnist"))
    pixels = np.zeros((2, 3, 32, 32), dtype=np.uint8)
    own.forward(pixels)  # under inference_mode
    own.tensors(pixels, ["features"])["features"].sum().backward()
    own.tensors(pixels, ["features"])["features"].sum().backward()  # no graph was kept of the first
