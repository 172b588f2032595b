"""Networks on a device: what they give can stay there, and where it has no room for them they go to the CPU."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import audition
from audition.data.open import open_dataset
from audition.errors import ModelError
from audition.extraction import outputs, run_model
from audition.extraction.batches import Batch, batches, forward_there
from audition.extraction.decode import decode
from audition.models import Model, TorchModel, open_model
from audition.models.openclip.text import ClipText, Tower
from audition.models.placed import NO_ROOM, WEIGHTS, Placed
from audition.models.torch.library import opening_on

torch = pytest.importorskip("torch", reason="torch is not installed")
nn: Any = torch.nn

PIXELS = np.random.default_rng(0).integers(0, 256, (60, 3, 8, 8), dtype=np.uint8)
CLASSES = np.arange(60) % 2
PIXELS[::2, 0] //= 2


class Gpu(str):
    """A device that is the CPU, and says that it is not."""

    type = "gpu"


class Network(nn.Module):  # type: ignore[misc, name-defined]
    """Two blocks and a head. room: how many items its device takes; None where any number fits."""

    def __init__(self, room: int | None = None, roomy: tuple[str, ...] = ("cpu", "cuda", "mps")) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU())
        self.block = nn.Sequential(nn.Conv2d(4, 6, 3), nn.ReLU())
        self.fc = nn.Linear(6, 5)
        self.room, self.roomy, self.passes = room, roomy, list[int]()

    def forward(self, images: Any) -> Any:
        self.passes.append(len(images))
        if self.room is not None and len(images) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return self.fc(self.block(self.stem(images)).mean((2, 3)))

    def to(self, *args: Any, **options: Any) -> Any:
        """The CPU has room for all; a device that is not roomy, not even for the weights."""
        if args and torch.device(args[0]).type not in self.roomy:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 8.00 GiB.")
        if args == ("cpu",):
            self.room = None
        return super().to(*args, **options)


def on_gpu(**options: Any) -> TorchModel:
    model = TorchModel("mine", Network(**options))
    model.device = Gpu("cpu")
    return model


def rows_of(found: list[Batch], layer: str = "features") -> Any:
    return np.concatenate([np.asarray(batch.outputs.features[layer]) for batch in found])


def test_models_of_torch_are_placed() -> None:
    model = TorchModel("mine", Network())
    assert isinstance(model, Placed) and isinstance(model, Model)
    assert model.displaced is None
    assert not isinstance(audition.CallableModel("f", lambda batch: batch, "rows"), Placed)


@pytest.mark.parametrize("layers", [["features"], ["stem"], ["stem", "block", "features"]])
def test_features_that_stay_are_those_that_come(layers: list[str]) -> None:
    model = on_gpu()
    came, stayed = model.forward(PIXELS, layers), model.forward_there(PIXELS, layers)
    assert list(stayed.features) == list(came.features) == layers
    for layer in layers:
        assert torch.is_tensor(stayed.features[layer])
        assert np.array_equal(stayed.features[layer].numpy(), came.features[layer])


TEXTS = ["a fine film", "it is long , very long , and I slept through most of it", "dull", "a joy"] * 20
LAYERS = {"hf": ["layer1", "layer3"], "st": ["features"]}


def check_texts(model: Any, layers: list[str]) -> None:
    """What stays is what comes, before and after the network went to the CPU."""
    texts = np.array(TEXTS, dtype=object)
    came = model.forward(texts, layers)
    for _ in range(2):
        stayed = model.forward_there(texts, layers)
        assert isinstance(model, Placed) and list(stayed.features) == layers
        assert stayed.counted == came.counted and sum(came.counted.values()) == 20
        for layer in layers:
            assert torch.is_tensor(stayed.features[layer])
            np.testing.assert_allclose(stayed.features[layer], came.features[layer], rtol=1e-6, atol=1e-6)
        model.to_cpu(NO_ROOM)
    assert model.displaced == NO_ROOM


@pytest.mark.parametrize("source", LAYERS)
def test_networks_of_texts_leave_their_features_there_too(
    source: str, assets: Path, framework: Callable[[str], ModuleType]
) -> None:
    framework("transformers" if source == "hf" else "sentence_transformers")
    folder = assets / "text" / "models" / "paraphrase-MiniLM-L3-v2_vocab5k"
    check_texts(open_model(f"{source}:{folder}?max_length=8"), LAYERS[source])


def test_so_does_the_tower_of_texts_of_a_clip(framework: Callable[[str], ModuleType]) -> None:
    open_clip: Any = framework("open_clip")
    torch.manual_seed(0)
    module = open_clip.transformer.TextTransformer(context_length=8, width=16, heads=2, layers=2)
    tower = Tower(module, module, 0)
    clip = ClipText("mine", tower, open_clip.tokenizer.SimpleTokenizer(context_length=8), lambda: None)
    check_texts(clip, ["transformer.resblocks.0", "features"])


def test_one_item_that_does_not_fit_moves_the_network_to_the_cpu() -> None:
    model, plain = on_gpu(room=0), TorchModel("mine", Network())
    found = list(batches(model, PIXELS, ["features"], first=3, size=8))
    # As many as were asked for are tried on the CPU, from the same item on.
    assert model.module.passes[:5] == [8, 4, 2, 1, 8]
    assert [batch.start for batch in found] == [3, 11, 19, 27, 35, 43, 51, 59]
    assert np.array_equal(
        rows_of(found), rows_of(list(batches(plain, PIXELS, ["features"], first=3, size=8)))
    )
    assert all(batch.outputs.counted == {NO_ROOM: batch.items} for batch in found)
    assert model.device == torch.device("cpu")


def test_smaller_batches_that_fit_are_said_and_stay() -> None:
    model = on_gpu(room=5)
    found = list(batches(model, PIXELS, ["features"], size=16, forward=forward_there))
    assert {batch.items for batch in found} == {4}
    assert all(torch.is_tensor(batch.outputs.features["features"]) for batch in found)
    (said,) = found[0].outputs.counted
    assert said == "items went through in smaller batches: memory ran out"
    assert model.displaced is None


def test_the_cpu_may_have_no_room_either() -> None:
    model = TorchModel("mine", Network(room=0))
    with pytest.raises(ModelError, match="mine does not fit into memory, not even with one item at a time"):
        list(batches(model, PIXELS, ["features"]))


def test_weights_that_do_not_fit_begin_on_the_cpu() -> None:
    """The device "meta" is real, and has no memory at all."""
    with opening_on("meta"):
        model = TorchModel("mine", Network())
    assert model.device.type == "cpu" and model.displaced == WEIGHTS
    expected = TorchModel("mine", Network()).forward(PIXELS).features["features"]
    (found,) = batches(model, PIXELS, ["features"])
    assert np.array_equal(found.outputs.features["features"], expected)
    assert found.outputs.counted == {WEIGHTS: 60}


def test_weights_that_do_not_fit_the_cpu_either_are_no_fallback() -> None:
    with opening_on("cpu"), pytest.raises(MemoryError, match="8.00 GiB"):
        TorchModel("mine", Network(roomy=()))


@pytest.mark.parametrize(
    ("room", "note"),
    [
        (None, ()),
        (0, ("60 of 60 items ran on the CPU: one did not fit the GPU's memory.",)),
        (9, ("60 of 60 items went through in smaller batches: memory ran out.",)),
    ],
)
def test_a_ranking_has_the_same_scores_and_says_what_happened(
    room: int | None, note: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way with tensors taken for those of a GPU, against the whole way without."""
    data, metrics = (PIXELS.transpose(0, 2, 3, 1), CLASSES), "logme,regularized_h_score,lfc"
    plain = audition.rank([TorchModel("mine", Network())], data, metrics=metrics).best
    monkeypatch.setattr(outputs, "is_elsewhere", torch.is_tensor)
    found = audition.rank([on_gpu(room=room)], data, metrics=metrics, batch_size=16).best
    assert found.notes == note and plain.notes == ()
    for name, score in plain.scores.items():
        assert found.scores[name] == pytest.approx(score, rel=1e-6), name


def test_features_that_are_to_be_kept_come_to_the_cpu() -> None:
    model = on_gpu()
    decoded = decode(open_dataset((PIXELS.transpose(0, 2, 3, 1), CLASSES)), [model.preprocess])
    features = run_model(model, decoded)
    assert isinstance(features.layers["features"], np.ndarray)


@pytest.mark.gpu
def test_a_gpu_ranks_as_the_cpu_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sums alone differ: the features of both are the GPU's."""
    data, metrics = (PIXELS.transpose(0, 2, 3, 1), CLASSES), "logme,regularized_h_score,lfc"
    with opening_on("cuda"):
        model = TorchModel("mine", Network())
    there = audition.rank([model], data, metrics=metrics).best
    monkeypatch.setattr(outputs, "is_elsewhere", lambda _values: False)
    here = audition.rank([model], data, metrics=metrics).best
    for name, score in here.scores.items():
        assert there.scores[name] == pytest.approx(score, rel=1e-6), name


@pytest.mark.gpu
def test_a_gpu_whose_memory_really_runs_out() -> None:
    """A map that no GPU holds sends the network to the CPU."""

    class Huge(Network):
        def forward(self, images: Any) -> Any:
            if images.is_cuda:
                torch.empty(2**50, dtype=torch.uint8, device=images.device)
            return super().forward(images)

    with opening_on("cuda"):
        model = TorchModel("mine", Huge())
    found = list(batches(model, PIXELS, ["features"], size=16))
    assert model.device.type == "cpu" and model.displaced == NO_ROOM
    assert sum(batch.items for batch in found) == 60
