"""Networks of pixels up to 255: the same answers, and weights that learn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
onnx = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from tuning.coloured import pictures  # noqa: E402

import audition  # noqa: E402
from audition.models import open_model  # noqa: E402
from audition.models.trainable import as_trainable  # noqa: E402
from audition.tuning.networks.body import body_of  # noqa: E402
from audition.tuning.networks.small_pixels import take_small_pixels  # noqa: E402
from audition.tuning.runs.settings import Settings  # noqa: E402

BYTES = np.random.default_rng(0).integers(0, 256, (5, 3, 8, 8), dtype=np.uint8)
UNIT, BYTE = "std=1", f"std={1 / 255!r}"


def written(path: Path, largest: float, *, shared: bool = False) -> Path:
    """Two convolutions of pixels from 0 to `largest`; shared: the pixels themselves are added up beside them."""
    helper, floats = onnx.helper, onnx.TensorProto.FLOAT
    rng = np.random.default_rng(0)
    weights = {
        "first": rng.normal(0, 0.4, (6, 3, 3, 3)) / largest,
        "second": rng.normal(0, 0.2, (6, 6, 3, 3)),
        "bias": rng.normal(0, 0.1, 6),
    }
    nodes = [
        helper.make_node("Conv", ["input", "first", "bias"], ["one"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["one"], ["two"]),
        helper.make_node("Conv", ["two", "second"], ["three"]),
        helper.make_node("ReduceMean", ["three"], ["maps"], axes=[2, 3], keepdims=0),
        helper.make_node("ReduceMax", ["input"], ["pixels"], axes=[2, 3], keepdims=0),
        helper.make_node("Concat", ["maps", *(["pixels"] if shared else [])], ["features"], axis=1),
    ]
    tensors = [
        onnx.numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()
    ]
    width = 9 if shared else 6
    graph = helper.make_graph(
        nodes if shared else [node for node in nodes if "pixels" not in node.output], "tiny",
        [helper.make_tensor_value_info("input", floats, ["batch", 3, 8, 8])],
        [helper.make_tensor_value_info("features", floats, ["batch", width])], tensors,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def opened(path: Path, spread: str) -> Any:
    return open_model(f"onnx:{path}?size=8&mean=0&{spread}", device="cpu")


def features(body: Any) -> Any:
    with torch.no_grad():
        return body(BYTES).numpy()


def test_the_function_is_the_same_to_the_last_digit(tmp_path: Path) -> None:
    model = opened(written(tmp_path / "bytes.onnx", 255), BYTE)
    before = as_trainable(model)
    with torch.no_grad():
        expected = before.tensors(BYTES, ("features",))["features"].numpy()
    body = body_of(model)
    np.testing.assert_array_equal(features(body), expected)
    assert body.model.std == (256 / 255,)
    assert float(body.module.w0.detach().abs().mean()) == pytest.approx(0.4 * 0.8 * 256 / 255, rel=0.1)


def test_usual_pixels_and_pixels_that_go_elsewhere_stay_as_they_are(tmp_path: Path) -> None:
    for path, spread in (
        (written(tmp_path / "usual.onnx", 1), UNIT),
        (written(tmp_path / "shared.onnx", 255, shared=True), BYTE),
    ):
        model = opened(path, spread)
        assert body_of(model).model.std == model.std
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 2))
    own = audition.TorchModel("mine", module, std=(HUGE := 1 / 255,), head=None)
    take_small_pixels(own)
    assert own.std == (HUGE,)  # which of its weights come first nobody knows


def test_it_learns_as_the_same_network_of_pixels_up_to_one(tmp_path: Path) -> None:
    settings = Settings(rate=0.003, epochs=3, batch_size=8)
    losses = [
        audition.tune(
            opened(written(tmp_path / f"{largest}.onnx", largest), spread), pictures(), settings=settings,
            views=1, cache=tmp_path / "cache",
        ).curve.rows[-1].loss
        for largest, spread in ((1, UNIT), (255, BYTE))
    ]  # fmt: skip
    assert losses[1] == pytest.approx(losses[0], rel=0.1)
    assert losses[0] < 0.6


def test_what_was_tuned_is_the_same_from_its_folder(tmp_path: Path) -> None:
    tuned = audition.tune(
        opened(written(tmp_path / "bytes.onnx", 255), BYTE), pictures(), settings=Settings(rate=0.03, epochs=1),
        views=1, out=tmp_path / "tuned", cache=tmp_path / "cache",
    )  # fmt: skip
    images = list(pictures(8, seed=1)[0])
    again = audition.load_tuned(tmp_path / "tuned")
    np.testing.assert_array_equal(again.predict_proba(images), tuned.predict_proba(images))
    tuned.export_onnx(tmp_path / "tuned.onnx")  # which compares the answers
