"""A model over a data set: each item decoded once, each batch run once, each failure one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from audition.data import Dataset, Item, Task, open_dataset
from audition.errors import InputError, ModelError, UnknownNameError
from audition.extraction import Features, choose_layers, decode, extract, run_model
from audition.models import CallableModel, Outputs, open_model
from audition.models.preprocess import AsRow, ResizeImage

Array = np.ndarray[Any, Any]
ROWS = np.arange(21, dtype=np.float64).reshape(7, 3)
LABELS = tuple("abababb")


@dataclass
class Counted:
    """Rows that count how often each is decoded; some cannot be."""

    bad: tuple[int, ...] = ()
    labels: tuple[Any, ...] = LABELS
    task: Task = "classification"
    name: str = "counted"
    kind: Any = "rows"
    seen: Counter[int] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.labels)

    def items(self) -> Iterator[Item]:
        for place, label in enumerate(self.labels):
            yield Item(f"row {place}", label, partial(self._decode, place))

    def _decode(self, place: int) -> Any:
        self.seen[place] += 1
        if place in self.bad:
            raise InputError(f"Cannot read row {place}.")
        return ROWS[place]


@dataclass(frozen=True)
class Scaled:
    """A row times a number, as float32."""

    by: float

    def __call__(self, item: Any) -> Array:
        return np.asarray(item, dtype=np.float32) * np.float32(self.by)


def model(function: Callable[[Any], Any], **others: Any) -> CallableModel:
    return CallableModel("mine", function, "rows", **others)


SUM = model(
    lambda batch: {"a": batch, "b": batch.sum(axis=1, keepdims=True)}, layers=["a", "b"], preprocess=AsRow()
)


def test_every_item_is_decoded_once_for_all_preprocesses() -> None:
    data = Counted()
    decoded = decode(data, [Scaled(1), Scaled(2), Scaled(1)])
    assert isinstance(data, Dataset)
    assert data.seen == Counter(range(7))
    assert list(decoded.arrays) == [Scaled(1), Scaled(2)]
    assert np.array_equal(decoded.arrays[Scaled(1)], ROWS)
    assert np.array_equal(decoded.arrays[Scaled(2)], ROWS * 2)
    assert (decoded.labels, decoded.skipped, decoded.name) == (LABELS, (), "counted")
    assert decoded.seconds > 0


def test_arrays_keep_their_dtype(framework: Callable[[str], ModuleType]) -> None:
    framework("PIL")
    decoded = decode(open_dataset("sklearn:digits"), [ResizeImage(), ResizeImage(8, "L")])
    assert decoded.arrays[ResizeImage()].shape == (1797, 3, 32, 32)
    assert {array.dtype for array in decoded.arrays.values()} == {np.dtype(np.uint8)}


def test_a_bad_item_stops_it() -> None:
    with pytest.raises(InputError, match=r"Cannot read row 2\."):
        decode(Counted(bad=(2,)), [AsRow()])


def test_bad_items_are_skipped_and_named() -> None:
    decoded = decode(Counted(bad=(0, 6)), [AsRow()], skip_bad=True)
    assert decoded.skipped == ("row 0", "row 6")
    assert decoded.labels == LABELS[1:6]
    assert np.array_equal(decoded.arrays[AsRow()], ROWS[1:6])


def test_too_little_left() -> None:
    with pytest.raises(InputError, match=r"'counted' has only class 'b' \(3 items skipped\): at least two"):
        decode(Counted(bad=(0, 2, 4)), [AsRow()], skip_bad=True)
    with pytest.raises(InputError, match=r"No item of 'counted' could be read \(7 skipped\)"):
        decode(Counted(bad=tuple(range(7))), [AsRow()], skip_bad=True)


def test_targets_need_no_classes() -> None:
    decoded = decode(Counted(labels=(0.5,) * 7, task="regression"), [AsRow()])
    assert decoded.task == "regression"


def test_items_of_different_shapes() -> None:
    """Only the models of that preprocess suffer."""
    ragged = Ragged()
    decoded = decode(Counted(), [ragged, AsRow()])
    assert list(decoded.arrays) == [AsRow()]
    assert "'row 1' gives an array of shape (2,)" in decoded.failures[ragged]
    with pytest.raises(ModelError, match="'row 1' gives an array of shape"):
        run_model(CallableModel("ragged", lambda batch: batch, "rows", preprocess=ragged), decoded)


def test_a_preprocess_that_fails() -> None:
    def broken(item: Any) -> Array:
        raise RuntimeError("no such thing")

    decoded = decode(Counted(), [broken, AsRow()])
    assert decoded.failures[broken] == "its preprocess failed on 'row 0': no such thing"
    assert len(decoded.arrays[AsRow()]) == 7


class Ragged:
    """As many numbers as the row's first one says."""

    def __call__(self, item: Any) -> Array:
        return np.zeros(int(item[0]) // 3 + 1)

    def __hash__(self) -> int:
        return 0


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
def test_one_forward_pass_a_batch(batch_size: int) -> None:
    sizes: list[int] = []

    def forward(batch: Array) -> Array:
        sizes.append(len(batch))
        return batch * 2

    features = run_model(model(forward), decode(Counted(), [AsRow()]), batch_size=batch_size)
    assert sum(sizes) == 7
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == min(batch_size, 7)
    assert np.array_equal(features.layers["features"], ROWS * 2)


def test_features_say_where_they_come_from() -> None:
    features = run_model(SUM, decode(Counted(bad=(6,)), [AsRow()], skip_bad=True), layers="all")
    assert isinstance(features, Features)
    assert (features.model, features.data, features.task) == ("mine", "counted", "classification")
    assert (features.labels, features.skipped) == (LABELS[:6], ("row 6",))
    assert {name: values.shape for name, values in features.layers.items()} == {"a": (6, 3), "b": (6, 1)}
    assert all(values.dtype == np.float32 for values in features.layers.values())
    assert features.source_probabilities is None
    assert features.seconds > 0


@pytest.mark.parametrize(
    ("layers", "chosen"),
    [
        (None, ["b"]),
        ("all", ["a", "b"]),
        ("a", ["a"]),
        (["b", "a"], ["a", "b"]),
        (("b", "b"), ["b"]),
    ],
)
def test_layers_come_in_order_of_depth(layers: Any, chosen: list[str]) -> None:
    assert list(choose_layers(SUM, layers)) == chosen
    assert list(run_model(SUM, decode(Counted(), [AsRow()]), layers=layers).layers) == chosen


def test_unknown_and_no_layers() -> None:
    with pytest.raises(UnknownNameError, match=r"There is no layer 'c' of mine\. There are: a, b\."):
        choose_layers(SUM, ["a", "c"])
    with pytest.raises(InputError, match="No layer is asked for"):
        choose_layers(SUM, [])


def test_probabilities_are_kept() -> None:
    def forward(batch: Array) -> Outputs:
        return Outputs({"features": batch}, np.full((len(batch), 4), 0.25))

    features = run_model(model(forward), decode(Counted(), [AsRow()]), batch_size=3)
    assert features.source_probabilities is not None
    assert features.source_probabilities.dtype == np.float32
    assert features.source_probabilities.tolist() == [[0.25] * 4] * 7


@pytest.mark.parametrize(
    "head",
    [
        lambda batch: np.full((len(batch), 4), 0.3),
        lambda batch: np.tile([1.5, -0.5], (len(batch), 1)),
        lambda batch: np.ones((len(batch), 1)) if batch[0, 0] == 0 else None,
    ],
    ids=["sum", "negative", "now and then"],
)
def test_probabilities_that_are_none(head: Callable[[Array], Any]) -> None:
    def forward(batch: Array) -> Outputs:
        return Outputs({"features": batch}, head(batch))

    with pytest.raises(ModelError, match="mine: its source probabilities must be rows that sum to 1"):
        run_model(model(forward), decode(Counted(), [AsRow()]), batch_size=3)


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (lambda batch: batch[:-1], r"its output 'features' is float32 \[6, 3\] where numbers \[7, D\]"),
        (lambda batch: batch[:, 0], r"is float32 \[7\] where numbers \[7, D\] are needed"),
        (lambda batch: batch[:, :0], r"is float32 \[7, 0\]"),
        (lambda batch: batch.astype(str), "where numbers"),
        (lambda batch: batch * np.nan, "holds NaN or infinite values"),
        (lambda batch: batch.astype(np.float64) + 1e300, "holds NaN or infinite values"),
        (lambda batch: {"other": batch}, "its output 'features' is missing"),
        (lambda batch: 1 // 0, r"mine failed on a batch of shape \(7, 3\): integer division"),
    ],
)
def test_outputs_that_cannot_be_used(function: Callable[[Any], Any], sentence: str) -> None:
    with pytest.raises(ModelError, match=f"mine.*{sentence}" if "mine" not in sentence else sentence):
        run_model(model(function), decode(Counted(), [AsRow()]))


def test_widths_that_change_between_batches() -> None:
    changing = model(lambda batch: batch[:, : 1 + int(batch[0, 0] > 0)])
    with pytest.raises(ModelError, match="changes its width from 1 to 2"):
        run_model(changing, decode(Counted(), [AsRow()]), batch_size=3)


def test_errors_of_our_own_pass_as_they_are() -> None:
    def forward(batch: Array) -> Array:
        raise InputError("Said already.")

    with pytest.raises(InputError, match=r"^Said already\.$"):
        run_model(model(forward), decode(Counted(), [AsRow()]))


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, True, "8"])
def test_batch_sizes_that_cannot_be(batch_size: Any) -> None:
    with pytest.raises(InputError, match="'batch_size' parameter must be a positive integer. Got"):
        extract(SUM, Counted(), batch_size=batch_size)


def test_data_that_was_decoded_for_others() -> None:
    with pytest.raises(InputError, match="'counted' was not decoded for mine"):
        run_model(SUM, decode(Counted(), [Scaled(1)]))


def test_kinds_that_do_not_fit_are_told_before_anything_is_decoded() -> None:
    data = Counted(kind="image")
    with pytest.raises(InputError, match="mine takes rows but the data set 'counted' holds images: choose"):
        extract(SUM, data)
    assert not data.seen


def test_a_wrong_layer_is_told_before_anything_is_decoded() -> None:
    data = Counted()
    with pytest.raises(UnknownNameError):
        extract(SUM, data, layers="c")
    assert not data.seen


def test_extract_takes_what_open_dataset_takes() -> None:
    features = extract(SUM, (ROWS, LABELS))
    assert list(features.layers) == ["a", "b"]
    assert np.array_equal(features.layers["b"][:, 0], ROWS.sum(axis=1))


def test_progress_is_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    extract(SUM, Counted(), progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "decode counted" in shown.err
    assert "mine" in shown.err
    extract(SUM, Counted())
    assert capsys.readouterr().err == ""


def test_the_zoo_over_a_folder(tmp_path: Path, framework: Callable[[str], ModuleType]) -> None:
    framework("onnxruntime")
    framework("PIL")
    from PIL import Image

    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (tmp_path / "d" / label).mkdir(parents=True)
        for place in range(3):
            picture = Image.fromarray(rng.integers(0, 256, (40, 20, 3), dtype=np.uint8))
            picture.save(tmp_path / "d" / label / f"{place}.png")
    (tmp_path / "d" / "b" / "bad.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"bad\.png.*--skip-bad"):
        extract("zoo:resnet-mnist", tmp_path / "d")
    features = extract("zoo:resnet-mnist", tmp_path / "d", skip_bad=True)
    assert features.labels == tuple("aaabbb")
    assert [Path(name).name for name in features.skipped] == ["bad.png"]
    assert list(features.layers) == list(open_model("zoo:resnet-mnist").layers)
    assert features.source_probabilities is not None
    features.save(tmp_path / "f.safetensors")
    assert Features.load(tmp_path / "f.safetensors").skipped == features.skipped


def test_batches_do_not_change_what_the_zoo_says(framework: Callable[[str], ModuleType]) -> None:
    framework("onnxruntime")
    framework("PIL")
    images = np.random.default_rng(0).integers(0, 256, (9, 32, 32), dtype=np.uint8)
    data = open_dataset((images, (*LABELS, "a", "b")))
    whole, parts = (extract("zoo:cnn-mnist", data, batch_size=size) for size in (9, 4))
    for layer, values in whole.layers.items():
        np.testing.assert_allclose(parts.layers[layer], values, rtol=1e-3, atol=1e-5)


def test_the_zoo_does_not_take_rows(framework: Callable[[str], ModuleType]) -> None:
    framework("onnxruntime")
    with pytest.raises(
        InputError, match="zoo:resnet-mnist takes images but the data set 'sklearn:iris' holds"
    ):
        extract("zoo:resnet-mnist", "sklearn:iris")


def test_real_photographs(assets: Path, framework: Callable[[str], ModuleType]) -> None:
    framework("onnxruntime")
    features = extract("zoo:cnn-cifar10", assets / "images" / "antsbees" / "train")
    assert features.data == "antsbees/train"
    assert len(features.labels) == len(features.layers["features"]) == 244


def test_the_users_own_warnings_are_left_alone(
    tmp_path: Path, framework: Callable[[str], ModuleType]
) -> None:
    """Decoding threads must not touch the filters of the process."""
    framework("onnxruntime")
    framework("PIL")
    import warnings

    from PIL import Image

    rng = np.random.default_rng(0)
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for place in range(12):
            pixels = rng.integers(0, 256, (40, 20, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / label / f"{place}.png")
    before = list(warnings.filters)
    extract("zoo:cnn-mnist", tmp_path)
    assert warnings.filters == before
    with pytest.warns(UserWarning, match="my own"):
        warnings.warn("my own", stacklevel=1)
